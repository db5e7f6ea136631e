"""The schemas of the documents for readers: fields with type, meaning, limits and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import described_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.reference.published import Published

_LIMITS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "maxProperties": "at most {} keys",
    "format": "format {}",
    "pattern": "matches {}",
    "const": "always {}",
}

_LENGTHS: Final = frozenset({"minLength", "maxLength", "minItems", "maxItems", "maxProperties"})


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words, "list of SleepStage or null". `names` are the schemas that it mentions, for links."""

    words: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema. `limits` are in words, without those that the vendor does not promise."""

    name: str
    type: Type
    required: bool
    description: str
    limits: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One value of an enumeration, as JSON writes it without quotes: its name in code, and its meaning, "" without."""

    value: str
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Schema:
    """One named schema.

    `rules` are those that it carries as a whole, `conditions` pairs of rules and a sentence, `members` the values of an
    enumeration.
    """

    name: str
    description: str
    type: Type
    limits: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    conditions: tuple[tuple[tuple[Rule, ...], str], ...]
    members: tuple[Member, ...]


def schemas(part: Published) -> list[Schema]:
    """Return the named schemas of a document, in its order."""
    return [_schema(part, title, schema) for title, schema in described_schemas(part.document.root).items()]


def places(rule: Rule, shown: Iterable[Schema]) -> Iterator[tuple[str, str | None]]:
    """Yield where a rule stands in the schemas of its document: (schema, field or None for the schema as a whole)."""
    for schema in shown:
        if rule in schema.rules or any(rule in rules for rules, _ in schema.conditions):
            yield schema.name, None
        for field in schema.fields:
            if rule in field.rules:
                yield schema.name, field.name


def mentions(part: Published, rule: Rule, shown: Iterable[Schema]) -> list[tuple[str, str]]:
    """Find the fields that the sentence of a rule names where no schema carries it: (schema, field).

    The group says in which schemas to look. A name that is also a path parameter's means that parameter.
    """
    group = part.rule_groups.get(rule.group)
    if rule.where == "schema" or group is None:
        return []
    operations = part.document.operations.values()
    parameters = {one.name for operation in operations for one in operation.parameters if one.place == "path"}
    words = set(re.findall(r"[a-z]+(?:_[a-z]+)+", rule.sentence)) - parameters
    return [
        (schema.name, field.name)
        for schema in shown
        if schema.name in group.schemas
        for field in schema.fields
        if field.name in words
    ]


def _schema(part: Published, title: str, schema: Mapping[str, Any]) -> Schema:
    required = schema.get("required", ())
    conditions = [entry for entry in schema.get("allOf", ()) if "if" in entry]
    fields = schema.get("properties", {})
    return Schema(
        name=title,
        description=schema.get("description", ""),
        type=_type(schema),
        limits=limits(schema),
        fields=tuple(_field(part, field, found, required=field in required) for field, found in fields.items()),
        rules=_rules(part, schema),
        conditions=tuple((_rules(part, entry), entry["description"]) for entry in conditions),
        members=members(schema),
    )


def _rules(part: Published, schema: Any) -> tuple[Rule, ...]:
    """Return the rules that a schema carries itself."""
    return tuple(part.rules_meant(schema["x-rule"])) if isinstance(schema, dict) and "x-rule" in schema else ()


def _field(part: Published, name: str, schema: Mapping[str, Any], *, required: bool) -> Field:
    rules = [*_rules(part, schema), *_rules(part, schema.get("items"))]
    description = schema.get("description", "")
    return Field(
        name,
        _type(schema),
        required,
        description,
        limits(schema),
        tuple(dict.fromkeys(rules)),
    )


def _type(schema: Mapping[str, Any]) -> Type:
    """Return a schema's type in words."""
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


def limits(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the limits of a schema in words, without those that nobody promises.

    Those are the bounds named in `x-fuzzing-bounds`, and limits of length in a schema without an `x-rule`.
    """
    loose = {*schema.get("x-fuzzing-bounds", ()), *(_LENGTHS if "x-rule" not in schema else ())}
    return tuple(
        words.format(f"`{schema[keyword]}`" if isinstance(schema[keyword], str) else f"{schema[keyword]:g}")
        for keyword, words in _LIMITS.items()
        if keyword in schema and keyword not in loose
    )


def members(schema: Mapping[str, Any]) -> tuple[Member, ...]:
    """Return the values of an enumeration; none for another schema."""
    values = schema.get("enum", ())
    names = schema.get("x-enum-varnames", values)
    meanings = schema.get("x-enumDescriptions", {})
    return tuple(
        Member(str(value), str(name), meanings.get(str(value), "")) for value, name in zip(values, names, strict=True)
    )
