"""Tell whether two schemas that are written differently admit the same values and have the same words."""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import resolved, token
from sleeptalk_contract.diffing.patterns import same_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Final = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
_OF_ALL_TYPES: Final = frozenset({"not", "if", "anyOf", "oneOf", "allOf", "$ref"})
_WORDS: Final = frozenset({"title", "description", "examples", "x-rule"})
_VALUES: Final = frozenset({"example", "examples", "default"})


def admit_the_same(old: Any, new: Any, root: Mapping[str, Any] | None = None) -> bool:
    """Return whether two schemas are one in two notations; False also where that cannot be told.

    `root` is the document whose parts a `$ref` of either leads to; without it a `$ref` may lead to any type.
    """
    return _equal(_plain(old, root or {}), _plain(new, root or {}))


def in_one_notation(old: Any, new: Any, root: Mapping[str, Any], place: str = "#") -> tuple[Any, Any, list[str]]:
    """Return both with the schemas that differ in notation written alike, and the places where nothing else differs.

    `root` is the whole document that `new` is a part of, at the JSON Pointer `place`.
    """
    places: list[str] = []
    if old == new:
        return old, new, places
    if isinstance(old, dict) and isinstance(new, dict):
        old, new = dict(old), dict(new)
        for key in [key for key in old if key in new and key not in _VALUES]:
            old[key], new[key], inner = in_one_notation(old[key], new[key], root, f"{place}/{token(key)}")
            places += inner
        if old == new or not (_is_schema(old) and _is_schema(new)):
            return old, new, places
        if admit_the_same(old, new, root):
            return new, new, [*places, place]
        return *_alike(old, new, root), places
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        old, new = list(old), list(new)
        for index in range(len(old)):
            old[index], new[index], inner = in_one_notation(old[index], new[index], root, f"{place}/{index}")
            places += inner
    return old, new, places


def _alike(old: dict[str, Any], new: dict[str, Any], root: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two schemas that admit different values with the same keywords where one notation has them."""
    if old.keys() == new.keys():
        return old, new
    before, after = _plain(old, root), _plain(new, root)
    if before.keys() - _WORDS == after.keys() - _WORDS:
        return before, after
    return (_as_branch_of(after, before), after) if "anyOf" in after else (before, _as_branch_of(before, after))


def _as_branch_of(choice: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as the only branch of an `anyOf` where it is one of the branches of `choice`."""
    branch = {key: value for key, value in schema.items() if key not in _WORDS}
    words = {key: value for key, value in schema.items() if key in _WORDS}
    return {**words, "anyOf": [branch]} if branch in choice.get("anyOf", ()) else schema


def _is_schema(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("type"), str | list) or any(
        isinstance(value.get(keyword), kind)
        for keyword, kind in (("anyOf", list), ("oneOf", list), ("enum", list), ("pattern", str), ("$ref", str))
    )


def _plain(schema: Any, root: Mapping[str, Any]) -> Any:
    """Write a schema in the one notation that is compared."""
    if isinstance(schema, list):
        return [_plain(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = _VALUES | {"enum", "const"}
    made = {key: value if key in kept else _plain(value, root) for key, value in schema.items()}
    if isinstance(made.get("required"), list):
        made["required"] = sorted(made["required"], key=str)
    if "const" in made and "enum" not in made:
        made["enum"] = [made.pop("const")]
    if isinstance(made.get("enum"), list):
        made["enum"] = sorted(made["enum"], key=_key)
    if isinstance(made.get("type"), str | list):
        made["type"] = sorted(_types(made["type"]))
    return _plain_choice(made, root)


def _plain_choice(schema: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Write `oneOf` of branches that exclude each other as `anyOf`, and `anyOf` with null as a type with null."""
    branches = schema.get("oneOf")
    if isinstance(branches, list) and "anyOf" not in schema and _exclude_each_other(branches, root):
        schema = {key: value for key, value in schema.items() if key != "oneOf"} | {"anyOf": branches}
    branches = schema.get("anyOf")
    if not isinstance(branches, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(branches) == 1 and isinstance(branches[0], dict) and rest.keys() <= _WORDS - branches[0].keys():
        return {**rest, **branches[0]}
    others = [branch for branch in branches if branch != {"type": ["null"]}]
    only = others[0] if len(others) == 1 and len(branches) > 1 and isinstance(others[0], dict) else {}
    if isinstance(only.get("type"), list) and not only.keys() & (_OF_ALL_TYPES | rest.keys()):
        merged = {**rest, **only, "type": sorted({*only["type"], "null"})}
        if isinstance(only.get("enum"), list):
            merged["enum"] = sorted([value for value in only["enum"] if value is not None] + [None], key=_key)
        return merged
    return {**rest, "anyOf": sorted(branches, key=_key)}


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _types(written: str | list[str]) -> set[str]:
    types = {written} if isinstance(written, str) else set(written)
    return types - {"integer"} if "number" in types else types


def _exclude_each_other(branches: list[Any], root: Mapping[str, Any]) -> bool:
    """Whether it is certain that no value is of two branches."""
    try:
        schemas = [resolved(root, branch) for branch in branches]
    except LookupError:
        return False
    if not all(isinstance(schema, dict) for schema in schemas):
        return False
    return all(_disjoint(one, other) for one, other in combinations(schemas, 2))


def _disjoint(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two schemas have no type in common, or only objects of which one must have more keys than the other."""
    first, second = _types_of(one), _types_of(other)
    if first is None or second is None:
        return False
    common = first & second
    return common <= {"object"} and (not common or _has_more_keys(one, other) or _has_more_keys(other, one))


def _has_more_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return "maxProperties" in other and len(set(one.get("required", ()))) > int(other["maxProperties"])


def _types_of(schema: Mapping[str, Any]) -> set[str] | None:
    """Return the types of the values of a schema, an integer also being a number; None where they are not known."""
    written, values = schema.get("type"), schema.get("enum", [schema["const"]] if "const" in schema else None)
    if isinstance(written, str | list):
        types = _types(written)
    elif isinstance(values, list):
        types = {_KINDS[type(value)] for value in values}
    else:
        return None
    return types | {"integer", "number"} if types & {"integer", "number"} else types


def _equal(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(
            same_pattern(value, new[key])
            if key == "pattern" and isinstance(value, str) and isinstance(new[key], str)
            else _equal(value, new[key])
            for key, value in old.items()
        )
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_equal(one, other) for one, other in zip(old, new, strict=True))
    return type(old) is type(new) and bool(old == new)
