"""Convert a document to OpenAPI 3.0, for generators that do not take 3.1: the same shapes, without conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import described_schemas, token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOST: Final = frozenset({"x-rule", "x-fuzzing-bounds", "if", "then", "else", "contains"})
_DATA: Final = frozenset({"example", "examples", "default", "enum", "value"})


def downgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI 3.0.3 document that describes the same shapes.

    Null is `nullable`, a constant an enumeration of one value. Conditions, rule ids and webhooks are left out, because
    3.0 does not have them; the schemas of the webhooks' bodies stay under components. An empty object beside null is
    left out as well: the classes of most languages cannot tell it from a missing one.
    """
    schemas = document.get("components", {}).get("schemas", {})
    empty = [
        {"$ref": f"#/components/schemas/{token(name)}"}
        for name, schema in schemas.items()
        if schema.get("type") == "object" and schema.get("maxProperties") == 0
    ]
    kept = {key: _without(empty, value) for key, value in document.items() if key not in ("webhooks", "info")}
    made: dict[str, Any] = {**kept, "openapi": "3.0.3", "info": dict(document["info"])}
    made["info"].pop("summary", None)
    if "license" in made["info"]:
        made["info"]["license"] = {"name": made["info"]["license"]["name"]}
    components = {kind: entries for kind, entries in made.get("components", {}).items() if kind != "examples"}
    components["schemas"] = {name: _schema(schema) for name, schema in described_schemas(made).items()}
    made["components"] = components
    return {key: value if key == "info" else _outside(value) for key, value in made.items()}


def _without(empty: Sequence[Any], value: Any) -> Any:
    """Return a schema, or what holds schemas, without the empty objects beside null."""
    if isinstance(value, list):
        return [_without(empty, item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without(empty, item) for key, item in value.items()}
    members = kept.get("anyOf")
    if isinstance(members, list) and {"type": "null"} in members:
        kept["anyOf"] = [member for member in members if member not in empty]
    return kept


def _outside(value: Any) -> Any:
    """Rewrite what is not a schema: examples are left out, and each `schema` is rewritten."""
    if isinstance(value, list):
        return [_outside(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key != "examples" and key not in _LOST}
    return {key: _schema(item) if key == "schema" else _outside(item) for key, item in kept.items()}


def _schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value for key, value in schema.items() if key not in _LOST}
    if isinstance(made.get("allOf"), list):
        made["allOf"] = [member for member in made["allOf"] if "if" not in member]
        if not made["allOf"]:
            del made["allOf"]
    if "oneOf" in made and "discriminator" in made:
        # The branches are complete; 3.0 generators make another class of properties beside them.
        for key in ("type", "properties", "required", "allOf"):
            made.pop(key, None)
    made = _nullable(_exclusive(_constant(_file(made))))
    if "$ref" in made and len(made) > 1:
        made = {**{key: value for key, value in made.items() if key != "$ref"}, "allOf": [{"$ref": made["$ref"]}]}
    return {key: value if key in _DATA else _inside(key, value) for key, value in made.items()}


def _inside(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _schema(item) for name, item in value.items()}
    return (
        _schema(value) if isinstance(value, dict | list) and key not in ("required", "discriminator", "type") else value
    )


def _file(schema: dict[str, Any]) -> dict[str, Any]:
    """Write what is not text (`contentMediaType`, `contentEncoding`) as the formats that 3.0 has for it."""
    made = {key: value for key, value in schema.items() if key not in ("contentMediaType", "contentEncoding")}
    if len(made) < len(schema):
        made.setdefault("format", "byte" if "contentEncoding" in schema else "binary")
    return made


def _constant(schema: dict[str, Any]) -> dict[str, Any]:
    """Write a constant as an enumeration of one value; beside a `$ref` it is left out."""
    if "const" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "const"}
    return rest if "$ref" in schema else {**rest, "enum": [schema["const"]]}


def _exclusive(schema: dict[str, Any]) -> dict[str, Any]:
    """Write an exclusive bound as 3.0 does: the bound, and beside it that it is exclusive."""
    made = dict(schema)
    for bound, keyword in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(made.get(keyword), int | float) and not isinstance(made[keyword], bool):
            made[bound], made[keyword] = made[keyword], True
    return made


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Write null, which 3.1 has as a type, as `nullable`."""
    made = dict(schema)
    kinds = made.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        made["type"] = rest[0]
        made["nullable"] = True
    members = made.get("anyOf")
    if isinstance(members, list) and {"type": "null"} in members:
        rest = [member for member in members if member != {"type": "null"}]
        del made["anyOf"]
        made["nullable"] = True
        made["allOf" if len(rest) == 1 else "anyOf"] = rest
    return made
