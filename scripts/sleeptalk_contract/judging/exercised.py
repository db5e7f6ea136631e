"""Which rules of a schema a body exercises: a rule that was not exercised did not pass.

A shape rule is exercised where its object is there; a rule about a value where a value of the right type is there
(null exercises nothing); a conditional where its `if` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.pointer import follow, resolved

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

    Count = Callable[[Any, Counter[str]], None]

_PYTHON_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def _together(parts: list[Count]) -> Count:
    def count(value: Any, counts: Counter[str]) -> None:
        for part in parts:
            part(value, counts)

    return count


def _is_of(value: Any, names: frozenset[str]) -> bool:
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _PYTHON_TYPES.get(name, ())) for name in names)


class ExercisedRules:
    """Counts, for bodies of one self-contained schema, how often each of its rules is exercised.

    `full_name` returns the id of the rule that an `x-rule` means.
    """

    def __init__(self, schema: Mapping[str, Any], full_name: Callable[[str], str]) -> None:
        self._root = schema
        self._full_name = full_name
        self._references: dict[str, Count] = {}
        self._count = self._compiled(schema)

    def count(self, body: Any, counts: Counter[str]) -> None:
        """Add to `counts`, by rule id, what this body exercises."""
        self._count(body, counts)

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

    def _compiled(self, schema: Any) -> Count:
        if not isinstance(schema, dict):
            return lambda _value, _counts: None
        parts: list[Count] = []
        if "x-rule" in schema and "if" not in schema:
            parts.append(self._value_rule(schema))
        makers: dict[str, Callable[[Any], Count]] = {
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

    def _all_of(self, entries: list[Any]) -> Count:
        return _together([self._conditional(entry) if "if" in entry else self._compiled(entry) for entry in entries])

    def _value_rule(self, schema: Mapping[str, Any]) -> Count:
        rule, names = self._full_name(schema["x-rule"]), self._types(schema)

        def count(value: Any, counts: Counter[str]) -> None:
            if _is_of(value, names):
                counts[rule] += 1

        return count

    def _reference(self, pointer: str) -> Count:
        if pointer not in self._references:

            def once_compiled(value: Any, counts: Counter[str]) -> None:
                self._references[pointer](value, counts)

            self._references[pointer] = once_compiled  # for a schema that refers to itself
            self._references[pointer] = self._compiled(follow(self._root, pointer))
        return self._references[pointer]

    def _properties(self, properties: Mapping[str, Any]) -> Count:
        compiled = {name: self._compiled(schema) for name, schema in properties.items()}

        def count(value: Any, counts: Counter[str]) -> None:
            if isinstance(value, dict):
                for name, part in compiled.items():
                    if name in value:
                        part(value[name], counts)

        return count

    def _items(self, schema: Any) -> Count:
        part = self._compiled(schema)
        scalars = not self._types(schema) & {"array", "object"}

        def count(value: Any, counts: Counter[str]) -> None:
            for item in value if isinstance(value, list) else ():
                before = counts.total()
                part(item, counts)
                if scalars and counts.total() != before:
                    return  # a list of stages exercises its rule once, not once per epoch

        return count

    def _additional(self, schema: Any) -> Count:
        part = self._compiled(schema)

        def count(value: Any, counts: Counter[str]) -> None:
            if isinstance(value, dict):
                for item in value.values():
                    part(item, counts)

        return count

    def _conditional(self, entry: Mapping[str, Any]) -> Count:
        if "x-rule" not in entry:
            return lambda _value, _counts: None
        rule, holds = self._full_name(entry["x-rule"]), self._validator(entry["if"]).is_valid

        def count(value: Any, counts: Counter[str]) -> None:
            if holds(value):
                counts[rule] += 1

        return count

    def _branches(self, branches: list[Any], discriminator: str | None) -> Count:
        compiled = [
            (self._types(branch), self._tag(branch, discriminator), self._compiled(branch))
            for branch in branches
            if resolved(self._root, branch).get("maxProperties") != 0  # an object that is not populated has no rules
        ]

        def count(value: Any, counts: Counter[str]) -> None:
            if value == {}:
                return
            for names, tag, part in compiled:
                if _is_of(value, names) and (tag is None or value.get(discriminator) == tag):
                    part(value, counts)
                    return

        return count

    def _tag(self, branch: Any, discriminator: str | None) -> Any:
        if discriminator is None:
            return None
        return resolved(self._root, branch).get("properties", {}).get(discriminator, {}).get("const")
