"""What the generated classes are to a program: immutable, comparable, open to subclasses, known to attrs."""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import typing
import uuid
import weakref

import attrs
import msgspec
import pytest

from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia import models
from tests.generation.conftest import NULLABLE_OBJECT, OPTIONAL

if typing.TYPE_CHECKING:
    from tests.generation.conftest import Generate


def test_objects_cannot_be_changed_by_accident(models_of: Generate) -> None:
    task = decode(b'{"id": "a"}', models_of(OPTIONAL).Task)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        task.id = "b"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del task.id


def test_a_class_can_be_subclassed_with_attrs(models_of: Generate) -> None:
    models = models_of(OPTIONAL)

    @attrs.define(frozen=True, kw_only=True)
    class Own(models.Task):  # type: ignore[misc, name-defined]
        priority: int = attrs.field(default=1)

    assert [field.name for field in attrs.fields(Own)] == ["id", "error", "priority"]
    assert [field.inherited for field in attrs.fields(Own)] == [True, True, False]
    own = decode(b'{"id": "a", "priority": 2}', Own)
    assert (own, type(own), isinstance(own, models.Task)) == (Own(id="a", priority=2), Own, True)
    assert attrs.asdict(attrs.evolve(own, error=None)) == {"id": "a", "error": None, "priority": 2}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        own.priority = 3


def test_validators_and_converters_of_a_subclass_run(models_of: Generate) -> None:
    @attrs.define(frozen=True, kw_only=True)
    class Own(models_of(OPTIONAL).Task):  # type: ignore[misc]
        priority: int = attrs.field(default="1", converter=int, validator=attrs.validators.ge(0))

    assert Own(id="a").priority == 1
    assert Own(id="a", priority="2").priority == 2
    with pytest.raises(ValueError, match="'priority' must be >= 0: -1"):
        Own(id="a", priority=-1)
    with pytest.raises(msgspec.ValidationError, match="'priority' must be >= 0: -1"):
        decode(b'{"id": "a", "priority": -1}', Own)


def test_a_class_can_stand_beside_another_base(models_of: Generate) -> None:
    class Noted:
        __slots__ = ()

        def note(self) -> str:
            return f"note on {self.id}"  # type: ignore[attr-defined]

    @attrs.define(frozen=True, kw_only=True)
    class Own(Noted, models_of(OPTIONAL).Task):  # type: ignore[misc]
        pass

    assert decode(b'{"id": "a"}', Own).note() == "note on a"


def test_objects_can_be_referred_to_weakly(models_of: Generate) -> None:
    task = decode(b'{"id": "a"}', models_of(OPTIONAL).Task)
    reference = weakref.ref(task)
    assert reference() is task
    del task
    gc.collect()
    assert reference() is None


def test_a_constructor_takes_every_field_by_name(models_of: Generate) -> None:
    kind = models_of(OPTIONAL).Task
    parameters = inspect.signature(kind).parameters.values()
    assert [(parameter.name, parameter.kind) for parameter in parameters] == [
        ("id", inspect.Parameter.KEYWORD_ONLY),
        ("error", inspect.Parameter.KEYWORD_ONLY),
    ]
    assert inspect.get_annotations(kind, eval_str=True) == {"id": str, "error": str | None | msgspec.UnsetType}
    assert repr(kind(id="a", error=None)) == "Task(id='a', error=None)"
    with pytest.raises(TypeError):
        kind("a")


@pytest.mark.skipif(not hasattr(attrs, "inspect"), reason="attrs has inspect since 25.4")
def test_attrs_knows_how_a_class_was_made(models_of: Generate) -> None:
    made = attrs.inspect(models_of(OPTIONAL).Task)
    assert (made.is_frozen, made.is_slotted, made.has_weakref_slot, made.added_init) == (True, True, True, True)


def test_objects_survive_pickling_and_copying() -> None:
    task = models.Task(task_id=uuid.UUID(int=1), state=models.TaskState.DONE)
    assert pickle.loads(pickle.dumps(task)) == copy.copy(task) == copy.deepcopy(task) == task


def test_attrs_knows_the_classes(models_of: Generate) -> None:
    models = models_of(NULLABLE_OBJECT)
    night = decode(b'{"stat": {"ratio": 0.5}}', models.Night)
    assert attrs.has(models.Night)
    assert attrs.asdict(night) == {"stat": {"ratio": 0.5}}
    assert attrs.evolve(night, stat=None) == models.Night(stat=None)
    assert attrs.fields(attrs.resolve_types(models.Night)).stat.type == models.Stat | None


def test_attrs_knows_what_may_be_missing(models_of: Generate) -> None:
    task = attrs.fields(models_of(OPTIONAL).Task)
    assert (task.id.default, task.error.default) == (attrs.NOTHING, msgspec.UNSET)


def test_objects_are_compared_and_hashed_by_value(models_of: Generate) -> None:
    kind = models_of(OPTIONAL).Task
    task, same, other = (decode(body, kind) for body in (b'{"id": "a"}', b'{"id": "a"}', b'{"id": "b"}'))
    assert task == same != other
    assert len({task, same, other}) == 2


def test_an_unknown_name_of_a_model_is_an_attribute_error(models_of: Generate) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = models_of(OPTIONAL).Nothing
