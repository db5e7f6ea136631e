"""The schemas of the documents as a reader wants them: fields with type, meaning, limits and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.catalogue import Rule

_LIMITS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "maxProperties": "at most {} keys",
    "pattern": "matches {}",
    "format": "format {}",
    "const": "always {}",
}


_SCHEMAS: Final = {
    "session": ("asleep", ("SessionResult", "Session", "Stat")),
    "callback": ("asleep", ("InferenceCompleteData", "SessionCompleteData", "SleepData")),
    "analysis": ("phonexia", ("Task", "ChannelAnalysis", "ReactionAnalysis", "TimeRange")),
}
"""The document and the schemas whose fields the sentences of a group of rules speak of."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words, "list of SleepStage or null". `names` are the schemas that it mentions, for links."""

    words: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema. `limits` are said in words, without those that are no promise of the vendor."""

    name: str
    type: Type
    required: bool
    description: str
    limits: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """One named schema.

    `conditions` are pairs of a rule's id and what it says here, `members` an enumeration's values and their names.
    """

    document: str
    name: str
    description: str
    type: Type
    limits: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    members: tuple[tuple[str, str], ...]


def schemas(name: str) -> list[Schema]:
    """Give the named schemas of document "asleep" or "phonexia" in the document's order."""
    found = document(name)["components"]["schemas"]
    return [_schema(name, title, schema) for title, schema in found.items()]


def places(rule: str, shown: Mapping[str, list[Schema]]) -> Iterator[tuple[str, str, str | None]]:
    """Yield where a rule stands: (document, schema, field or None for the schema as a whole)."""
    for name, found in shown.items():
        for schema in found:
            if rule in schema.rules or any(rule == identity for identity, _ in schema.conditions):
                yield name, schema.name, None
            for field in schema.fields:
                if rule in field.rules:
                    yield name, schema.name, field.name


def mentions(rule: Rule, shown: Mapping[str, list[Schema]]) -> list[tuple[str, str, str]]:
    """Find the fields that the sentence of a rule names where no schema carries it: (document, schema, field)."""
    if rule.where == "schema" or rule.group not in _SCHEMAS:
        return []
    name, titles = _SCHEMAS[rule.group]
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", rule.sentence)) - {"session_id"}
    return [
        (name, schema.name, field.name)
        for schema in shown[name]
        if schema.name in titles
        for field in schema.fields
        if field.name in words
    ]


def _schema(name: str, title: str, schema: Mapping[str, Any]) -> Schema:
    required = schema.get("required", ())
    conditions = [entry for entry in schema.get("allOf", ()) if "if" in entry]
    names = schema.get("x-enum-varnames", schema.get("enum", ()))
    return Schema(
        document=name,
        name=title,
        description=schema.get("description", ""),
        type=_type(schema),
        limits=_limits(schema),
        fields=tuple(
            _field(field, found, required=field in required) for field, found in schema.get("properties", {}).items()
        ),
        rules=(schema["x-rule"],) if "x-rule" in schema else (),
        conditions=tuple((entry["x-rule"], entry["description"]) for entry in conditions),
        members=tuple((str(value), str(word)) for value, word in zip(schema.get("enum", ()), names, strict=True)),
    )


def _field(name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    items = schema.get("items", {})
    rules = [found["x-rule"] for found in (schema, items) if isinstance(found, dict) and "x-rule" in found]
    description = schema.get("description", "")
    return Field(name, _type(schema), required, description, _limits(schema), tuple(dict.fromkeys(rules)))


def _type(schema: Mapping[str, Any]) -> Type:
    """Say a schema's type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Type(name, (name,))
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            parts = [_type(member) for member in schema[keyword]]
            words = list(dict.fromkeys(part.words for part in parts))
            return Type(" or ".join(words), tuple(name for part in parts for name in part.names))
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    items = _type(schema["items"]) if "items" in schema else Type("value")
    words = [f"list of {items.words}" if kind == "array" else kind for kind in kinds]
    return Type(" or ".join(words) or "any value", items.names)


def _limits(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Say the limits of a schema; those named in `x-fuzzing-bounds` are no promise and are left out."""
    loose = schema.get("x-fuzzing-bounds", ())
    return tuple(
        words.format(f"`{schema[keyword]}`" if isinstance(schema[keyword], str) else f"{schema[keyword]:g}")
        for keyword, words in _LIMITS.items()
        if keyword in schema and keyword not in loose
    )
