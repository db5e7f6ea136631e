"""A body without the fields that its document does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sleeptalk_contract.contract.pointer import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.operation import Operation


def without_undocumented_fields(operation: Operation, body: Any) -> Any:
    """Return a copy of the JSON body of a request with only its documented fields, at every depth."""
    schema = operation.request_schema()
    return body if schema is None else _documented(schema, schema, body)


def _documented(root: Mapping[str, Any], schema: Any, value: Any) -> Any:
    if not isinstance(value, dict | list):
        return value
    parts = list(_parts(root, schema, value))
    if isinstance(value, list):
        items = next((part["items"] for part in parts if "items" in part), None)
        nested = items is not None and any(isinstance(item, dict | list) for item in value)
        return [_documented(root, items, item) for item in value] if nested else value
    properties = {name: inner for part in parts for name, inner in part.get("properties", {}).items()}
    others = next((part["additionalProperties"] for part in parts if "additionalProperties" in part), None)
    if not properties or isinstance(others, dict):
        return value
    return {name: _documented(root, properties[name], item) for name, item in value.items() if name in properties}


def _parts(root: Mapping[str, Any], schema: Any, value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas that stand together for a value: those of allOf, and of anyOf and oneOf the one meant."""
    schema = resolved(root, schema)
    if not isinstance(schema, dict):
        return
    yield schema
    for inner in schema.get("allOf", ()):
        if "if" not in inner:
            yield from _parts(root, inner, value)
    branches = [resolved(root, branch) for branch in schema.get("oneOf") or schema.get("anyOf") or ()]
    tag = schema.get("discriminator", {}).get("propertyName")
    for branch in branches:
        if _is_meant(branch, tag, value):
            yield from _parts(root, branch, value)
            return


def _is_meant(branch: Mapping[str, Any], tag: str | None, value: Any) -> bool:
    if tag is not None:
        return isinstance(value, dict) and branch.get("properties", {}).get(tag, {}).get("const") == value.get(tag)
    kind = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else None
    return kind is not None and ("properties" if kind == "object" else "items") in branch
