"""The JSON Schema of each body stands alone, has no word of OpenAPI, and judges bodies as the document does."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from sleeptalk_contract.reference.body_schemas import bodies, schema_files
from sleeptalk_contract.reference.examples import examples_of_answer, examples_of_request
from sleeptalk_contract.reference.published import Published
from sleeptalk_contract.services.registered import SERVICES
from tests.agreement.mutations import mutated
from tests.clients.bodies import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = {service.name: Published.of(service) for service in SERVICES}


def keys(value: Any) -> Iterator[str]:
    """Yield every keyword of a schema."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("properties", "$defs"):
                yield from keys(list(item.values()))
            else:
                yield key
                yield from keys(item)


@pytest.mark.parametrize("name", PARTS)
def test_each_body_has_a_file_that_is_a_valid_schema_without_words_of_openapi(name: str) -> None:
    files = schema_files(PARTS[name])
    assert {body.file for body in bodies(PARTS[name])} == files.keys()
    ids = [json.loads(text)["$id"] for text in files.values()]
    assert len(set(ids)) == len(ids)
    for text in files.values():
        schema = json.loads(text)
        assert schema["title"]
        jsonschema_rs.meta.validate(schema)
        assert not [key for key in keys(schema) if key.startswith("x-") or key in ("discriminator", "components")]
        assert "#/components" not in text


@pytest.mark.parametrize("name", PARTS)
def test_it_judges_bodies_as_the_document_does(name: str) -> None:
    files, root = schema_files(PARTS[name]), PARTS[name].document.root
    seeds = list(examples("", name).values())
    rng = random.Random(name)
    outcomes = set()
    for body in {each.file: each for each in bodies(PARTS[name])}.values():
        alone = jsonschema_rs.Draft202012Validator(json.loads(files[body.file]))
        within = jsonschema_rs.Draft202012Validator({**body.schema, "components": root["components"]})
        for _ in range(200):
            try:
                value = json.loads(mutated(rng, seeds))
                verdicts = within.is_valid(value), alone.is_valid(value)
            except (ValueError, RecursionError):  # not JSON, or beyond what a validator takes
                continue
            assert verdicts[0] == verdicts[1], value
            outcomes.add(verdicts[0])
    assert outcomes == {True, False}


@pytest.mark.parametrize("name", PARTS)
def test_what_pages_show_as_an_answer_that_keeps_the_rules_is_valid_by_the_file(name: str) -> None:
    part, seen = PARTS[name], 0
    files = schema_files(part)
    validators = {file: jsonschema_rs.validator_for(json.loads(text)) for file, text in files.items()}
    for body in bodies(part):
        if body.what == "request":
            shown = examples_of_request(part, body.operation) if body.media_type == "application/json" else ()
        else:
            shown = examples_of_answer(part, body.operation, body.what)
        for example in (each for each in shown if not each.broken):
            seen += 1
            problems = [error.message for error in validators[body.file].iter_errors(example.value)]
            assert not problems, (body.operation.id, body.what, example.key)
    assert seen


def test_a_rule_is_named_where_it_stands_and_only_what_is_needed_comes_along() -> None:
    schema = json.loads(schema_files(PARTS["asleep"])["schemas/asleep/SessionResponse.schema.json"])
    assert schema["title"] == "SessionResponse"
    assert schema["$defs"]["Session"]["$comment"] == "rule session.shape"
    assert "Callback" not in schema["$defs"]
