"""Compares two versions of a catalogue (`rules/<document>.yaml`): rules added, removed or changed, by id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.catalogue import Catalogue, Rule, parse_catalogue
from sleeptalk_contract.diffing.change import Change, Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.document import Document


def catalogue_changes(name: str, base: Document, revision: Document) -> Iterator[Change]:
    """Yield the changes between two versions of catalogue `name`, "rules/asleep".

    Readers of a service rely on its rules, so fewer rules break them; a callback receiver has to keep its rules, so
    more rules break it. Rules of the kind `schema` that came or went are found in the document. Raises UsageError where
    a version is not a catalogue.
    """
    before, after = (parse_catalogue(version) for version in (base, revision))
    for rule in {**before.rules, **after.rules}:
        holder, version = (after, revision) if rule in after.rules else (before, base)
        place = holder.place(rule)
        for impact, sentence in _verdicts(before, after, rule):
            yield Change(impact, "rule", name, rule, place, f"Rule `{rule}` {sentence}", version.line(place))


def _verdicts(before: Catalogue, after: Catalogue, identity: str) -> Iterator[tuple[Impact, str]]:
    was, now = before.rules.get(identity), after.rules.get(identity)
    if was is None or now is None:
        rule = was or now
        if rule is not None and rule.where != "schema":
            came = was is None
            verb = "added" if came else "removed"
            yield _impact(rule, more=came, promised=rule.level == "must"), f"was {verb}: {rule.sentence}"
        return
    if was.level != now.level:
        more = now.level == "must"
        yield _impact(now, more=more, promised=True), f"is a `{now.level}` now, it was a `{was.level}`."
    if was.sentence != now.sentence:
        yield Impact.PATCH, f'reads "{now.sentence}" now, it read "{was.sentence}"'
    if (was.where, was.source) != (now.where, now.source):
        yield Impact.PATCH, f"is of the kind `{now.where}` now, from {now.source} ({now.source.url})."
    if _rest(was) != _rest(now):
        yield Impact.PATCH, "has other facts for the tools now, such as its hint or what it gives way to."


def _rest(rule: Rule) -> Rule:
    """Return a rule without what is compared by itself."""
    return replace(rule, level="must", where="schema", sentence="", source=None)  # type: ignore[arg-type]  # left out


def _impact(rule: Rule, *, more: bool, promised: bool) -> Impact:
    """Rate a rule that demands more, or less, than before; what was never promised breaks nobody."""
    breaks = more if rule.group == "receiver" else not more
    return Impact.MAJOR if breaks and promised else Impact.MINOR
