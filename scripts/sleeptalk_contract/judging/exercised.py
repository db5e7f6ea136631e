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


def _together(parts: list[Count | None]) -> Count | None:
    """Return what counts by several parts; None, as of each part, where there is nothing to count."""
    counting = [part for part in parts if part is not None]
    if len(counting) < 2:  # noqa: PLR2004  # one needs no loop
        return counting[0] if counting else None

    def count(value: Any, counts: Counter[str]) -> None:
        for part in counting:
            part(value, counts)

    return count


def _is_of(names: frozenset[str]) -> Callable[[Any], bool]:
    """Return what tells whether a value is of one of some JSON types."""
    kinds = tuple({kind for name in names for kind in _PYTHON_TYPES.get(name, ())})
    if bool in kinds or int not in kinds:
        return lambda value: isinstance(value, kinds)
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool)  # which is an int to Python


class ExercisedRules:
    """Counts, for bodies of one self-contained schema, how often each of its rules is exercised.

    `full_name` returns the id of the rule that an `x-rule` means.
    """

    def __init__(self, schema: Mapping[str, Any], full_name: Callable[[str], str]) -> None:
        self._root = schema
        self._full_name = full_name
        self._references: dict[str, Count | None] = {}
        self._count = self._compiled(schema)

    def count(self, body: Any, counts: Counter[str]) -> None:
        """Add to `counts`, by rule id, what this body exercises."""
        if self._count is not None:
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

    def _compiled(self, schema: Any) -> Count | None:
        """Return what counts by a schema; None where no rule is in it."""
        if not isinstance(schema, dict):
            return None
        parts: list[Count | None] = []
        if "x-rule" in schema and "if" not in schema:
            parts.append(self._value_rule(schema))
        makers: dict[str, Callable[[Any], Count | None]] = {
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

    def _all_of(self, entries: list[Any]) -> Count | None:
        return _together([self._conditional(entry) if "if" in entry else self._compiled(entry) for entry in entries])

    def _value_rule(self, schema: Mapping[str, Any]) -> Count:
        rule, is_meant = self._full_name(schema["x-rule"]), _is_of(self._types(schema))

        def count(value: Any, counts: Counter[str]) -> None:
            if is_meant(value):
                counts[rule] += 1

        return count

    def _reference(self, pointer: str) -> Count | None:
        if pointer not in self._references:

            def once_compiled(value: Any, counts: Counter[str]) -> None:
                part = self._references[pointer]
                if part is not None:
                    part(value, counts)

            self._references[pointer] = once_compiled  # for a schema that refers to itself
            self._references[pointer] = self._compiled(follow(self._root, pointer))
        return self._references[pointer]

    def _properties(self, properties: Mapping[str, Any]) -> Count | None:
        every = {name: self._compiled(schema) for name, schema in properties.items()}
        compiled = [(name, part) for name, part in every.items() if part is not None]
        if not compiled:
            return None

        def count(value: Any, counts: Counter[str]) -> None:
            if isinstance(value, dict):
                for name, part in compiled:
                    if name in value:
                        part(value[name], counts)

        return count

    def _items(self, schema: Any) -> Count | None:
        part = self._compiled(schema)
        if part is None:
            return None
        scalars = not self._types(schema) & {"array", "object"}

        def count(value: Any, counts: Counter[str]) -> None:
            for item in value if isinstance(value, list) else ():
                part(item, counts)

        def count_once(value: Any, counts: Counter[str]) -> None:
            before = counts.total()
            for item in value if isinstance(value, list) else ():
                part(item, counts)
                if counts.total() != before:
                    return  # a list of stages exercises its rule once, not once per epoch

        return count_once if scalars else count

    def _additional(self, schema: Any) -> Count | None:
        part = self._compiled(schema)
        if part is None:
            return None

        def count(value: Any, counts: Counter[str]) -> None:
            if isinstance(value, dict):
                for item in value.values():
                    part(item, counts)

        return count

    def _conditional(self, entry: Mapping[str, Any]) -> Count | None:
        if "x-rule" not in entry:
            return None
        rule, holds = self._full_name(entry["x-rule"]), self._validator(entry["if"]).is_valid

        def count(value: Any, counts: Counter[str]) -> None:
            if holds(value):
                counts[rule] += 1

        return count

    def _branches(self, branches: list[Any], discriminator: str | None) -> Count | None:
        compiled = [
            (_is_of(self._types(branch)), self._tag(branch, discriminator), self._compiled(branch))
            for branch in branches
            if resolved(self._root, branch).get("maxProperties") != 0  # an object that is not populated has no rules
        ]
        if all(part is None for _, _, part in compiled):
            return None

        def count(value: Any, counts: Counter[str]) -> None:
            if value == {}:
                return
            for is_meant, tag, part in compiled:
                if is_meant(value) and (tag is None or value.get(discriminator) == tag):
                    if part is not None:
                        part(value, counts)
                    return

        return count

    def _tag(self, branch: Any, discriminator: str | None) -> Any:
        if discriminator is None:
            return None
        return resolved(self._root, branch).get("properties", {}).get(discriminator, {}).get("const")
