"""The 3.0 form of the documents is valid OpenAPI 3.0 and describes the same shapes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from sleeptalk_contract.contract.document import document as read
from sleeptalk_contract.contract.document import document_paths
from sleeptalk_contract.contract.pointer import described_schemas
from sleeptalk_contract.reference.downgrade import downgraded

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTS = [path.stem for path in document_paths()]


def document(name: str) -> Mapping[str, Any]:
    return read(name).root


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_valid_openapi_3_0_and_leaves_the_document_as_it_is(name: str) -> None:
    before = json.dumps(document(name))
    made = downgraded(document(name))
    assert list(OpenAPIV30SpecValidator(made).iter_errors()) == []
    assert json.dumps(document(name)) == before


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_field_stays_and_what_3_0_does_not_know_goes(name: str) -> None:
    made = downgraded(document(name))
    described = described_schemas(document(name))
    assert list(made["components"]["schemas"]) == list(described)
    for title, schema in described.items():
        fields = set(schema.get("properties", {}))
        kept = made["components"]["schemas"][title]
        assert set(kept.get("properties", {})) == fields or "oneOf" in kept
    text = json.dumps({key: value for key, value in made.items() if key != "info"})
    for word in ('"x-rule"', '"const"', '"if"', '"then"', '"null"', '"examples"'):
        assert word not in text


def test_null_becomes_nullable_and_a_constant_an_enumeration() -> None:
    schemas = downgraded(document("asleep"))["components"]["schemas"]
    assert schemas["NullableSeconds"]["nullable"] is True
    assert schemas["NullableSeconds"]["type"] == "integer"
    stat = schemas["SessionResult"]["properties"]["stat"]
    assert stat["nullable"] is True
    assert stat["allOf"] == [{"$ref": "#/components/schemas/Stat"}]
    assert schemas["InferenceCompleteCallback"]["properties"]["callback_event"]["enum"] == ["INFERENCE_COMPLETE"]
    rate = downgraded(document("phonexia"))["components"]["schemas"]["SpeechRate"]
    assert (rate["minimum"], rate["exclusiveMinimum"]) == (0, True)


def test_a_document_without_schemas_or_license_has_a_3_0_form() -> None:
    made = downgraded({"openapi": "3.1.0", "info": {"title": "Naps", "version": "1"}, "paths": {}})
    assert list(OpenAPIV30SpecValidator(made).iter_errors()) == []


def test_an_empty_object_beside_null_goes() -> None:
    nothing = {"$ref": "#/components/schemas/Nothing"}
    schemas = {
        "Nothing": {"type": "object", "maxProperties": 0},
        "Nap": {"anyOf": [{"type": "string"}, nothing, {"type": "null"}]},
    }
    made = downgraded({"info": {}, "components": {"schemas": schemas}})["components"]["schemas"]["Nap"]
    assert made == {"nullable": True, "allOf": [{"type": "string"}]}
