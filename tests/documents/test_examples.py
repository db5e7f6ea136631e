"""Every example is valid with unknown fields refused, and is used."""

import copy
from typing import Any

import jsonschema_rs
import pytest

from .conftest import DOCUMENTS, nodes, read


def resolve(document: dict[str, Any], node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def without_unknown_fields(document: dict[str, Any]) -> dict[str, Any]:
    """The document's schemas with every described object closed, for this test alone."""
    closed = copy.deepcopy(document)
    named = closed["components"]["schemas"]
    parts = {name for name in named if f"#/components/schemas/{name}" in parts_of_others(named)}
    for name, schema in list(named.items()):
        if name in parts:  # used by itself it is closed, as a part of another it is not
            named[f"{name}AsPart"] = copy.deepcopy(schema)
    for pointer, node in list(nodes(named)):
        keys = pointer.split("/")
        conditional = any(word in keys for word in ("if", "then", "allOf", "not")) or (
            keys[1:2] and keys[1].endswith("AsPart")
        )
        described = isinstance(node, dict) and node.get("type") == "object" and "properties" in node
        if described and not conditional and "additionalProperties" not in node:
            node["unevaluatedProperties"] = False
        if isinstance(node, dict) and keys[-2:-1] == ["allOf"] and "$ref" in node:
            node["$ref"] += "AsPart"
    return closed


def parts_of_others(named: dict[str, Any]) -> set[str]:
    return {member["$ref"] for schema in named.values() for member in schema.get("allOf", ()) if "$ref" in member}


def used_examples() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    found = []
    for name in DOCUMENTS:
        document = read(name)
        for pointer, node in nodes(document):
            if isinstance(node, dict) and "schema" in node and "examples" in node:
                for key, example in node["examples"].items():
                    found.append((name, f"{pointer}#{key}", node["schema"], resolve(document, example)))
    return found


@pytest.mark.parametrize(("name", "place", "schema", "example"), used_examples(), ids=lambda value: str(value)[:90])
def test_an_example_is_valid_and_has_no_unknown_field(
    name: str, place: str, schema: dict[str, Any], example: dict[str, Any]
) -> None:
    document = without_unknown_fields(read(name))
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
    assert [f"{place}{error.instance_path}: {error.message}" for error in validator.iter_errors(example["value"])] == []


def test_an_unknown_field_in_an_example_would_be_seen() -> None:
    document = without_unknown_fields(read("asleep"))
    validator = jsonschema_rs.Draft202012Validator(
        {"$ref": "#/components/schemas/SessionResponse", "components": document["components"]}
    )
    body = copy.deepcopy(document["components"]["examples"]["SessionComplete"]["value"])
    assert validator.is_valid(body)
    body["result"]["stat"]["sleep_efficency"] = 0.5
    assert not validator.is_valid(body)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_example_component_is_used(name: str) -> None:
    document = read(name)
    used = {node["$ref"] for _, node in nodes(document) if isinstance(node, dict) and "$ref" in node}
    unused = [key for key in document["components"]["examples"] if f"#/components/examples/{key}" not in used]
    assert unused == []


def test_a_sample_that_breaks_should_rules_names_them() -> None:
    asleep = read("asleep")["components"]["examples"]["SessionPrintedSample"]["description"]
    phonexia = read("phonexia")["components"]["examples"]["TimeAnalysisPrintedDone"]["description"]
    for rule in ("session.stage-list-lengths", "session.onset-and-wake-times", "session.ratios-follow-times"):
        assert f"`{rule}`" in asleep
    for rule in ("analysis.positions-run-forward", "analysis.reaction-times-ordered"):
        assert f"`{rule}`" in phonexia


@pytest.mark.parametrize("name", DOCUMENTS)
def test_examples_that_keep_the_contract_stand_before_those_that_the_vendor_prints(name: str) -> None:
    for pointer, node in nodes(read(name)):
        if isinstance(node, dict) and "schema" in node and "examples" in node:
            printed = [key.startswith("printed") for key in node["examples"]]
            assert printed == sorted(printed), f"a mock answers the first example of {pointer}"
