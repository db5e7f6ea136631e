"""What one schema admits against another, keyword by keyword."""

from __future__ import annotations

from typing import Any

import pytest

from sleeptalk_contract.diffing.strictness import DIFFERENT, EQUAL, NARROWER, WIDER, Relation, compare, compare_types

NARROWED: list[tuple[Any, Any]] = [
    ({}, {"type": "null"}),
    (True, False),
    ({"type": ["string", "null"]}, {"type": "string"}),
    ({"type": "number"}, {"type": "integer"}),
    ({"enum": [1, 2]}, {"const": 1}),
    ({"enum": [1, 2]}, {"enum": [2]}),
    ({}, {"required": ["a"]}),
    ({"properties": {"a": {}}}, {"properties": {"a": {"type": "null"}}}),
    ({}, {"properties": {"a": {"type": "null"}}}),
    ({"minimum": 0}, {"minimum": 1}),
    ({}, {"maxItems": 3}),
    ({"maximum": 2}, {"maximum": 1}),
    ({"minItems": 1}, {"minItems": 2}),
    ({"items": {"type": "number"}}, {"items": {"type": "integer"}}),
    ({}, {"not": {"type": "null"}}),
    ({"not": {"const": 1}}, {"not": {"enum": [1, 2]}}),
    ({"anyOf": [{"type": "null"}, {"type": "string"}]}, {"anyOf": [{"type": "null"}]}),
    ({"allOf": [{"type": "null"}]}, {"allOf": [{"type": "null"}, {"minimum": 1}]}),
    ({}, {"pattern": "^a"}),
]


@pytest.mark.parametrize(("wide", "narrow"), NARROWED)
def test_a_narrower_schema_is_seen_from_both_sides(wide: Any, narrow: Any) -> None:
    assert compare(wide, narrow) == NARROWER
    assert compare(narrow, wide) == WIDER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string"}, {"type": "string", "description": "In other words."}),
        ({"enum": [1, 2]}, {"enum": [2, 1]}),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({}, {"properties": {"a": {}}}),
        ({"x-rule": "a"}, {"x-rule": "b"}),
    ],
)
def test_schemas_that_admit_the_same_are_equal(old: Any, new: Any) -> None:
    assert compare(old, new) == EQUAL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"pattern": "^a"}, {"pattern": "^b"}),
        ({"enum": [1, 2]}, {"enum": [2, 3]}),
        ({"required": ["a"]}, {"required": ["b"]}),
        ({"minimum": 0, "maximum": 9}, {"minimum": 1, "maximum": 10}),
    ],
)
def test_what_admits_less_and_more_is_different(old: Any, new: Any) -> None:
    assert compare(old, new) == DIFFERENT


@pytest.mark.parametrize(
    ("old", "new", "relation"),
    [
        ("float", "float | None", WIDER),
        ("float | None", "float", NARROWER),
        ("int", "float", WIDER),
        ("float", "int", NARROWER),
        ("int | None", "float | None", WIDER),
        ("list[SleepStage]", "list[SleepStage | None]", WIDER),
        ("dict[str, int]", "dict[str, int | str]", WIDER),
        ("list[A] | None", "list[A]", NARROWER),
        ("A", "B", DIFFERENT),
        ("A | B", "B | A", EQUAL),
        ("A | None", "B", Relation(less=True, more=True)),
    ],
)
def test_types_compare_by_the_values_that_they_hold(old: str, new: str, relation: Relation) -> None:
    assert compare_types(old, new) == relation
