"""What a few lines of a document become, and what msgspec makes of bodies with it."""

from __future__ import annotations

import datetime as dt
import importlib
import typing
import uuid

import attrs
import msgspec
import pytest

from sleeptalk_generated.decoding import decode
from tests.generation.conftest import NULLABLE_OBJECT, OPTIONAL, document

if typing.TYPE_CHECKING:
    from tests.generation.conftest import Generate


def test_a_nullable_object_is_the_object_or_none(models_of: Generate) -> None:
    models = models_of(NULLABLE_OBJECT)
    assert decode(b'{"stat": {"ratio": 0.5}}', models.Night) == models.Night(stat=models.Stat(ratio=0.5))
    assert decode(b'{"stat": null}', models.Night).stat is None


def test_a_malformed_nullable_object_is_refused_with_its_path(models_of: Generate) -> None:
    models = models_of(NULLABLE_OBJECT)
    with pytest.raises(msgspec.ValidationError, match=r"ratio` - at `\$\.stat`"):
        decode(b'{"stat": {"ratios": 0.5}}', models.Night)
    with pytest.raises(msgspec.ValidationError, match=r"float`, got `str` - at `\$\.stat\.ratio`"):
        decode(b'{"stat": {"ratio": "0.5"}}', models.Night)


def test_a_union_of_scalars_keeps_the_type_of_the_value(models_of: Generate) -> None:
    models = models_of("""
        Value:
          type: object
          required: [value]
          properties:
            value: {anyOf: [{type: string}, {type: integer}, {type: number}, {type: boolean}]}
        """)
    for raw, value in {b'"1"': "1", b"1": 1, b"1.5": 1.5, b"true": True}.items():
        found = decode(b'{"value": %b}' % raw, models.Value).value
        assert (found, type(found)) == (value, type(value))
    with pytest.raises(msgspec.ValidationError, match=r"\$\.value"):
        decode(b'{"value": null}', models.Value)


def test_a_mapping_of_a_union_is_a_plain_dict(models_of: Generate) -> None:
    models = models_of("""
        Detail:
          type: object
          required: [context]
          properties: {context: {$ref: "#/components/schemas/Context"}}
        Context:
          type: object
          additionalProperties: {anyOf: [{type: string}, {type: array, items: {type: integer}}]}
        """)
    assert models.Context == dict[str, str | list[int]]
    assert decode(b'{"context": {"a": "b", "c": [1]}}', models.Detail).context == {"a": "b", "c": [1]}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.context\[\.\.\.\]\[0\]"):
        decode(b'{"context": {"c": ["1"]}}', models.Detail)


def test_a_constant_is_a_literal(models_of: Generate) -> None:
    models = models_of(r"""
        Event:
          type: object
          required: [event, quoted]
          properties:
            event: {type: string, const: DONE}
            quoted: {const: "a \"b\" \\ c"}
        """)
    assert typing.get_type_hints(models.Event)["event"] == typing.Literal["DONE"]
    assert decode(b'{"event": "DONE", "quoted": "a \\"b\\" \\\\ c"}', models.Event).quoted == 'a "b" \\ c'
    with pytest.raises(msgspec.ValidationError, match=r"\$\.event"):
        decode(b'{"event": "OPEN", "quoted": "a \\"b\\" \\\\ c"}', models.Event)


def test_missing_is_not_null(models_of: Generate) -> None:
    task = models_of(OPTIONAL).Task
    assert decode(b'{"id": "a"}', task).error is msgspec.UNSET
    assert decode(b'{"id": "a", "error": null}', task).error is None
    assert msgspec.json.encode(decode(b'{"id": "a"}', task)) == b'{"id":"a"}'
    with pytest.raises(msgspec.ValidationError, match="missing required field `id`"):
        decode(b"{}", task)


def test_an_undocumented_field_is_ignored(models_of: Generate) -> None:
    assert decode(b'{"id": "a", "new": [1]}', models_of(OPTIONAL).Task).id == "a"


def test_wire_names_are_kept(models_of: Generate) -> None:
    models = models_of("""
        Error: {type: object, required: [type, id], properties: {type: {type: string}, id: {type: string}}}
        """)
    assert [field.name for field in attrs.fields(models.Error)] == ["type", "id"]


def test_fields_follow_the_order_of_the_document(models_of: Generate) -> None:
    models = models_of("""
        Mixed:
          type: object
          required: [c]
          properties: {b: {type: string}, c: {type: string}, a: {type: string}}
        """)
    assert [field.name for field in attrs.fields(models.Mixed)] == ["b", "c", "a"]


NUMBERS = """
Numbers:
  type: object
  required: [whole, real]
  properties: {whole: {type: integer}, real: {type: number}}
"""


@pytest.mark.parametrize("whole", [b"true", b'"3"', b"3.5", b"null", b"[3]"])
def test_only_a_whole_number_is_an_integer(models_of: Generate, whole: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.whole"):
        decode(b'{"whole": %b, "real": 1}' % whole, models_of(NUMBERS).Numbers)


def test_a_whole_number_may_be_written_with_a_fraction(models_of: Generate) -> None:
    found = decode(b'{"whole": 34.0, "real": 34}', models_of(NUMBERS).Numbers)
    assert (found.whole, type(found.whole), found.real, type(found.real)) == (34, int, 34.0, float)


def test_a_boolean_is_not_a_number(models_of: Generate) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.real"):
        decode(b'{"whole": 1, "real": true}', models_of(NUMBERS).Numbers)


FORMATS = """
Formats:
  type: object
  required: [at, id]
  properties: {at: {type: string, format: date-time}, id: {type: string, format: uuid}}
"""


def test_dates_and_ids_have_their_own_types(models_of: Generate) -> None:
    found = decode(
        b'{"at": "2022-08-01T01:31:17+09:00", "id": "123e4567-e89b-12d3-a456-426614174000"}', models_of(FORMATS).Formats
    )
    assert found.at == dt.datetime.fromisoformat("2022-08-01T01:31:17+09:00")
    assert found.at.utcoffset() == dt.timedelta(hours=9)
    assert found.id == uuid.UUID("123e4567-e89b-12d3-a456-426614174000")


def test_a_date_without_an_offset_is_refused(models_of: Generate) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"timezone component - at `\$\.at`"):
        decode(
            b'{"at": "2022-08-01T01:31:17", "id": "123e4567-e89b-12d3-a456-426614174000"}', models_of(FORMATS).Formats
        )


def test_an_empty_object_is_dropped_from_a_union(models_of: Generate) -> None:
    models = models_of("""
        Task:
          type: object
          properties:
            result:
              anyOf:
                - $ref: "#/components/schemas/Result"
                - $ref: "#/components/schemas/NotPopulated"
                - type: "null"
        Result: {type: object, required: [n], properties: {n: {type: integer}}}
        NotPopulated: {type: object, maxProperties: 0}
        """)
    assert models.__all__ == ["Result", "Task"]
    assert typing.get_type_hints(models.Task)["result"] == models.Result | None | msgspec.UnsetType


def test_a_list_of_null_fields_is_a_set_of_names(package_of: Generate) -> None:
    lines = document("""
        Night: {type: object, required: [rem, deep], properties: {rem: {type: [number, "null"]}, deep: {type: number}}}
        NullWithoutRem:
          description: What is null without REM sleep.
          x-null-rule: night.rem-null
          type: object
          properties: {rem_ratio: {type: "null"}, rem: {type: "null"}}
        """)
    package = f"{package_of(lines).__name__}.service"
    nulls = importlib.import_module(f"{package}.nulls")
    assert sorted(nulls.NULL_WITHOUT_REM) == ["rem", "rem_ratio"]
    assert importlib.import_module(f"{package}.models").__all__ == ["Night"]


def test_a_named_union_of_objects_is_an_alias(models_of: Generate) -> None:
    models = models_of("""
        Callback: {oneOf: [{$ref: "#/components/schemas/Window"}, {$ref: "#/components/schemas/Whole"}]}
        Window: {type: object, required: [a], properties: {a: {type: integer}}}
        Whole: {type: object, required: [b], properties: {b: {type: integer}}}
        """)
    assert models.Callback == models.Window | models.Whole
    assert decode(b'{"a": 1}', models.Window).a == 1
    assert decode(b'{"b": 2}', models.Whole).b == 2


def test_conditional_rules_leave_the_class_alone(models_of: Generate) -> None:
    models = models_of("""
        Session:
          type: object
          required: [state]
          properties: {state: {type: string}, end: {type: [string, "null"]}}
          allOf:
            - x-rule: session.some-rule
              title: a title
              if: {properties: {state: {const: OPEN}}}
              then: {properties: {end: {type: "null"}}}
        """)
    assert [field.name for field in attrs.fields(models.Session)] == ["state", "end"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"{", b"[" * 100_000, b'{"id": ' * 2_000, b'{"id": "\xff"}', b'{"id": NaN}', b'{"id": "\\ud800"}'],
    ids=["empty", "not UTF-8", "truncated", "deep", "deep objects", "bad string", "NaN", "surrogate"],
)
def test_hostile_bytes_raise_nothing_but_decode_errors(models_of: Generate, content: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(content, models_of(OPTIONAL).Task)


def test_a_body_that_is_nested_too_deeply_is_refused(models_of: Generate) -> None:
    with pytest.raises(msgspec.ValidationError, match="nested too deeply"):
        decode(b'{"id": "a", "new": ' + b"[" * 100_000, models_of(OPTIONAL).Task)
