"""A body as its reader meets it: fields within fields, with types, meanings, limits, rules, and when each is null."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.pointer import described_schemas
from sleeptalk_contract.reference.fields import Member, limits, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.reference.published import Published

_NULL: Final = {"type": "null"}
_LONG: Final = 80
"""A pattern in so many characters tells a reader less than the format beside it; the page of fields has it."""
_MANY: Final = {"value": "values", "integer": "integers", "number": "numbers", "string": "strings", "object": "objects"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several shapes: the name of its schema, what it is, and its fields."""

    name: str
    description: str
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A field at its place in a body, or a parameter.

    - `path`: the names that lead to it ("result.stat.rem_ratio"); what is in a list has "[]" behind the list's name.
    - `words`: its type ("integer or null"); `schema`: the named schema that it refers to, None without one.
    - `limits`: in words; `members`: the values of an enumeration; `default`: as JSON, None without one.
    - `children`: the fields within it; `variants`: its shapes, where it has several.
    """

    name: str
    path: str
    words: str
    schema: str | None
    required: bool
    description: str
    limits: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    default: Any = None
    rules: tuple[Rule, ...] = ()
    children: tuple[Node, ...] = ()
    variants: tuple[Variant, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield this field and all within it."""
        yield self
        for child in (*self.children, *(child for variant in self.variants for child in variant.children)):
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Condition:
    """When some fields are null, or are not: a sentence, its rules, and the paths of the fields."""

    sentence: str
    rules: tuple[Rule, ...]
    null: tuple[str, ...]
    present: tuple[str, ...]


@dataclass
class Forest:
    """Makes the trees of one operation. `conditions` are those of all trees that it has made so far.

    `operation` is its operationId; `groups` are the names of the rule groups that are about it; `mentioned` are the
    rules whose sentences name a field, by (schema, field).
    """

    part: Published
    operation: str
    groups: frozenset[str]
    mentioned: Mapping[tuple[str, str], Sequence[str]]
    conditions: list[Condition] = field(default_factory=list)

    def tree(
        self,
        schema: Mapping[str, Any],
        name: str = "",
        *,
        required: bool = True,
        description: str = "",
        more: Iterable[str] = (),
    ) -> Node:
        """Return what a schema describes; `more` are ids of rules about it, beyond those that it carries."""
        written = {**schema, "description": description} if description else schema
        made = _Builder(self).node(_Place(name, name, required=required), written)
        return replace(made, rules=tuple(dict.fromkeys((*made.rules, *self.rules(more)))))

    def rules(self, identifiers: Iterable[str]) -> tuple[Rule, ...]:
        """Return the rules about the operation that some ids or `x-rule`s mean, each once.

        Where no group is about the operation, what the document says at its fields is shown as it is.
        """
        meant = (rule for each in identifiers for rule in self.part.rules_meant(each))
        about = {
            rule.id: rule
            for rule in meant
            if rule.is_about(self.operation) and (rule.group in self.groups or not self.groups)
        }
        return tuple(about.values())

    @cached_property
    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """The named schemas of the document, written out."""
        return described_schemas(self.part.document.root)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field stands: its name, its path, the named schema that it is a field of, whether it must be there."""

    name: str
    path: str
    holder: str | None = None
    required: bool = True


class _Builder:
    """Makes one tree. `_constrained` holds the rules of the conditions on fields that have not been reached yet."""

    def __init__(self, forest: Forest) -> None:
        self._forest = forest
        self._constrained: defaultdict[str, list[Rule]] = defaultdict(list)

    def node(self, place: _Place, written: Mapping[str, Any], met: frozenset[str] = frozenset()) -> Node:
        """Return what stands at a place; `met` are the named schemas around it."""
        schema, whole, parts = self._whole(written)
        shapes = [each for each in _shapes(whole) if each != _NULL]
        if len(shapes) == 1 and whole is not shapes[0]:  # something or null: its own description says more
            inner, shape, more = self._whole(shapes[0])
            schema, whole, parts = schema or inner, {**shape, **whole}, [*parts, *more]
            shapes = [] if whole.get("properties") else _shapes(shape)
        items_schema, items, item_parts = (
            self._whole(whole["items"]) if isinstance(whole.get("items"), dict) else (None, {}, [])
        )
        x_rules = [part["x-rule"] for part in (*parts, *item_parts) if "x-rule" in part]
        mentioned = self._forest.mentioned.get((place.holder or "", place.name), ())
        inside = {each for each in (schema, items_schema) if each}
        children: tuple[Node, ...] = ()
        variants: tuple[Variant, ...] = ()
        if not inside & met:
            below = f"{place.path}[]" if items else place.path
            self._condition(place.path, whole)
            self._condition(below, items)
            children = self._children(below, items or whole, items_schema or schema, met | inside)
            variants = self._variants(below, _shapes(items) if items else shapes, met | inside)
        rules = (*self._forest.rules([*x_rules, *mentioned]), *self._constrained[place.path])
        said = [each for part in (*parts, *item_parts) for each in limits(part)]
        return Node(
            name=place.name,
            path=place.path,
            words=self._words(written),
            schema=schema or items_schema,
            required=place.required,
            description=written.get("description") or whole.get("description", ""),
            limits=tuple(dict.fromkeys(each for each in said if len(each) < _LONG)),
            members=members(whole) or members(items),
            default=whole.get("default"),
            rules=tuple(dict.fromkeys(rules)),
            children=children,
            variants=variants,
        )

    def _whole(self, written: Mapping[str, Any]) -> tuple[str | None, dict[str, Any], list[Mapping[str, Any]]]:
        """Return the name that a schema refers to, the schema with what it refers to written in, and its parts."""
        name, whole, parts = None, dict(written), [written]
        while "$ref" in whole:
            name = name or whole["$ref"].rpartition("/")[2]
            named = self._forest.schemas.get(whole["$ref"].rpartition("/")[2])
            target = named or self._forest.part.document.resolved(whole)
            parts.append(target)
            beside = {key: value for key, value in whole.items() if key != "$ref"}
            whole = {**target, **beside}
            conditions = [*target.get("allOf", ()), *beside.get("allOf", ())]
            if conditions:
                whole["allOf"] = conditions
        return name, whole, parts

    def _children(
        self, path: str, whole: Mapping[str, Any], schema: str | None, met: frozenset[str]
    ) -> tuple[Node, ...]:
        required = whole.get("required", ())
        return tuple(
            self.node(_Place(name, f"{path}.{name}" if path else name, schema, required=name in required), written, met)
            for name, written in whole.get("properties", {}).items()
        )

    def _variants(self, path: str, shapes: Sequence[Mapping[str, Any]], met: frozenset[str]) -> tuple[Variant, ...]:
        made: list[Variant] = []
        for shape in shapes:
            name, whole, _ = self._whole(shape)
            if name is None or name in met or not (whole.get("properties") or _shapes(whole)):
                continue
            self._condition(path, whole)
            inner = self.node(_Place(name, path), shape, met)
            if inner.variants:
                made += inner.variants
            else:
                made.append(Variant(name, whole.get("description", ""), inner.children))
        return tuple(made)

    def _condition(self, path: str, whole: Mapping[str, Any]) -> None:
        """Note what each condition of a schema says about null, for the table and for the fields below."""
        for entry in whole.get("allOf", ()):
            if "if" not in entry:
                continue
            rules = self._forest.rules([entry.get("x-rule", "")])
            found = list(self._constraints(entry.get("then", {}), path))
            for place, _ in found:
                self._constrained[place] += rules
            null = tuple(place for place, is_null in found if is_null)
            present = tuple(place for place, is_null in found if not is_null)
            made = Condition(entry.get("description", ""), rules, null, present)
            if found and rules and made not in self._forest.conditions:
                self._forest.conditions.append(made)

    def _constraints(self, then: Mapping[str, Any], path: str) -> Iterator[tuple[str, bool]]:
        """Yield (path, whether it is null) for each field that a consequence makes null, or forbids to be null."""
        then = self._forest.part.document.resolved(then)
        if path and then.get("type") == "null":
            yield path, True
        elif path and (then.get("not") == _NULL or then.get("type") in {"object", "array"}):
            yield path, False
        for name, schema in then.get("properties", {}).items():
            yield from self._constraints(schema, f"{path}.{name}" if path else name)

    def _words(self, written: Mapping[str, Any]) -> str:
        """Return the type of a schema in words: "list of integers or null"."""
        _, whole, _ = self._whole(written)
        shapes = _shapes(whole)
        if shapes and "properties" not in whole:
            return _joined(self._words(shape) for shape in shapes)
        if whole.get("type") == "object" and whole.get("maxProperties") == 0:
            return "{}"
        kinds = whole.get("type") or _kinds_of(whole)
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        items = self._words(whole["items"]) if isinstance(whole.get("items"), dict) else "value"
        return _joined(f"list of {_MANY.get(items, items)}" if kind == "array" else kind for kind in kinds)


def _kinds_of(whole: Mapping[str, Any]) -> list[str]:
    """Return the types of a constant, or "any value"."""
    value = whole.get("const", (whole.get("enum") or [None])[0])
    return ["string"] if isinstance(value, str) else ["any value"]


def _shapes(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(schema.get("oneOf") or schema.get("anyOf") or ())


def _joined(words: Iterable[str]) -> str:
    """Join types with "or", null last."""
    each = dict.fromkeys(part for word in words for part in word.split(" or "))
    return " or ".join(sorted(each, key=lambda word: (word == "null", word == "{}")))
