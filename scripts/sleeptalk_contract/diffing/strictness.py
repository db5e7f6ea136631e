"""Compare two JSON Schemas, or two Python types: the second admits less, more, both, or the same."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Any, Final

from sleeptalk_contract.diffing.equality import admit_the_same
from sleeptalk_contract.diffing.patterns import same_pattern

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_NESTED: Final = ("items", "contains", "additionalProperties", "propertyNames")
_ALL_TYPES: Final = frozenset({"string", "number", "boolean", "object", "array", "null"})
_REMARKS: Final = frozenset({"description", "title", "examples", "example", "default", "deprecated", "$comment"})


@dataclass(frozen=True, slots=True)
class Relation:
    """How a new schema relates to an old one: `less` where it refuses what was admitted, `more` the other way round."""

    less: bool = False
    more: bool = False

    def __or__(self, other: Relation) -> Relation:
        return Relation(self.less or other.less, self.more or other.more)

    @property
    def reversed(self) -> Relation:
        """The relation of the two negated schemas."""
        return Relation(less=self.more, more=self.less)


EQUAL: Final = Relation()
NARROWER: Final = Relation(less=True)
WIDER: Final = Relation(more=True)
DIFFERENT: Final = Relation(less=True, more=True)

_WIDENS: Final = {("int", "float"), ("bool", "int")}


def compare(old: Any, new: Any) -> Relation:
    """Return how the schema `new` relates to `old`: less and more where keywords cannot be compared."""
    if old == new or admit_the_same(old, new):
        return EQUAL
    old, new = _as_mapping(old), _as_mapping(new)
    relation = _types(old, new) | _values(old, new) | _required(old, new) | _properties(old, new)
    for keyword in _LOWER:
        relation |= _bound(old.get(keyword), new.get(keyword))
    for keyword in _UPPER:
        relation |= _bound(_negated(old.get(keyword)), _negated(new.get(keyword)))
    for keyword in _NESTED:
        relation |= compare(old.get(keyword, {}), new.get(keyword, {}))
    relation |= _not(old, new)
    relation |= _choice(old, new, "anyOf") | _choice(old, new, "oneOf") | _conjunction(old, new)
    known = {
        *_LOWER,
        *_UPPER,
        *_NESTED,
        "type",
        "enum",
        "const",
        "required",
        "properties",
        "not",
        "anyOf",
        "oneOf",
        "allOf",
    }
    for keyword in (old.keys() | new.keys()) - known - _REMARKS:
        before, after = old.get(keyword), new.get(keyword)
        if keyword == "pattern" and before is not None and after is not None and same_pattern(before, after):
            continue
        if not keyword.startswith("x-") and before != after:
            relation |= WIDER if keyword not in new else NARROWER if keyword not in old else DIFFERENT
    return relation


def _as_mapping(schema: Any) -> dict[str, Any]:
    """Write the boolean schemas as mappings: true admits everything, false nothing."""
    if isinstance(schema, dict):
        return schema
    return {} if schema is True else {"not": {}}


def _sets(old: frozenset[str] | None, new: frozenset[str] | None) -> Relation:
    """Compare two sets of what is admitted; None admits everything."""
    if old == new:
        return EQUAL
    if old is None or new is None:
        return NARROWER if old is None else WIDER
    return Relation(less=bool(old - new), more=bool(new - old))


def _types(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    return _sets(_type_set(old), _type_set(new))


def _type_set(schema: dict[str, Any]) -> frozenset[str] | None:
    """Return the admitted types, None for all. A number is an integer or a fraction: integer is a part of number."""
    if "type" not in schema:
        return None
    written = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    admitted = frozenset(written)
    if "number" in admitted:
        admitted = admitted - {"number"} | {"integer", "fraction"}
    everything = _ALL_TYPES - {"number"} | {"integer", "fraction"}
    return None if admitted >= everything else admitted


def _values(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    return _sets(_value_set(old), _value_set(new))


def _value_set(schema: dict[str, Any]) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({json.dumps(schema["const"], sort_keys=True)})
    if "enum" in schema:
        return frozenset(json.dumps(value, sort_keys=True) for value in schema["enum"])
    return None


def _required(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    return Relation(less=bool(after - before), more=bool(before - after))


def _properties(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    relation = EQUAL
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before.keys() | after.keys():
        relation |= compare(before.get(name, {}), after.get(name, {}))
    return relation


def _bound(old: float | None, new: float | None) -> Relation:
    """Compare two lower bounds; None means unbounded."""
    if old == new:
        return EQUAL
    if old is None or new is None:
        return NARROWER if old is None else WIDER
    return NARROWER if new > old else WIDER


def _negated(bound: float | None) -> float | None:
    """Turn an upper bound into the lower bound of the negated value."""
    return None if bound is None else -bound


def _not(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    if "not" not in old or "not" not in new:
        return EQUAL if old.get("not") == new.get("not") else WIDER if "not" in old else NARROWER
    return compare(old["not"], new["not"]).reversed


def _choice(old: dict[str, Any], new: dict[str, Any], keyword: str) -> Relation:
    """Compare `anyOf` or `oneOf`: a further branch admits more."""
    if keyword not in old or keyword not in new:
        return EQUAL if old.get(keyword) == new.get(keyword) else WIDER if keyword in old else NARROWER
    gone, come = _unmatched(old[keyword], new[keyword])
    relation = EQUAL
    for before, after in zip(gone, come, strict=False):
        relation |= compare(before, after)
    return relation | Relation(less=len(gone) > len(come), more=len(come) > len(gone))


def _conjunction(old: dict[str, Any], new: dict[str, Any]) -> Relation:
    """Compare `allOf`: a further member admits less."""
    gone, come = _unmatched(old.get("allOf", []), new.get("allOf", []))
    relation = EQUAL
    for before, after in zip(gone, come, strict=False):
        relation |= compare(before, after)
    return relation | Relation(less=len(come) > len(gone), more=len(gone) > len(come))


def _unmatched(old: list[Any], new: list[Any]) -> tuple[list[Any], list[Any]]:
    """Leave out what is in both lists."""
    return [member for member in old if member not in new], [member for member in new if member not in old]


def compare_types(old: str, new: str) -> Relation:
    """Return how the Python type `new` relates to `old`: `int` is a part of `float`, lists compare by items."""
    if old == new:
        return EQUAL
    before, after = _members(ast.parse(old, mode="eval").body), _members(ast.parse(new, mode="eval").body)
    gone = [member for member in before if member not in after]
    come = [member for member in after if member not in before]
    if len(gone) == len(come) == 1:
        return _one(gone[0], come[0])
    return Relation(less=bool(gone), more=bool(come))


def _members(node: ast.expr) -> list[str]:
    """Return the members of a union as written, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _members(node.left) + _members(node.right)
    return [ast.unparse(node)]


def _one(old: str, new: str) -> Relation:
    if (old, new) in _WIDENS:
        return WIDER
    if (new, old) in _WIDENS:
        return WIDER.reversed
    before, after = ast.parse(old, mode="eval").body, ast.parse(new, mode="eval").body
    match before, after:
        case ast.Subscript(value=outer), ast.Subscript(value=other) if ast.unparse(outer) == ast.unparse(other):
            return compare_types(_inside(before), _inside(after))
    return DIFFERENT


def _inside(node: ast.Subscript) -> str:
    """Return what stands in the brackets; of `dict[str, X]`, the type of the values."""
    inner = node.slice
    return ast.unparse(inner.elts[-1] if isinstance(inner, ast.Tuple) else inner)
