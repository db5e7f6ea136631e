"""Validates every example of the documents against its schema, and refuses there what the schema does not document.

Readers must ignore unknown fields, so the schemas leave room for them; an example with one is a slip of the pen.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.documents import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RULE: Final = "examples/valid"

_NESTED: Final = ("items", "additionalProperties")
_CHOICES: Final = ("anyOf", "oneOf")


def broken_examples(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path of keys to the media type's example, message) for each example that its schema refuses."""
    closed = deepcopy(dict(document))
    for schema in closed.get("components", {}).get("schemas", {}).values():
        _close(schema)
    for path, media in _media_types(document):
        schema = deepcopy(media.get("schema", {}))
        _close(schema)
        validator = jsonschema_rs.Draft202012Validator(
            {**schema, "components": {"schemas": closed.get("components", {}).get("schemas", {})}},
            validate_formats=True,
        )
        for name, example in media.get("examples", {}).items():
            value = resolved(document, example)
            for error in validator.iter_errors(value.get("value") if isinstance(value, dict) else None):
                found = _nearest(error)
                where = "/".join(str(part) for part in found.instance_path)
                yield (*path, "examples", name), f"At /{where}: {found.message}. Right: an example keeps its schema."


def _media_types(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield every media type of the bodies of operations (webhooks too) and of the shared responses and requests."""
    for holder, path in _holders(document):
        for media_type, media in (holder or {}).get("content", {}).items():
            yield (*path, "content", media_type), media


def _holders(document: Mapping[str, Any]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield every request body and response, `$ref`s among them, with its path of keys."""
    for section in ("paths", "webhooks"):
        for name, item in document.get(section, {}).items():
            for method, operation in item.items():
                if isinstance(operation, dict):
                    yield operation.get("requestBody"), (section, name, method, "requestBody")
                    for status, response in operation.get("responses", {}).items():
                        yield response, (section, name, method, "responses", status)
    for kind in ("responses", "requestBodies"):
        for name, holder in document.get("components", {}).get(kind, {}).items():
            yield holder, ("components", kind, name)


def _close(schema: Any) -> None:
    """Make every schema that lists properties refuse others, except conditions and parts (members of `allOf`)."""
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema.setdefault("unevaluatedProperties", False)
        for member in schema["properties"].values():
            _close(member)
    for keyword in _NESTED:
        _close(schema.get(keyword))
    for keyword in _CHOICES:
        for member in schema.get(keyword, ()):
            if "properties" not in schema:
                _close(member)


def _nearest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Give the deepest error inside a choice (`anyOf`, `oneOf`): it says more than that no branch fits."""
    branches = getattr(error.kind, "context", None)
    inner = [_nearest(found) for branch in branches or () for found in branch]
    return max(inner, key=lambda found: len(found.instance_path), default=error)
