"""What holds of every schema: bounds, descriptions, rule ids, one order of keys, no scalar that readers disagree on."""

import re
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from .conftest import DOCUMENTS, ROOT, nodes, read

SCHEMA_KEYS = [
    "title",
    "description",
    "x-rule",
    "x-null-rule",
    "type",
    "const",
    "format",
    "contentMediaType",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "x-fuzzing-bounds",
    "minItems",
    "maxItems",
    "maxProperties",
    "enum",
    "x-enum-varnames",
    "x-enumDescriptions",
    "default",
    "examples",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "$ref",
    "anyOf",
    "if",
    "then",
    "not",
    "contains",
    "minProperties",
    "allOf",
    "oneOf",
    "discriminator",
]


def schemas(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every schema that describes a value: the named ones and what hangs below them, conditions left out."""
    found = []
    for pointer, node in nodes(document):
        parts = pointer.split("/")
        in_schema = parts[:3] == ["", "components", "schemas"] or "schema" in parts
        conditional = any(word in parts for word in ("if", "then", "allOf", "examples", "mapping"))
        says = isinstance(node, dict) and ({"type", "const", "enum"} & node.keys()) and parts[-1] != "properties"
        if in_schema and not conditional and says:
            found.append((pointer, node))
    return found


def unbounded(schema: dict[str, Any]) -> list[str]:
    """What a schema leaves open: a string without form or length, a list without length, a number without limits."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if {"const", "enum", "contentMediaType"} & schema.keys():  # how large a file may be is a provider's own
        return []
    missing = []
    if "string" in types and not ({"pattern", "maxLength"} & schema.keys()):
        missing.append("string: pattern or maxLength")
    if "array" in types and "maxItems" not in schema:
        missing.append("array: maxItems")
    if {"integer", "number"} & set(types):
        if not ({"minimum", "exclusiveMinimum"} & schema.keys()):
            missing.append("number: minimum")
        if not ({"maximum", "exclusiveMaximum"} & schema.keys()):
            missing.append("number: maximum")
    if "object" in types and "additionalProperties" in schema and "maxProperties" not in schema:
        missing.append("map: maxProperties")
    return missing


def test_the_documents_are_valid_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1.")


def test_the_documents_are_self_contained(document: dict[str, Any]) -> None:
    references = [node["$ref"] for _, node in nodes(document) if isinstance(node, dict) and "$ref" in node]
    assert [reference for reference in references if not reference.startswith("#/components/")] == []


def test_every_schema_has_bounds(document: dict[str, Any]) -> None:
    assert {pointer: unbounded(schema) for pointer, schema in schemas(document) if unbounded(schema)} == {}


@pytest.mark.parametrize(
    "schema", [{"type": "string"}, {"type": ["array", "null"]}, {"type": "integer", "minimum": 0}, {"type": "number"}]
)
def test_a_schema_without_bounds_would_be_named(schema: dict[str, Any]) -> None:
    assert unbounded(schema) != []


def test_every_property_has_a_description(document: dict[str, Any]) -> None:
    undescribed = [
        f"{pointer}/{name}"
        for pointer, node in nodes(document)
        if pointer.endswith("/properties") and not any(word in pointer.split("/") for word in ("if", "then", "allOf"))
        if not pointer.startswith("/components/schemas/Null")
        for name, schema in node.items()
        if not schema.get("description")
    ]
    assert undescribed == []


def test_the_keys_of_every_schema_come_in_one_order(document: dict[str, Any]) -> None:
    disordered = []
    for pointer, schema in schemas(document):
        known = [key for key in schema if key in SCHEMA_KEYS]
        assert set(schema) <= set(SCHEMA_KEYS), (pointer, set(schema) - set(SCHEMA_KEYS))
        if known != sorted(known, key=SCHEMA_KEYS.index):
            disordered.append((pointer, known))
    assert disordered == []


def test_a_conditional_rule_stands_inline_with_its_description(document: dict[str, Any]) -> None:
    for pointer, node in nodes(document):
        if isinstance(node, dict) and "if" in node and "/properties/" not in pointer[-12:]:
            assert list(node) == ["x-rule", "description", "if", "then"], pointer


def test_the_statistics_of_a_session_and_of_a_callback_are_one_schema() -> None:
    named = read("asleep")["components"]["schemas"]
    assert len(named["Stat"]["properties"]) == len(named["Stat"]["required"]) == 23
    assert named["SleepData"]["allOf"][0] == {"$ref": "#/components/schemas/Stat"}
    assert not named["SleepData"]["properties"].keys() & named["Stat"]["properties"].keys()


def nulls(schema: str) -> set[str]:
    return set(read("asleep")["components"]["schemas"][schema]["properties"])


def test_the_lists_of_nulls_follow_from_each_other_and_from_the_statistics() -> None:
    stat = read("asleep")["components"]["schemas"]["Stat"]["properties"]
    nullable = {
        name
        for name, schema in stat.items()
        if "Null" in str(schema) or "null" in str(schema.get("type")) or {"type": "null"} in schema.get("anyOf", [])
    }
    assert nulls("NullInvalidStats") == nullable
    assert nulls("NullSleepStats") | nulls("NullStageStats") | nulls("NullBreathingStats") == nullable
    never_slept = {name for name in nullable - nulls("NullSleepStats") if not name.startswith("time_in_")}
    assert nulls("NullNeverSleptStats") == nulls("NullSleepStats") | never_slept


def test_what_conditions_say_of_some_fields_is_said_of_those_that_are_null_together() -> None:
    named = read("asleep")["components"]["schemas"]
    conditions = [member for schema in named.values() for member in schema.get("allOf", ()) if "if" in member]
    choices = [{each for branch in one["if"].get("anyOf", ()) for each in branch["properties"]} for one in conditions]
    times = {name for name in nulls("NullStageStats") if name.startswith("time_in_")}
    assert [choice for choice in choices if choice] == [times, nulls("NullSleepStats")]
    (slept,) = (one for one in conditions if one["x-rule"] == "session.slept-stats-present")
    assert set(slept["then"]["properties"]["stat"]["properties"]) == nulls("NullSleepStats")


def test_a_list_of_nulls_names_the_rule_that_demands_them(document: dict[str, Any]) -> None:
    named = document["components"]["schemas"]
    for name, schema in named.items():
        if "x-null-rule" in schema:
            assert all(value == {"type": "null"} for value in schema["properties"].values()), name
            users = [
                member["x-rule"]
                for other in named.values()
                for member in other.get("allOf", ())
                if "then" in member and f"schemas/{name}'" in str(member["then"])
            ]
            assert users, name
            assert {rule.partition(".")[2] or rule for rule in users} == {schema["x-null-rule"]}, name


def test_undocumented_fields_are_allowed_everywhere(document: dict[str, Any]) -> None:
    closed = [
        pointer
        for pointer, node in nodes(document)
        if isinstance(node, dict)
        and (node.get("additionalProperties") is False or node.get("unevaluatedProperties") is False)
    ]
    assert closed == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_scalar_is_left_to_the_reader(name: str) -> None:
    text = (ROOT / "openapi" / f"{name}.yaml").read_text("utf-8")
    ambiguous = re.compile(
        r"^[^#\"']*(?::|-|\[|,)\s+(on|off|yes|no|y|n|~|null(?=\s*\])|\d{1,2}:\d{2}(:\d{2})?|\d{4}-\d{2}-\d{2}\S*|0[0-7]+|[-+]?\d+e\d+)\s*(,.*|\].*)?$",
        re.IGNORECASE,
    )
    assert [line for line in text.splitlines() if ambiguous.match(line)] == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("TimezoneName", "America/Argentina/ComodRivadavia"),
        ("UserIdHeader", "G-20250115025029-vLErWBfQNtnfvgDccFOQ"),
        ("UserId", "3f1c7c1e-6f5a-4df4-9d0e-6d9d1b5f3a10"),
        ("UserId", "사용자-7"),
        ("CallbackSessionId", "20230630224117"),
        ("SessionId", "20250115025029_fvivn"),
        ("Timestamp", "2024-02-29T23:59:59-03:30"),
        ("Seconds", 172_800),
    ],
)
def test_no_bound_refuses_real_data(schema: str, value: object) -> None:
    document = read("asleep")
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )
    assert validator.is_valid(value)


def test_two_days_of_epochs_and_an_ahi_of_29_7_are_valid() -> None:
    document = read("asleep")
    body = document["components"]["examples"]["SessionComplete"]["value"]
    body["result"]["session"]["sleep_stages"] = [1] * 5760
    body["result"]["session"]["osa_stages"] = [0] * 5760
    body["result"]["stat"]["estimated_ahi"] = 29.7
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/SessionResponse", "components": document["components"]}
    )
    assert [error.message for error in validator.iter_errors(body)] == []
