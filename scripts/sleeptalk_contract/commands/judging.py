"""What `judge` and `proxy` share: how traffic that is not of our making is judged."""

from __future__ import annotations

import os
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

import click

from sleeptalk_contract.commands.options import all_of, given_claims, given_credentials, given_ids
from sleeptalk_contract.commands.selecting import required_rules, selection
from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.preflight import check_ids
from sleeptalk_contract.recording.traffic import Terms
from sleeptalk_contract.reporting.baseline import Baseline, read_baseline

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.service import Target

JUDGING: Final = all_of(
    (
        click.option(
            "--check-keys",
            is_flag=True,
            help="Compare the keys with the one in the environment; with a key as an option that is so anyhow."
            " Otherwise any key counts as right.",
        ),
        click.option(
            "--keys-left-out",
            is_flag=True,
            help="Take a key that an exchange lacks for left out of the recording, as is always done in cassettes.",
        ),
        click.option(
            "--webhook-path",
            metavar="PATH",
            help="The path that deliveries are sent to; by default they are known by their bodies or their headers.",
        ),
    )
)


def judging_terms(
    chosen: Sequence[Target], targets: Sequence[Target], given: Mapping[str, Any], today: dt.date
) -> list[Terms]:
    """Return the terms of each target that is judged, from the options; `chosen` are one that is named, or all.

    Raises UsageError for options that cannot be kept.
    """
    alone = len(chosen) == 1
    rules = {rule: target for target in targets for rule in target.rules}
    _check_patterns(given, chosen, alone=alone)
    baseline = read_baseline(given["baseline"], today, list(chosen[0].rules) if alone else list(rules))
    found = []
    for target in chosen:
        own = list(target.rules.values())
        chosen_rules, excluded, required = (
            given[name] if alone else _fitting(given[name], target) for name in ("rule", "exclude", "require")
        )
        if given["rule"] and not chosen_rules:
            continue  # every rule that is asked for is another target's
        selected = selection(chosen_rules, excluded, own, target)
        ids = given_ids(target, given, (target,) if not alone else targets)
        check_ids(target, ids)
        found.append(
            Terms(
                target,
                _credentials(target, given),
                frozenset(ids),
                given_claims(target, given, (target,) if not alone else targets),
                given["strict"],
                _about(baseline, target),
                required_rules(required, own, target, selected),
                selected,
                headers_left_out=given["keys_left_out"],
            )
        )
    return found


def _credentials(target: Target, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the right key by its header, where keys are to be compared; those of the environment are never shown."""
    key = target.key
    if key is None:
        return {}
    remember_key(os.environ.get(key.variable))
    option = key.option.lstrip("-").replace("-", "_")
    if not given["check_keys"] and not given.get(option):
        return {}
    found = {name: value for name, value in given_credentials(target, given).items() if name == key.header}
    if not found:
        raise UsageError(f"--check-keys needs the right key: set {key.variable}.")
    return found


def _check_patterns(given: Mapping[str, Any], chosen: Sequence[Target], *, alone: bool) -> None:
    """Raise UsageError for a pattern that fits no rule of any target."""
    if alone:
        return
    for option in ("rule", "exclude", "require"):
        for pattern in given[option]:
            if pattern not in {"all", "must"} and not any(_fitting([pattern], target) for target in chosen):
                raise UsageError(f"--{option} {pattern}: no target is judged by such a rule; see `sleeptalk rules`.")


def _fitting(patterns: Sequence[str], target: Target) -> tuple[str, ...]:
    levels = {"all", "must"}
    return tuple(each for each in patterns if each in levels or any(fnmatchcase(rule, each) for rule in target.rules))


def _about(baseline: Baseline, target: Target) -> Baseline:
    """Return the part of a baseline that is about a target."""
    rules = target.rules
    return replace(baseline, entries=tuple(entry for entry in baseline.entries if entry.rule in rules))
