"""The formats that generated values have."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleeptalk_contract.contract.document import document as read
from tests.targets import target_named

FORMATS = {**target_named("asleep").formats(), **target_named("phonexia").formats()}


def used() -> dict[str, dict[str, Any]]:
    """Every named schema of the documents that has one of our formats."""
    return {
        name: schema
        for document in ("asleep", "phonexia")
        for name, schema in read(document).root["components"]["schemas"].items()
        if schema.get("format") in FORMATS
    }


def test_every_format_of_the_documents_that_json_schema_leaves_open_is_generated() -> None:
    assert {schema["format"] for schema in used().values()} == set(FORMATS)


@pytest.mark.parametrize("name", sorted(used()))
@settings(max_examples=50, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_generated_value_is_one_by_the_document(name: str, data: st.DataObject) -> None:
    schema = used()[name]
    value = data.draw(FORMATS[schema["format"]])
    assert re.search(schema["pattern"], value)
    assert schema.get("minLength", 0) <= len(value) <= schema["maxLength"]
