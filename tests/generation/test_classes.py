"""What the generated classes are to a program: immutable, comparable, open to subclasses, known to attrs."""

from __future__ import annotations

import copy
import gc
import inspect
import json
import pickle
import typing
import uuid
import weakref

import attrs
import msgspec
import pydantic
import pytest

from sleeptalk_contract.contract.usage import UsageError
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


WIRE = """
Event:
  type: object
  required: [id, at, stages, inner]
  properties:
    id: {type: string, format: uuid}
    at: {type: string, format: date-time}
    day: {type: string, format: date}
    note: {type: [string, "null"]}
    ratio: {type: number}
    stages: {type: array, items: {$ref: "#/components/schemas/Stage"}}
    inner: {$ref: "#/components/schemas/Inner"}
Inner:
  type: object
  required: [times, free]
  properties:
    times: {type: array, items: {type: string, format: date-time}}
    free: {}
Stage: {type: integer, enum: [0, 1], x-enum-varnames: [WAKE, SLEEP]}
"""

EVENT = {
    "id": "123e4567-e89b-12d3-a456-426614174000",
    "at": "2024-03-09T22:00:00+00:00",
    "stages": [0, 1, 9, 0, 1, 0, 1, 1],
    "inner": {"times": ["2024-03-09T22:00:00-05:00"], "free": {"a": [1, None, {"b": "수면"}]}},
}


@pytest.mark.parametrize("more", [{}, {"note": None}, {"note": "x", "day": "2024-02-29", "ratio": 0.25}])
def test_the_wire_form_is_what_was_read(models_of: Generate, more: dict[str, object]) -> None:
    kind = models_of(WIRE).Event
    body = {**EVENT, **more}
    event = kind.from_dict(body)
    assert event.to_dict() == json.loads(event.to_json()) == body
    assert kind.from_json(event.to_json()) == kind.from_json(event.to_json().encode()) == event
    assert pydantic.TypeAdapter(kind).dump_python(event) == body
    assert pydantic.TypeAdapter(kind).validate_json(event.to_json()) == event


def test_what_does_not_fit_is_a_value_error_with_its_path(models_of: Generate) -> None:
    kind = models_of(WIRE).Event
    for body in ({**EVENT, "at": "2024-03-09T22:00:00"}, {**EVENT, "at": 7}):
        with pytest.raises(ValueError, match=r"\$\.at"):
            kind.from_dict(body)
    with pytest.raises(ValueError, match="not the wire form of Event"):
        kind.from_dict({**EVENT, "at": object()})
    with pytest.raises(ValueError, match=r"malformed|truncated"):
        kind.from_json("{")


def test_a_long_list_is_shown_shortly_and_a_member_by_its_name(models_of: Generate) -> None:
    shown = repr(models_of(WIRE).Event.from_dict(EVENT))
    assert shown.startswith("Event(id=UUID(")
    assert "stages=[WAKE, SLEEP, UNKNOWN(9), WAKE, ... 4 more]" in shown
    assert "note=UNSET" in shown


@pytest.mark.parametrize("name", ["to_json", "from_dict"])
def test_a_property_cannot_take_the_place_of_a_method(models_of: Generate, name: str) -> None:
    with pytest.raises(UsageError, match="has another meaning in generated code"):
        models_of(OPTIONAL.replace("error:", f"{name}:"))
