"""Judges the rules of kind `schema` straight from the OpenAPI documents, with any JSON Schema validator's means."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from sleeptalk_contract.contract.documents import callback_schema, named_schema, pointer, resolved, response_schema
from sleeptalk_contract.contract.exchange import Breach, Verdict
from sleeptalk_contract.judging.attribution import Trail, trail
from sleeptalk_contract.judging.exercised import ExercisedRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST_MESSAGE: Final = 240

_MOST_ERRORS: Final = 500
"""So many errors of one body are looked at: a list of a million wrong values would take seconds and say no more."""

_OUTRANKED: Final = {"callback.data-matches-event": "callback.shape"}
"""Where the first rule is broken at a place, the second is not reported there: it says the same with less meaning."""


class SchemaJudge:
    """Judges bodies by one self-contained JSON Schema, whose validator is compiled once.

    Errors are named by the rules that `attribution` finds; what belongs to no rule goes to `beyond`. One breach is
    given for each keyword of the schema that fails, with the first place where it does.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self._root = schema
        self._validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self._exercised = ExercisedRules(schema)
        self._trails: dict[tuple[str | int, ...], Trail] = {}

    def judge(self, body: Any) -> Verdict:
        """Judge one decoded JSON value."""
        counts: Counter[str] = Counter()
        self._exercised.count(body, counts)
        errors = list(islice(self._validator.iter_errors(body), _MOST_ERRORS))
        if not errors:
            return Verdict(counts)
        found = self._named(errors)
        for breach in found:
            if breach.rule:  # a missing key breaks its rule although no value was there
                counts[breach.rule] = max(counts[breach.rule], 1)
        return Verdict(counts, tuple(b for b in found if b.rule), tuple(b for b in found if not b.rule))

    def _named(self, errors: Iterable[Any]) -> list[Breach]:
        leaves = [leaf for error in errors for leaf in self._leaves(error)]
        mistyped = {
            pointer(leaf.instance_path)
            for leaf in leaves
            if self._trail(leaf).keyword in {"type", "anyOf", "oneOf"} and self._trail(leaf).conditional is None
        }
        found: list[Breach] = []
        seen: set[tuple[object, ...]] = set()
        for leaf in leaves:
            way, where = self._trail(leaf), pointer(leaf.instance_path)
            value_keyword = way.keyword not in {"type", "required", "anyOf", "oneOf"}
            if value_keyword and where in mistyped and way.conditional is None:
                continue  # a value of the wrong type is not judged for its value as well
            if way.keyword in {"anyOf", "oneOf"}:  # no branch fits the type: that is an error of type
                way = Trail("type", way.nearest, way.nearest_shape, way.conditional, bound_only=False)
            rule = way.rule(whole_number_expected=_is_fraction(leaf)) or ""
            missing = leaf.message if way.keyword == "required" else ""
            at_keyword, at_place = (rule, missing, *leaf.evaluation_path), (rule, missing, where)
            if at_keyword not in seen and at_place not in seen:
                found.append(Breach(rule, _shortened(leaf.message), where))
            seen.update((at_keyword, at_place))
        return _without_outranked(found)

    def _trail(self, error: Any) -> Trail:
        path = tuple(error.evaluation_path)
        if path not in self._trails:
            self._trails[path] = trail(self._root, path)
        return self._trails[path]

    def _leaves(self, error: Any) -> Iterator[Any]:
        """Give the errors that an error of anyOf or oneOf stands for: those of the branch that was meant."""
        branches = getattr(error.kind, "context", None)
        if branches is None or self._trail(error).conditional is not None:
            yield error
            return
        here = list(error.instance_path)
        fitting = [branch for branch in branches if not any(self._is_mistyped(inner, here) for inner in branch)]
        if not fitting:
            yield error
            return
        tag = self._discriminator(error)
        if tag is not None:
            meant = isinstance(error.instance, dict) and tag in error.instance
            fitting = [b for b in fitting if meant and not any(list(e.instance_path) == [*here, tag] for e in b)]
        elif len(fitting) > 1:
            fitting = [b for b in fitting if all(self._trail(inner).keyword != "maxProperties" for inner in b)]
        for inner in fitting[0] if fitting else ():
            yield from self._leaves(inner)

    def _is_mistyped(self, error: Any, here: list[str | int]) -> bool:
        return list(error.instance_path) == here and self._trail(error).keyword == "type"

    def _discriminator(self, error: Any) -> str | None:
        holder: Any = self._root
        for step in list(error.evaluation_path)[:-1]:
            holder = resolved(self._root, holder) if step == "$ref" else holder[step]
        return holder.get("discriminator", {}).get("propertyName") if isinstance(holder, dict) else None


@cache
def response_judge(target: str, status: int) -> SchemaJudge | None:
    """Give the judge of a target's JSON answers with one status; None where the document has no schema for it."""
    schema = response_schema(target, status)
    return None if schema is None else SchemaJudge(schema)


@cache
def callback_judge() -> SchemaJudge:
    """Give the judge of callback bodies."""
    return SchemaJudge(callback_schema())


@cache
def request_error_judge() -> SchemaJudge:
    """Give the judge of Phonexia's request errors, whatever their status."""
    return SchemaJudge(named_schema("phonexia", "RequestError"))


def _without_outranked(found: list[Breach]) -> list[Breach]:
    outranked = {(_OUTRANKED[breach.rule], breach.where) for breach in found if breach.rule in _OUTRANKED}
    return [breach for breach in found if (breach.rule, breach.where) not in outranked]


def _is_fraction(error: Any) -> bool:
    value = getattr(error, "instance", None)
    return isinstance(value, float)


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST_MESSAGE else message[: _LONGEST_MESSAGE // 2] + " ... " + message[-100:]
