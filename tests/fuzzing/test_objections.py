"""What schemathesis objects to is put into words."""

from typing import Any

import jsonschema_rs
import pytest
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import JsonSchemaError

from sleeptalk_contract.fuzzing.objections import objection


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "null"}, 0, "Response violates schema: the value must be null (it is 0)"),
        (
            {"properties": {"a": {"pattern": "^[!-~]+$", "examples": ["x1"]}}},
            {"a": "\u00e4"},
            'Response violates schema: /a must have the form of "x1" (it is "\u00e4")',
        ),
        ({"required": ["a"]}, {}, "Response violates schema: the value lacks a"),
    ],
)
def test_an_objection_to_a_value_shows_neither_a_pattern_nor_a_schema(schema: Any, value: Any, said: str) -> None:
    [error] = jsonschema_rs.validator_for(schema).iter_errors(value)
    failure = JsonSchemaError.from_exception(operation="GET /", exc=error, root_schema=schema)
    assert objection(failure) == said


def test_any_other_objection_is_said_as_it_is() -> None:
    failure = Failure(operation="GET /", title="Undocumented Content-Type", message="text/html")
    assert objection(failure) == str(failure)
