"""Compares two versions of the catalogue (`rules.yaml`): rules that came, went, or say something else, by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.pointer import pointer
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.diffing.change import Change, Impact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.document import Document


def catalogue_changes(base: Document, revision: Document) -> Iterator[Change]:
    """Yield the changes between two versions of the catalogue.

    Readers of a service rely on its rules, so that less is breaking; whoever runs a callback receiver keeps its rules,
    so that more is. A rule of the kind `schema` that came or went is told by its document. Raises UsageError where a
    version is no catalogue.
    """
    before, after = _rules(base), _rules(revision)
    for rule, place in {**before, **after}.values():
        was, now = (found[rule.id][0] if rule.id in found else None for found in (before, after))
        version = revision if now is not None else base
        where = pointer(place)
        for impact, says in _verdicts(was, now):
            yield Change(impact, "rule", "rules", rule.id, where, f"Rule `{rule.id}` {says}", version.line(where))


def _verdicts(was: Rule | None, now: Rule | None) -> Iterator[tuple[Impact, str]]:
    if was is None or now is None:
        rule = was or now
        if rule is not None and rule.where != "schema":
            came = was is None
            verb = "added" if came else "removed"
            yield _impact(rule, more=came, promised=rule.level == "must"), f"({rule.says}) was {verb}."
        return
    if was.level != now.level:
        more = now.level == "must"
        yield _impact(now, more=more, promised=True), f"is a `{now.level}` now, it was a `{was.level}`."
    if was.says != now.says:
        yield Impact.PATCH, f'reads now "{now.says}", it read "{was.says}".'
    if (was.where, was.source) != (now.where, now.source):
        yield Impact.PATCH, f'is now of the kind `{now.where}`, from "{now.source}".'


def _impact(rule: Rule, *, more: bool, promised: bool) -> Impact:
    """Rate a rule that demands more, or less, than before; what was never promised breaks nobody."""
    breaks = more if rule.group == "receiver" else not more
    return Impact.MAJOR if breaks and promised else Impact.MINOR


def _rules(version: Document) -> dict[str, tuple[Rule, tuple[str, str]]]:
    """Read the rules by id, each with its place: group and index."""
    try:
        return {
            entry["id"]: (Rule(**entry), (group, str(index)))
            for group, entries in version.value.items()
            for index, entry in enumerate(entries)
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise UsageError(
            f"{version.label} is no catalogue: it must be groups of rules with id, level, where, source and says."
        ) from error
