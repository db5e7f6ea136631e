"""The plain form of each document is valid, without conditions and unions with null, and accepts what it accepts."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from sleeptalk_contract.contract.document import document as read
from sleeptalk_contract.contract.document import document_paths
from sleeptalk_contract.contract.pointer import described_schemas, follow
from sleeptalk_contract.linting.redocly import score
from sleeptalk_contract.reference.plain import plain
from tests.agreement.mutations import mutated
from tests.node_tools import needs_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCUMENTS = [path.stem for path in document_paths()]
LEAST = 90
"""What Redocly gives at least, of 100."""
EMPTY = {"$ref": "#/components/schemas/NotPopulated"}


def keywords(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each key of a document, but those of examples, with what it holds."""
    if isinstance(value, list):
        for item in value:
            yield from keywords(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            if key not in ("examples", "example", "properties"):
                yield from keywords(item)
            if key == "properties":
                yield from keywords(list(item.values()))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_valid_and_leaves_the_document_as_it_is(name: str) -> None:
    before = json.dumps(read(name).root)
    made = plain(read(name).root)
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []
    assert json.dumps(read(name).root) == before


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_has_no_condition_and_no_union_with_null_but_every_operation_schema_and_rule(name: str) -> None:
    document = read(name).root
    made = plain(document)
    words = list(keywords(made))
    assert not {"if", "then", "else", "allOf", "not", "contains", "x-null-rule"} & {key for key, _ in words}
    assert not [value for key, value in words if key == "anyOf" and {"type": "null"} in value]
    for section in ("paths", "webhooks"):
        for path, item in document.get(section, {}).items():
            assert item.keys() == made[section][path].keys()
    titles = {value for key, value in words if key == "title"}
    for title, schema in described_schemas(document).items():
        named = "properties" in schema or "enum" in schema
        assert not named or title in titles | made["components"]["schemas"].keys(), title
    conditions = [value for key, value in keywords(document) if key == "allOf"]
    texts = " ".join(value for key, value in words if key == "description" and isinstance(value, str))
    for members in conditions:
        assert all(member["description"] in texts for member in members if "if" in member)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_accepts_what_the_document_does_and_beyond_that_only_what_breaks_a_condition(name: str) -> None:
    document, made = read(name).root, plain(read(name).root)
    unconditional = without_conditions(document["components"], document["components"]["schemas"])
    rng = random.Random(name)
    outcomes = set()
    plainly_written = bodies(made)
    assert plainly_written.keys() == bodies(document).keys()
    for place, (schema, seeds) in different(bodies(document)).items():
        plain_schema, _ = plainly_written[place]
        validators = [
            jsonschema_rs.Draft202012Validator({**one, "components": components})
            for one, components in (
                (schema, document["components"]),
                (schema, unconditional),
                (plain_schema, made["components"]),
            )
        ]
        for _ in range(1500):
            try:
                body = json.loads(mutated(rng, seeds))
                kept, unconditionally, plainly = (each.is_valid(body) for each in validators)
            except (ValueError, RecursionError):  # not JSON, or beyond what a validator takes
                continue
            assert unconditionally == plainly, body
            assert plainly or not kept, body
            outcomes.add((kept, plainly))
    assert outcomes == {(True, True), (False, True), (False, False)}


def without_conditions(value: Any, schemas: Any) -> Any:
    """Return a value whose schemas have no conditions, and require nothing of an object that may be empty."""
    if isinstance(value, list):
        return [without_conditions(item, schemas) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: without_conditions(item, schemas) for key, item in value.items()}
    if isinstance(made.get("allOf"), list):
        made["allOf"] = [member for member in made["allOf"] if "if" not in member]
    if isinstance(made.get("anyOf"), list) and EMPTY in made["anyOf"]:
        others = [schemas[member["$ref"].rpartition("/")[2]] for member in value["anyOf"] if "$ref" in member]
        loose = [{key: item for key, item in other.items() if key not in ("required", "allOf")} for other in others]
        made["anyOf"] = [*made["anyOf"], *(other for other in loose if "maxProperties" not in other)]
    return made


def bodies(document: Any) -> dict[tuple[str, ...], tuple[Any, list[Any]]]:
    """Return the schema of each JSON body of each operation with its examples, by where it stands."""
    found = {}
    for section in ("paths", "webhooks"):
        for path, item in document.get(section, {}).items():
            for method, operation in item.items():
                if method == "parameters":
                    continue
                parts = {"request": operation.get("requestBody", {}), **operation["responses"]}
                for part, written in parts.items():
                    content = (follow(document, written["$ref"]) if "$ref" in written else written).get("content", {})
                    media = content.get("application/json", {})
                    if "examples" in media:
                        seeds = [follow(document, each["$ref"])["value"] for each in media["examples"].values()]
                        found[section, path, method, part] = (media["schema"], seeds)
    return found


def different(found: dict[tuple[str, ...], tuple[Any, list[Any]]]) -> dict[tuple[str, ...], tuple[Any, list[Any]]]:
    """Return bodies without those that an operation has in common with one before it."""
    return {
        place: found[place] for place in {json.dumps(body): place for place, body in reversed(found.items())}.values()
    }


def test_a_union_of_types_is_a_list_of_types() -> None:
    made = nap({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "maxLength": 3}, {"type": "boolean"}]})
    assert made == {"type": ["integer", "string", "boolean"], "minimum": 0, "maxLength": 3}
    whole = {"type": "integer", "minimum": -5, "maximum": 5}
    assert nap({"anyOf": [whole, {"type": "number", "minimum": -9}]}) == {"type": ["integer", "number"], "minimum": -9}


@pytest.mark.parametrize(
    "members",
    [
        [{"type": "string", "maxLength": 3}, {"type": "string", "pattern": "^a"}],
        [{"type": "integer"}, {"type": "number", "maximum": 3}],
        [{"type": "integer", "multipleOf": 2}, {"type": "number"}],
        [{"type": "string", "const": "a"}, {"type": "null"}],
        [{"type": "string", "enum": ["a"]}, {"type": "null"}],
        [{"$ref": "#/components/schemas/Dream"}, {"type": "string"}],
    ],
)
def test_a_union_that_a_list_of_types_would_change_stays(members: list[Any]) -> None:
    assert nap({"anyOf": members}) == {"anyOf": members}


def test_what_is_used_without_null_too_gets_a_second_schema() -> None:
    dream = {"$ref": "#/components/schemas/Dream"}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Naps", "version": "1"},
        "components": {
            "schemas": {
                "Dream": {"type": "string", "enum": ["good"], "x-enum-varnames": ["GOOD"]},
                "Nap": {"type": "object", "properties": {"first": dream, "last": {"anyOf": [dream, {"type": "null"}]}}},
            }
        },
    }
    schemas = plain(document)["components"]["schemas"]
    assert schemas["Nap"]["properties"] == {"first": dream, "last": {"$ref": "#/components/schemas/NullableDream"}}
    assert schemas["Dream"]["type"] == "string"
    assert schemas["NullableDream"] == {
        "type": ["string", "null"],
        "enum": ["good", None],
        "x-enum-varnames": ["GOOD", "NULL"],
    }


def nap(schema: Any) -> Any:
    """Return a schema as a document of one more has it in its plain form."""
    schemas = {"Dream": {"type": "object"}, "Nap": schema}
    document = {"openapi": "3.1.0", "info": {"title": "Naps", "version": "1"}, "components": {"schemas": schemas}}
    return plain(document)["components"]["schemas"]["Nap"]


@needs_node
@pytest.mark.parametrize("name", DOCUMENTS)
def test_agents_read_it_easily(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(plain(read(name).root)), encoding="utf-8")
    assert score(file).agent_readiness >= LEAST


def test_what_several_operations_have_is_written_out_in_each() -> None:
    document = read("asleep-v3").root
    made = plain(document)
    reached = [
        {value for key, value in keywords(resolved_within(made, operation)) if key == "$ref"}
        for item in made["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ]
    for number, names in enumerate(reached):
        assert not any(names & others for others in reached[number + 1 :])
    assert any(names for names in reached)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_has_its_own_answers_with_an_example(name: str) -> None:
    made = plain(read(name).root)
    assert "responses" not in made["components"]
    for item in made["paths"].values():
        for operation in (each for key, each in item.items() if key != "parameters"):
            answers = operation["responses"].values()
            assert not any("$ref" in answer for answer in answers)
            assert any("examples" in content for answer in answers for content in answer.get("content", {}).values())


def resolved_within(document: Any, value: Any) -> Any:
    """Return a value with its components, other than schemas and examples, in place of the references to them."""
    if isinstance(value, list):
        return [resolved_within(document, item) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref", "#/components/schemas/")
    if not reference.startswith(("#/components/schemas/", "#/components/examples/")):
        return resolved_within(document, follow(document, reference))
    return {key: resolved_within(document, item) for key, item in value.items() if key != "examples"}
