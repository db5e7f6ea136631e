"""Schemas and patterns in two notations: which are one, and which only look like it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleeptalk_contract.diffing.equality import admit_the_same
from sleeptalk_contract.diffing.patterns import same_pattern
from sleeptalk_contract.diffing.strictness import DIFFERENT, EQUAL, compare

NULL = {"type": "null"}
ROOT = {"components": {"schemas": {"Text": {"type": "string"}, "Nothing": {"type": ["integer", "null"]}}}}
TEXT, NOTHING = ({"$ref": f"#/components/schemas/{name}"} for name in ("Text", "Nothing"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("^[0-9]$", r"^\d$", True),
        ("^(?:a|b)$", "^[ab]$", True),
        ("^a|b$", "^(?:a|b)$", False),
        ("a+", "a", True),  # a part of the text is enough
        ("^a+$", "^aa*$", True),
        ("^a+$", "^a*$", False),
        ("^a{2,3}?$", "^aaa?$", True),
        ("^[A-Z]{1,64}$", "^[A-Z][A-Z]{0,63}$", True),
        ("^[A-Z]{1,64}$", "^[A-Z][A-Z]{0,64}$", False),
        (r"^\x41\u0042\.$", "^AB[.]$", True),
        (r"^[^\D]$", r"^\d$", True),
        ("^.$", r"^[^\n\r\u2028\u2029]$", True),
        ("^.$", r"^[\s\S]$", False),
        ("a", r"^[\s\S]*a", True),
        ("^[a-]$", r"^(-|a)$", True),
        (r"^[\w-]+$", "^[-0-9A-Z_a-z]+$", True),
        # what is not understood is equal only as it stands
        ("^(?=a)", "^(?=a)", True),
        ("^(?=a)a$", "^a$", False),
        (r"\ba", "a", False),
        ("(", "(?:", False),
        ("^a{0,200}$", "^a{0,199}a?$", True),
        ("a)", "a", False),
        ("a*^", "a", False),
        ("^*a", "a", False),
        ("*a", "a", False),
        ("[b-a]", "[^a]", False),
        ("[a", "a", False),
        (r"\xZZ", "xZZ", False),
        (r"\p", "p", False),
        ("^(^a)", "^a", False),
        (r"^[\b\0\t]$", r"^[\x00\x08\x09]$", True),
        ("^a{2000}$", "^a{1999}a$", False),  # too large
        ("(" * 5000 + ")" * 5000, "", False),
        ("^(?:a|b)*a(?:a|b){12}$", "^[ab]*a[ab]{12}$", False),  # too many sets of states
    ],
)
def test_patterns_are_equal_that_match_the_same_texts(one: str, other: str, same: bool) -> None:
    assert same_pattern(one, other) is same
    assert same_pattern(other, one) is same


PARTS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", "."]),
    lambda part: st.one_of(
        st.tuples(part, part).map("".join),
        st.tuples(part, part).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(part, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=4,
)


@given(PARTS, PARTS)
def test_patterns_are_not_equal_that_python_tells_apart(one: str, other: str) -> None:
    texts = [
        "",
        *(a for a in "abc"),
        *(a + b for a in "abc" for b in "abc"),
        "aab",
        "aba",
        "abb",
        "bbb",
        "aaaa",
        "abab",
    ]
    apart = any((re.fullmatch(one, text) is None) != (re.fullmatch(other, text) is None) for text in texts)
    assert not (apart and same_pattern(f"^(?:{one})$", f"^(?:{other})$"))
    assert same_pattern(f"^(?:{one})$", f"^(?:(?:{one})|{one})$")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"anyOf": [TEXT, NULL]}, {"oneOf": [TEXT, NULL]}),
        ({"anyOf": [TEXT, NULL]}, {"oneOf": [NULL, TEXT]}),
        ({"anyOf": [{"type": "integer", "minimum": 0}, NULL]}, {"type": ["integer", "null"], "minimum": 0}),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, NULL]}, {"type": ["string", "null"], "enum": ["a", None]}),
        (
            {"anyOf": [{"type": "object", "required": ["a"]}, {"type": "object", "maxProperties": 0}]},
            {"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "maxProperties": 0}]},
        ),
        ({"type": ["integer", "number"]}, {"type": "number"}),
        ({"const": 1}, {"enum": [1]}),
        ({"items": {"pattern": "^[0-9]"}}, {"items": {"pattern": r"^\d"}}),
        ({"oneOf": [{"const": 1}, {"type": "string"}]}, {"anyOf": [{"enum": [1]}, {"type": "string"}]}),
    ],
)
def test_schemas_are_equal_in_two_notations(one: Any, other: Any) -> None:
    assert admit_the_same(one, other, ROOT)
    assert admit_the_same(other, one, ROOT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"anyOf": [NOTHING, NULL]}, {"oneOf": [NOTHING, NULL]}),  # null is of both branches
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, {"oneOf": [{"type": "integer"}, {"type": "number"}]}),
        (
            {"anyOf": [{"type": "object", "required": ["a"]}, {"type": "object", "maxProperties": 1}]},
            {"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "maxProperties": 1}]},
        ),
        ({"anyOf": [{"$ref": "#/gone"}, NULL]}, {"oneOf": [{"$ref": "#/gone"}, NULL]}),
        ({"anyOf": [{"type": "string", "not": NULL}, NULL]}, {"type": ["string", "null"], "not": NULL}),
        ({"anyOf": [{"minimum": 1}, NULL]}, {"oneOf": [{"minimum": 1}, NULL]}),  # null has no minimum to break
        ({"anyOf": [True, NULL]}, {"oneOf": [True, NULL]}),
        ({"enum": [1]}, {"enum": [True]}),
        ({"type": "string", "description": "a"}, {"type": "string", "description": "b"}),
        ({"pattern": "a"}, {"pattern": "b"}),
        ({"anyOf": [{"type": "integer"}]}, {"anyOf": [{"type": "integer"}, NULL]}),
    ],
)
def test_schemas_are_not_equal_where_a_value_or_a_word_differs(one: Any, other: Any) -> None:
    assert not admit_the_same(one, other, ROOT)
    assert not admit_the_same(other, one, ROOT)


def test_conditions_are_compared_by_what_they_admit() -> None:
    integer = {"type": "integer"}
    assert compare({"anyOf": [integer, NULL], "minimum": 0}, {"oneOf": [integer, NULL], "minimum": 0}) == EQUAL
    assert compare({"pattern": "^[0-9]", "required": ["a"]}, {"pattern": r"^\d", "required": ["a"]}) == EQUAL
    assert compare({"pattern": "^[0-9]"}, {"pattern": "^[0-8]"}) == DIFFERENT
