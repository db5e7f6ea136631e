"""Which rules of a schema a body exercises: a rule that was not exercised did not pass.

A shape rule is exercised where its object is there; a rule about a value where a value of the right type is there
(null exercises nothing); a conditional where its `if` holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.pointer import follow, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Note = Callable[[Any, list[str]], None]
    """Adds to a list the rules that a value exercises, each as often as it does."""

_PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


@dataclass(frozen=True, slots=True)
class _ValueRule:
    """Notes a rule about a value itself, which is exercised by each value of one of some types."""

    rule: str
    kinds: frozenset[type]

    def __call__(self, value: Any, noted: list[str]) -> None:
        if type(value) in self.kinds:
            noted.append(self.rule)


def _together(parts: list[Note | None]) -> Note | None:
    """Return what notes by several parts; None, as of each part, where there is nothing to note."""
    noting = [part for part in parts if part is not None]
    if len(noting) < 2:  # noqa: PLR2004  # one needs no loop
        return noting[0] if noting else None

    def note(value: Any, noted: list[str]) -> None:
        for part in noting:
            part(value, noted)

    return note


def _kinds(names: frozenset[str]) -> frozenset[type]:
    """Return the types of Python that decoded JSON of some types has."""
    return frozenset(kind for name in names for kind in _PYTHON_TYPES.get(name, ()))


class ExercisedRules:
    """Notes, for bodies of one self-contained schema, each of its rules as often as it is exercised.

    `full_name` returns the id of the rule that an `x-rule` means.
    """

    def __init__(self, schema: Mapping[str, Any], full_name: Callable[[str], str]) -> None:
        self._root = schema
        self._full_name = full_name
        self._references: dict[str, Note | None] = {}
        self._note = self._compiled(schema)

    def by(self, body: Any) -> list[str]:
        """Return the ids of the rules that this body exercises, each as often as it does."""
        noted: list[str] = []
        if self._note is not None:
            self._note(body, noted)
        return noted

    def _types(self, schema: Any) -> frozenset[str]:
        """Return the names of the JSON types that a schema allows, null left out; every type where it names none."""
        schema = schema if isinstance(schema, dict) else {}
        named = schema.get("type")
        if named is not None:
            return frozenset([named] if isinstance(named, str) else named) - {"null"}
        if "$ref" in schema:
            return self._types(follow(self._root, schema["$ref"]))
        branches = schema.get("anyOf") or schema.get("oneOf")
        return frozenset().union(*map(self._types, branches)) if branches else frozenset(_PYTHON_TYPES)

    def _validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator({"components": self._root.get("components", {}), **schema})

    def _compiled(self, schema: Any) -> Note | None:
        """Return what notes by a schema; None where no rule is in it."""
        if not isinstance(schema, dict):
            return None
        parts: list[Note | None] = []
        if "x-rule" in schema and "if" not in schema:
            parts.append(_ValueRule(self._full_name(schema["x-rule"]), _kinds(self._types(schema))))
        makers: dict[str, Callable[[Any], Note | None]] = {
            "$ref": self._reference,
            "properties": self._properties,
            "items": self._items,
            "additionalProperties": self._additional,
            "allOf": self._all_of,
        }
        parts += [make(schema[keyword]) for keyword, make in makers.items() if keyword in schema]
        tag = schema.get("discriminator", {}).get("propertyName")
        parts += [self._branches(schema[keyword], tag) for keyword in ("anyOf", "oneOf") if keyword in schema]
        return _together(parts)

    def _all_of(self, entries: list[Any]) -> Note | None:
        return _together([self._conditional(entry) if "if" in entry else self._compiled(entry) for entry in entries])

    def _reference(self, pointer: str) -> Note | None:
        if pointer not in self._references:

            def once_compiled(value: Any, noted: list[str]) -> None:
                part = self._references[pointer]
                if part is not None:
                    part(value, noted)

            self._references[pointer] = once_compiled  # for a schema that refers to itself
            self._references[pointer] = self._compiled(follow(self._root, pointer))
        return self._references[pointer]

    def _properties(self, properties: Mapping[str, Any]) -> Note | None:
        every = {name: self._compiled(schema) for name, schema in properties.items()}
        values = [(name, part.kinds, part.rule) for name, part in every.items() if isinstance(part, _ValueRule)]
        others = [(name, part) for name, part in every.items() if part and not isinstance(part, _ValueRule)]
        if not values and not others:
            return None

        def note(value: Any, noted: list[str]) -> None:
            if not isinstance(value, dict):
                return
            for name, kinds, rule in values:  # most of all: without a call for each
                if type(value.get(name)) in kinds:
                    noted.append(rule)
            for name, part in others:
                if name in value:
                    part(value[name], noted)

        return note

    def _items(self, schema: Any) -> Note | None:
        part = self._compiled(schema)
        if part is None:
            return None
        scalars = not self._types(schema) & {"array", "object"}

        def note(value: Any, noted: list[str]) -> None:
            before = len(noted)
            for item in value if isinstance(value, list) else ():
                part(item, noted)
                if scalars and len(noted) > before:
                    return  # a list of stages exercises its rule once, not once per epoch

        return note

    def _additional(self, schema: Any) -> Note | None:
        part = self._compiled(schema)
        if part is None:
            return None

        def note(value: Any, noted: list[str]) -> None:
            if isinstance(value, dict):
                for item in value.values():
                    part(item, noted)

        return note

    def _conditional(self, entry: Mapping[str, Any]) -> Note | None:
        if "x-rule" not in entry:
            return None
        rule, holds = self._full_name(entry["x-rule"]), self._validator(entry["if"]).is_valid

        def note(value: Any, noted: list[str]) -> None:
            if holds(value):
                noted.append(rule)

        return note

    def _branches(self, branches: list[Any], discriminator: str | None) -> Note | None:
        compiled = [
            (_kinds(self._types(branch)), self._tag(branch, discriminator), self._compiled(branch))
            for branch in branches
            if resolved(self._root, branch).get("maxProperties") != 0  # an object that is not populated has no rules
        ]
        if all(part is None for _, _, part in compiled):
            return None

        def note(value: Any, noted: list[str]) -> None:
            if value == {}:
                return
            for kinds, tag, part in compiled:
                if type(value) in kinds and (tag is None or value.get(discriminator) == tag):
                    if part is not None:
                        part(value, noted)
                    return

        return note

    def _tag(self, branch: Any, discriminator: str | None) -> Any:
        if discriminator is None:
            return None
        return resolved(self._root, branch).get("properties", {}).get(discriminator, {}).get("const")
