"""Enumerations: their members, values that no document has, and null among them."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import typing

import msgspec
import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_generated.decoding import decode

if typing.TYPE_CHECKING:
    from tests.generation.conftest import Generate


NULLABLE_STAGES = """
Night:
  type: object
  required: [stages]
  properties:
    stages: {type: [array, "null"], items: {$ref: "#/components/schemas/Stage"}}
Stage:
  type: integer
  enum: [-1, 0]
  x-enum-varnames: [ERROR, WAKE]
"""


def test_a_nullable_list_of_enums_holds_members(models_of: Generate) -> None:
    models = models_of(NULLABLE_STAGES)
    assert decode(b'{"stages": [0, -1]}', models.Night).stages == [models.Stage.WAKE, models.Stage.ERROR]
    assert decode(b'{"stages": null}', models.Night).stages is None
    with pytest.raises(msgspec.ValidationError, match=r"\$\.stages\[1\]"):
        decode(b'{"stages": [0, "WAKE"]}', models.Night)


def test_an_unknown_integer_of_an_enum_is_kept(models_of: Generate) -> None:
    models = models_of(NULLABLE_STAGES)
    wake, unknown = decode(b'{"stages": [0, 7]}', models.Night).stages
    assert (unknown, unknown.name, unknown.is_known, wake.is_known) == (7, "UNKNOWN", False, True)
    assert isinstance(unknown, models.Stage)
    assert unknown == models.Stage(7) == pickle.loads(pickle.dumps(unknown)) == copy.deepcopy(unknown)
    assert list(models.Stage) == [models.Stage.ERROR, models.Stage.WAKE]


def test_an_unknown_string_of_an_enum_is_kept(models_of: Generate) -> None:
    models = models_of("""
        Task: {type: object, required: [state], properties: {state: {$ref: "#/components/schemas/State"}}}
        State: {type: string, enum: [done, task.validation-error]}
        """)
    state = decode(b'{"state": "paused"}', models.Task).state
    assert (state, state.value, str(state), state.is_known) == ("paused", "paused", "paused", False)
    assert decode(b'{"state": "task.validation-error"}', models.Task).state is models.State.TASK_VALIDATION_ERROR
    with pytest.raises(msgspec.ValidationError, match="str`, got `int"):
        decode(b'{"state": 3}', models.Task)


@pytest.mark.parametrize(
    ("schema", "known", "unknown"),
    [
        ('{type: [string, "null"], enum: [a, b, null]}', "a", "c"),
        ("{enum: [a, null]}", "a", "c"),
        ('{type: [integer, "null"], enum: [1, 2, null], x-enum-varnames: [ONE, TWO]}', 1, 3),
    ],
    ids=["string", "without type", "integer"],
)
def test_null_may_be_among_the_values(models_of: Generate, schema: str, known: str | int, unknown: str | int) -> None:
    models = models_of(
        f"""
        Own: {schema}
        Thing:
          type: object
          required: [own]
          properties: {{own: {{$ref: "#/components/schemas/Own"}}, more: {schema}}}
        """
    )
    for value in (known, unknown):
        thing = decode(msgspec.json.encode({"own": value, "more": value}), models.Thing)
        assert (thing.own, thing.more) == (value, value)
        assert isinstance(thing.own, models.Own)
        assert thing.own.is_known == thing.more.is_known == (value == known)
    assert decode(b'{"own": null, "more": null}', models.Thing) == models.Thing(own=None, more=None)
    with pytest.raises(msgspec.ValidationError, match=r"\$\.own"):
        decode(b'{"own": [], "more": null}', models.Thing)


def test_null_beside_a_type_without_it_is_not_a_value(models_of: Generate) -> None:
    models = models_of("Thing: {type: object, required: [own], properties: {own: {type: string, enum: [a, null]}}}")
    with pytest.raises(msgspec.ValidationError, match=r"\$\.own"):
        decode(b'{"own": null}', models.Thing)


def test_a_list_may_hold_null_beside_members(models_of: Generate) -> None:
    items = '{type: [string, "null"], enum: [a, null]}'
    models = models_of(
        f"Thing: {{type: object, required: [own], properties: {{own: {{type: array, items: {items}}}}}}}"
    )
    assert decode(b'{"own": ["a", null]}', models.Thing).own == ["a", None]


def test_what_the_values_mean_is_said_by_the_document(models_of: Generate) -> None:
    models = models_of("""
        Taste:
          type: string
          enum: [sweet, so-so]
          x-enumDescriptions:
            sweet: 'It is "sweet".'
            so-so: Nobody can tell.
        """)
    assert [each.sentence for each in models.Taste] == ['It is "sweet".', "Nobody can tell."]
    assert models.Taste("sour").sentence == "The service says sour, which is not documented."


@pytest.mark.parametrize(
    "words",
    ["{sweet: It is sweet.}", "{sour: a, bitter: b}", "[a, b]", "{sweet: a, sour: b, more: c}"],
)
def test_a_value_without_its_sentence_is_refused(models_of: Generate, words: str) -> None:
    with pytest.raises(UsageError, match="one sentence is needed for each value"):
        models_of(f"Taste: {{type: string, enum: [sweet, sour], x-enumDescriptions: {words}}}")


def test_a_time_of_day_is_one(models_of: Generate) -> None:
    models = models_of("""
        Clock: {type: string, format: time-local}
        Nap:
          type: object
          required: [begins, lasts]
          properties:
            begins: {description: When., $ref: "#/components/schemas/Clock"}
            ends: {type: string, format: time-local}
            lasts: {type: string, format: duration}
        """)
    nap = decode(b'{"begins": "13:05:00", "ends": "23:59:59", "lasts": "PT5M"}', models.Nap)
    assert (nap.begins, nap.ends, nap.lasts) == (dt.time(13, 5), dt.time(23, 59, 59), "PT5M")
    assert nap.to_dict() == {"begins": "13:05:00", "ends": "23:59:59", "lasts": "PT5M"}
    for wrong in ("24:00:00", "13:05", "13:05:00Z", "1:05:00"):
        with pytest.raises(msgspec.ValidationError, match=r"\$\.begins"):
            decode(f'{{"begins": "{wrong}", "lasts": ""}}'.encode(), models.Nap)
