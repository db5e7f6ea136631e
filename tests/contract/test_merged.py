"""Schemas with the objects of their `allOf` written into them."""

import pytest

from sleeptalk_contract.contract.pointer import described_schemas, merged

SHARED = {
    "x-rule": "shape",
    "type": "object",
    "required": ["ratio"],
    "properties": {"ratio": {"x-rule": "ratio-values", "type": "number"}, "name": {"type": "string"}},
    "allOf": [{"x-rule": "name-or-ratio", "if": {"required": ["name"]}, "then": True}],
}
USER = {
    "x-rule": "callback.shape",
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "name": {"const": "mine"}},
    "allOf": [{"x-rule": "callback.own", "if": True, "then": True}, {"$ref": "#/components/schemas/Shared"}],
}
NULLS = {"x-null-rule": "name-or-ratio", "properties": {"name": {"type": "null"}}}
ROOT = {"components": {"schemas": {"Shared": SHARED, "User": USER, "Nulls": NULLS}}}


def test_a_part_is_written_into_its_user_with_the_rules_of_the_users_group() -> None:
    whole = merged(ROOT, USER)
    assert list(whole["properties"]) == ["id", "name", "ratio"]
    assert whole["properties"]["name"] == {"const": "mine"}
    assert whole["properties"]["ratio"] == {"x-rule": "callback.ratio-values", "type": "number"}
    assert whole["required"] == ["id", "ratio"]
    assert [entry["x-rule"] for entry in whole["allOf"]] == ["callback.own", "callback.name-or-ratio"]


def test_what_has_no_parts_stays_as_it_is() -> None:
    assert merged(ROOT, SHARED) is SHARED
    scalar = {"allOf": [{"$ref": "#/components/schemas/Nulls/properties/name"}]}
    assert merged(ROOT, scalar) is scalar


def test_lists_of_nulls_describe_no_value() -> None:
    assert list(described_schemas(ROOT)) == ["Shared", "User"]


def test_a_part_of_itself_is_an_error() -> None:
    circle = {"properties": {}, "allOf": [{"$ref": "#/components/schemas/Circle"}]}
    with pytest.raises(LookupError, match="#/components/schemas/Circle leads back to itself"):
        merged({"components": {"schemas": {"Circle": circle}}}, circle)
