"""Which rules a run is about: those that are judged, and those that have to be exercised."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

import click

from sleeptalk_contract.commands.completing import completing, rules_and_sentences
from sleeptalk_contract.contract.usage import UsageError, did_you_mean, listed
from sleeptalk_contract.reporting.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.service import Target

_LEVELS: Final = ("all", "must")

RULE: Final = click.option(
    "--rule",
    multiple=True,
    metavar="ID",
    shell_complete=completing(rules_and_sentences),
    help="Judge by this rule alone, or by all that a pattern fits, such as 'GROUP.*'; can be repeated.",
)
EXCLUDE: Final = click.option(
    "--exclude",
    multiple=True,
    metavar="ID",
    shell_complete=completing(rules_and_sentences),
    help="Do not judge by this rule, or by any that a pattern fits; it is shown as excluded; can be repeated.",
)
REQUIRE: Final = click.option(
    "--require",
    multiple=True,
    metavar="all|must|ID",
    shell_complete=completing(lambda _: [("all", "every rule"), ("must", "every must rule")], rules_and_sentences),
    help="Be inconclusive (exit code 2) unless these rules were exercised; patterns as in --rule; can be repeated.",
)


def selection(chosen: Sequence[str], excluded: Sequence[str], rules: Sequence[Rule], target: Target) -> Selection:
    """Return which of some rules of a target `--rule` and `--exclude` leave to be judged.

    What is beyond the rules is left out where `--rule` asks for certain ones. Raises UsageError for a name that fits
    none of the rules, and where nothing is left.
    """
    ids = [rule.id for rule in rules]
    wanted = _named("--rule", chosen, ids, target) if chosen else set(ids)
    left = wanted - _named("--exclude", excluded, ids, target)
    if not left:
        raise UsageError("--exclude leaves no rule to judge by: name fewer.")
    return Selection(frozenset(ids) - left, beyond=not chosen)


def required_rules(
    given: Sequence[str], rules: Sequence[Rule], target: Target, selected: Selection | None = None
) -> tuple[str, ...]:
    """Return the ids of those of some rules of a target that `--require` asks for, in the order of the catalogue.

    `all` and `must` mean those that are judged. Raises UsageError for a name that fits none of the rules, and for a
    rule that is not judged.
    """
    ids = [rule.id for rule in rules]
    excluded = frozenset[str]() if selected is None else selected.excluded
    named = _named("--require", [name for name in given if name not in _LEVELS], ids, target, others=_LEVELS)
    for name in given:
        if name in excluded:
            raise UsageError(f"--require {name}: --rule and --exclude leave out this very rule.")
    return tuple(
        rule.id
        for rule in rules
        if rule.id not in excluded
        and (rule.id in named or "all" in given or ("must" in given and rule.level == "must"))
    )


def _named(
    option: str, patterns: Sequence[str], ids: Sequence[str], target: Target, others: Sequence[str] = ()
) -> set[str]:
    """Return the ids that the values of an option fit. Raises UsageError for a value that fits none."""
    found: set[str] = set()
    for pattern in patterns:
        fitting = {each for each in ids if fnmatchcase(each, pattern)}
        if not fitting:
            advice = did_you_mean(pattern, (*ids, *others), f"write {listed((*others, 'the id of a rule'))}.")
            raise UsageError(f"{option} {pattern}: {target.name} is not judged by such a rule here: {advice}")
        found |= fitting
    return found
