"""Judge JSON bodies by a schema of an OpenAPI document: which rules they break, and what is wrong beyond the rules.

An error of jsonschema_rs carries its evaluation path, which runs through every `$ref`. Walked from the root it meets
the `x-rule`s, and the last one met is the nearest:

- inside the `then` of a conditional, every error belongs to the conditional's rule;
- `type` and `required` belong to the nearest shape rule, except for a number that is not whole where a whole one is
  called for, which breaks the nearest rule of any kind;
- any other keyword belongs to the nearest rule unless that is a shape rule, or the schema lists the keyword in
  `x-fuzzing-bounds`: then it belongs to no rule.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.catalogue import Catalogue, catalogue_of
from sleeptalk_contract.contract.exchange import Breach, Verdict
from sleeptalk_contract.contract.pointer import follow, pointer, resolved
from sleeptalk_contract.judging.exercised import ExercisedRules
from sleeptalk_contract.judging.wording import complete, holder_of, types_of, wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.bodies import ReadBody
    from sleeptalk_contract.contract.operation import Operation

_LENGTHS: Final = frozenset({"minLength", "maxLength"})
_MOST_ERRORS: Final = 500
"""How many errors of one body are looked at: those of a million wrong values would take seconds and add nothing."""

_FAR: Final = 50
_SHAPE_KEYWORDS: Final = frozenset({"type", "required"})
_KEYWORDS_OF_VALUES: Final = frozenset({"const", "enum", "default", "examples", "example"})
_KEYWORDS_OF_NAMES: Final = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})


@dataclass(frozen=True, slots=True)
class RuleNames:
    """Reads the `x-rule`s of a schema for the group of rules that is being judged, see `rules_meant`."""

    catalogue: Catalogue
    group: str

    def full(self, name: str) -> str:
        """Return the id that an `x-rule` means."""
        return name if "." in name else f"{self.group}.{name}"

    def is_shape(self, rule: str | None) -> bool:
        """Return whether a rule is about which keys there are and of which type."""
        found = self.catalogue.rules.get(rule) if rule is not None else None
        return found is not None and found.shape

    def without_outranked(self, breaches: Sequence[Breach]) -> list[Breach]:
        """Return the breaches but those that give way to another one at the same place."""
        broken = {(breach.rule, breach.location) for breach in breaches}
        rules = self.catalogue.rules
        return [
            breach
            for breach in breaches
            if breach.rule not in rules or (rules[breach.rule].gives_way_to, breach.location) not in broken
        ]


@dataclass(frozen=True, slots=True)
class Trail:
    """What the path to a failing keyword passes.

    `keyword` is the failing keyword; `nearest` and `nearest_shape` are rule ids, None where none was met, and
    `ends_in_shape` is whether both are the same; `conditional` is the rule of the conditional in whose `then` the
    keyword stands, or None; `bound_only` is whether the keyword is there for fuzzing alone.
    """

    keyword: str
    nearest: str | None
    nearest_shape: str | None
    ends_in_shape: bool
    conditional: str | None
    bound_only: bool

    def rule(self, *, whole_number_expected: bool = False) -> str | None:
        """Return the id of the rule that an error of this keyword breaks, None where it belongs to no rule."""
        if self.conditional is not None:
            return self.conditional
        if self.keyword in _SHAPE_KEYWORDS:
            return self.nearest if whole_number_expected else self.nearest_shape
        return None if self.bound_only or self.ends_in_shape else self.nearest


def trail(root: Mapping[str, Any], path: Sequence[str | int], names: RuleNames) -> Trail:
    """Walk an evaluation path from the root schema."""
    node: Any = root
    nearest = nearest_shape = conditional = None
    at_name = False
    holder: Any = root
    for step in path:
        if not at_name and isinstance(node, dict):
            holder = node
            nearest = names.full(node["x-rule"]) if "x-rule" in node else nearest
            nearest_shape = nearest if names.is_shape(nearest) else nearest_shape
            if step == "then":
                conditional = nearest
        node = follow(root, node["$ref"]) if step == "$ref" and not at_name else node[step]
        at_name = not at_name and step in _KEYWORDS_OF_NAMES
    keyword = str(path[-1]) if path else ""
    bound_only = keyword in holder.get("x-fuzzing-bounds", ())
    return Trail(keyword, nearest, nearest_shape, names.is_shape(nearest), conditional, bound_only)


_ARE_OF: Final[Mapping[str, Callable[[Any], bool]]] = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "null": lambda value: value is None,
}


def without_implied_types(schema: Any) -> Any:
    """Return a copy of a schema by which the same bodies are valid, without types that follow from an `enum` beside.

    A night has a thousand stages, each of which would be looked at for its type and for its value.
    """
    if isinstance(schema, list):
        return [without_implied_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: value if key in _KEYWORDS_OF_VALUES else without_implied_types(value) for key, value in schema.items()}
    options, types = copy.get("enum"), copy.get("type")
    names = [types] if isinstance(types, str) else types
    if isinstance(options, list) and isinstance(names, list) and all(_is_of_any(each, names) for each in options):
        del copy["type"]
    return copy


def _is_of_any(value: Any, names: Sequence[Any]) -> bool:
    return any(name in _ARE_OF and _ARE_OF[name](value) for name in names)


class SchemaJudge:
    """Judges bodies by one self-contained JSON Schema, whose validator is compiled once, for one group of rules.

    What belongs to no rule goes to `beyond`. One breach is reported for each keyword of the schema that fails, with the
    first place where it does.
    """

    def __init__(self, schema: dict[str, Any], names: RuleNames) -> None:
        self._root = schema
        self._names = names
        self._validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        quick = jsonschema_rs.Draft202012Validator(without_implied_types(schema), validate_formats=True)
        self._is_valid = quick.is_valid  # most bodies are, and to say no more than this is a good deal faster
        self._exercised = ExercisedRules(schema, names.full)
        self._trails: dict[tuple[str | int, ...], Trail] = {}
        self._top = resolved(schema, schema)

    def recognises(self, body: Any) -> bool:
        """Whether a body has one of the keys that it must have, so that it is of this kind if not as it should be."""
        return isinstance(body, dict) and any(key in body for key in self._top.get("required", ()))

    @cached_property
    def required_keys(self) -> frozenset[str]:
        """The keys that a body must have, or would have to have in one of its forms."""
        forms = [resolved(self._root, each) for word in ("oneOf", "anyOf") for each in self._top.get(word, ())]
        return frozenset(key for form in (self._top, *forms) for key in form.get("required", ()))

    @property
    def shape(self) -> str | None:
        """The shape rule of the body as a whole, which also calls for JSON; None without one."""
        rule = self._top.get("x-rule")
        return self._names.full(rule) if rule is not None and self._names.is_shape(self._names.full(rule)) else None

    def distance(self, body: ReadBody) -> int:
        """Return how many errors a body that is JSON has, at most 50: of several schemas the nearest is meant."""
        errors = self._validator.iter_errors
        return body.once((self, "distance"), lambda: sum(1 for _ in islice(errors(body.value), _FAR)))

    def judge_body(self, body: ReadBody) -> Verdict:
        """Judge a body that is JSON, once for all equal ones."""
        return body.once(self, lambda: self.judge(body.value))

    def judge(self, body: Any) -> Verdict:
        """Judge one decoded JSON value."""
        counts = Counter(self._exercised.by(body))
        if self._is_valid(body):
            return Verdict(counts)
        found = self._named(islice(self._validator.iter_errors(body), _MOST_ERRORS))
        for breach in found:
            if breach.rule:  # a missing key breaks its rule although no value was there
                counts[breach.rule] = max(counts[breach.rule], 1)
        return Verdict(counts, tuple(b for b in found if b.rule), tuple(b for b in found if not b.rule))

    def _named(self, errors: Iterable[Any]) -> list[Breach]:
        leaves = [leaf for error in errors for leaf in self._leaves(error)]
        leaves.sort(key=lambda leaf: str(leaf.kind.name) in _LENGTHS)  # what is wrong with a text says more
        mistyped = {
            pointer(leaf.instance_path)
            for leaf in leaves
            if self._trail(leaf).keyword in {"type", "anyOf", "oneOf"} and self._trail(leaf).conditional is None
        }
        found: list[Breach] = []
        seen: set[tuple[object, ...]] = set()
        for leaf in leaves:
            way, location = self._trail(leaf), pointer(leaf.instance_path)
            value_keyword = way.keyword not in {"type", "required", "anyOf", "oneOf"}
            if value_keyword and location in mistyped and way.conditional is None:
                continue  # a value of the wrong type is not judged for its value as well
            if way.keyword in {"anyOf", "oneOf"} or self._is_beyond_floats(leaf):  # no branch, or no float, fits
                way = replace(way, keyword="type", bound_only=False)
            rule = way.rule(whole_number_expected=self._is_fraction(leaf)) or ""
            missing = leaf.message if way.keyword == "required" else ""
            at_keyword, at_place = (rule, missing, *leaf.evaluation_path), (rule, missing, location)
            if at_keyword not in seen and at_place not in seen:
                words, value = wording(leaf, self._root)
                found.append(Breach(rule, complete(words, value), location, words))
            seen.update((at_keyword, at_place))
        return self._names.without_outranked(found)

    def _is_fraction(self, error: Any) -> bool:
        """Whether a value is a number that is not whole where a whole one is called for."""
        return isinstance(error.instance, float) and "integer" in self._types(error)

    def _types(self, error: Any) -> Sequence[str]:
        """Return the names of the types that would do at the place of an error; of anyOf those of all branches."""
        holder = holder_of(error, self._root)
        branches = [branch for keyword in ("anyOf", "oneOf") for branch in holder.get(keyword, ())]
        return [name for schema in (holder, *branches) for name in types_of(schema, self._root)]

    def _is_beyond_floats(self, error: Any) -> bool:
        """Whether a whole number is over a bound, and over every float where a whole number need not be."""
        value = error.instance
        if type(value) is not int or abs(value) <= sys.float_info.max:
            return False
        types = self._types(error)
        return "number" in types and "integer" not in types

    def _trail(self, error: Any) -> Trail:
        path = tuple(error.evaluation_path)
        if path not in self._trails:
            self._trails[path] = trail(self._root, path, self._names)
        return self._trails[path]

    def _leaves(self, error: Any) -> Iterator[Any]:
        """Yield the errors that an error of anyOf or oneOf stands for: those of the branch that was meant.

        That is the one that a discriminator names, else the one of which the fewest keys are missing.
        """
        branches = getattr(error.kind, "context", None)
        if branches is None or self._trail(error).conditional is not None:
            yield error
            return
        here = list(error.instance_path)
        fitting = [branch for branch in branches if not any(self._is_of(inner, here, "type") for inner in branch)]
        if not fitting:
            yield error
            return
        tag = self._discriminator(error)
        if tag is not None:
            meant = isinstance(error.instance, dict) and tag in error.instance
            fitting = [b for b in fitting if meant and not any(list(e.instance_path) == [*here, tag] for e in b)]
        elif len(fitting) > 1:
            fitting = [b for b in fitting if all(self._trail(inner).keyword != "maxProperties" for inner in b)]
            fitting.sort(key=lambda branch: sum(self._is_of(inner, here, "required") for inner in branch))
        for inner in fitting[0] if fitting else ():
            yield from self._leaves(inner)

    def _is_of(self, error: Any, here: list[str | int], keyword: str) -> bool:
        return list(error.instance_path) == here and self._trail(error).keyword == keyword

    def _discriminator(self, error: Any) -> str | None:
        holder = holder_of(error, self._root)
        return holder.get("discriminator", {}).get("propertyName") if isinstance(holder, dict) else None


@cache
def response_judge(operation: Operation, status: int, group: str) -> SchemaJudge | None:
    """Return the judge of an operation's JSON answers with one status, for a group of rules.

    None where the document has no schema for them.
    """
    return _judge_of(operation, operation.response_schema(status), group)


@cache
def request_judge(operation: Operation, group: str) -> SchemaJudge | None:
    """Return the judge of an operation's JSON requests; None where the document has no schema for them."""
    return _judge_of(operation, operation.request_schema(), group)


@cache
def success_shape(operation: Operation, group: str) -> str | None:
    """Return the rule about the shape of an operation's successes; None where there is none."""
    statuses = [int(response.status.upper().replace("X", "0")) for response in operation.successes]
    judges = (response_judge(operation, status, group) for status in statuses)
    return next((judge.shape for judge in judges if judge is not None and judge.shape), None)


def _judge_of(operation: Operation, schema: Mapping[str, Any] | None, group: str) -> SchemaJudge | None:
    document = operation.document
    names = RuleNames(catalogue_of(document.name, document.folder), group)
    return None if schema is None else SchemaJudge(dict(schema), names)
