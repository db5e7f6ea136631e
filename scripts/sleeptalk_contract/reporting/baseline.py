"""The baseline: known findings that the user accepts, for a reason and until a day."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from sleeptalk_contract.contract.bounded import read_bytes
from sleeptalk_contract.contract.usage import UsageError, did_you_mean
from sleeptalk_contract.contract.yaml_reader import read_yaml
from sleeptalk_contract.reporting.folder import write_whole
from sleeptalk_contract.reporting.model import Acceptance, Report, RuleResult

MORE_PLACES: Final = "(and more)"
"""Stands for the places of a rule beyond those that are kept: only an entry for the whole rule accepts them."""

_KEYS: Final = ("rule", "places", "reason", "expires")
_DAYS: Final = 90
_HEAD: Final = """\
# Findings that are accepted, for a reason and until a day, which still counts. Pass it with --baseline.
# An entry is about one rule; `places` narrows it to places in the body (* stands for anything), "status", or
# "header NAME"; without it the whole rule is accepted. Write down why each is accepted.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what is accepted of a rule, everywhere or at some `places` (patterns), why, and until when."""

    rule: str
    acceptance: Acceptance
    places: tuple[str, ...] = ()
    number: int = 0

    def __str__(self) -> str:
        return f"{self.rule} at {', '.join(self.places)}" if self.places else self.rule

    def covers(self, place: str) -> bool:
        """Whether it accepts a finding at a place."""
        return not self.places or any(fnmatchcase(place, pattern) for pattern in self.places)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the user accepts: the entries in force, and by rule id a sentence for one that has expired."""

    entries: tuple[Entry, ...] = ()
    expired: Mapping[str, str] = field(default_factory=dict)

    def covers(self, rule: str, place: str) -> bool:
        """Whether a finding about a rule at a place is accepted."""
        return any(entry.rule == rule and entry.covers(place) for entry in self.entries)

    def acceptance(self, rule: str, places: Collection[str]) -> Acceptance | None:
        """Return why a rule that was broken at some places is accepted; None where one of them is not."""
        if not places or not all(self.covers(rule, place) for place in places):
            return None
        used = [each for each in self.entries if each.rule == rule and any(map(each.covers, places))]
        reasons = dict.fromkeys(each.acceptance.reason for each in used)
        return Acceptance("; ".join(reasons), min(each.acceptance.expires for each in used))

    def hint(self, rule: str, places: Collection[str]) -> str:
        """Return, about a rule that is broken and not accepted, what keeps the baseline from accepting it."""
        others = [place or "the body" for place in places if not self.covers(rule, place)]
        if len(others) < len(places):
            return f"The baseline does not accept it at {', '.join(others)}."
        return self.expired.get(rule, "")

    def stale(self, results: Iterable[RuleResult], places: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """Return a sentence for each entry that a run had no use for although it exercised the rule."""
        checked = {result.rule.id for result in results if result.checked and not result.excluded}
        return tuple(
            f"Entry {entry.number} of the baseline ({entry}) is stale: nothing that it accepts was found. Remove it."
            for entry in self.entries
            if entry.rule in checked and not any(map(entry.covers, places.get(entry.rule, ())))
        )


def place_of(location: str) -> str:
    """Return a location as a place that entries name: an index of a list is "*"."""
    return re.sub(r"/\d+(?=/|$)", "/*", location)


def read_baseline(path: Path | None, today: dt.date, rules: Collection[str]) -> Baseline:
    """Read a baseline: YAML or JSON, a list under `accepted` of {rule, reason, expires: YYYY-MM-DD}; empty for None.

    An entry may have `places`, too. The day of expiry still counts. Raises UsageError with the entry at fault; one
    whose rule is not among `rules` (ids) could never take effect.
    """
    if path is None:
        return Baseline()
    value = _value(path)
    listed = value.get("accepted") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise UsageError(f"The baseline {path} needs a list under `accepted`.")
    entries = [_entry(path, number, each, rules) for number, each in enumerate(listed, start=1)]
    in_force = tuple(each for each in entries if each.acceptance.expires >= today.isoformat())
    expired = {
        each.rule: f"Entry {each.number} of the baseline expired on {each.acceptance.expires}:"
        f" {each.acceptance.reason}."
        for each in entries
        if each not in in_force
    }
    return Baseline(in_force, expired)


def _value(path: Path) -> Any:
    try:
        read = read_yaml(read_bytes(path).decode())
    except OSError as error:
        raise UsageError(f"The baseline {path} cannot be read ({error.strerror}).") from error
    except ValueError as error:  # not UTF-8, too large
        raise UsageError(f"The baseline {path} is neither YAML nor JSON: {' '.join(str(error).split())}.") from error
    if read.flaws:
        flaw = read.flaws[0]
        raise UsageError(f"The baseline {path} is neither YAML nor JSON: line {flaw.line}: {flaw.sentence}")
    return read.value


def _entry(path: Path, number: int, entry: Any, rules: Collection[str]) -> Entry:
    place = f"Entry {number} of the baseline {path}"
    if not isinstance(entry, dict):
        raise UsageError(f"{place} is not a mapping of rule, reason and expires.")
    rule, reason, expires = (entry.get(name) for name in ("rule", "reason", "expires"))
    if not isinstance(rule, str):
        raise UsageError(f"{place} does not name a rule: {rule!r}.")
    if rule not in rules:
        advice = did_you_mean(rule, rules, "remove it.")
        raise UsageError(f"{place} ({rule}) is about a rule that this target is not judged by: {advice}")
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{place} ({rule}) has no reason: write why the finding is accepted.")
    try:
        day = dt.date.fromisoformat(str(expires))
    except ValueError as error:
        raise UsageError(f"{place} ({rule}) has no date of expiry: write it as expires: 2030-01-31.") from error
    unknown = next((str(key) for key in entry if key not in _KEYS), None)
    if unknown is not None:
        advice = did_you_mean(unknown, _KEYS, f"write {', '.join(_KEYS)}.")
        raise UsageError(f"{place} ({rule}) has a key {unknown!r} that means nothing: {advice}")
    places = entry.get("places", [""])
    if not (isinstance(places, list) and places and all(isinstance(each, str) for each in places)):
        raise UsageError(f"{place} ({rule}) has places that are not a list of texts such as [/result/*].")
    return Entry(rule, Acceptance(reason.strip(), day.isoformat()), tuple(places) if "places" in entry else (), number)


class _Indented(yaml.SafeDumper):
    """Writes a list further in than its key, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # theirs
        """Never leave an indentation out."""
        super().increase_indent(flow, indentless=False)


def write_baseline(report: Report, path: Path, today: dt.date) -> int:
    """Write a baseline that accepts what fails a run, and what the one that was given accepts of it.

    New entries are narrowed to the places that were seen, and expire in 90 days. Returns how many entries it has.
    Raises UsageError where the file cannot be written.
    """
    entries = []
    for result in report.of("failed"):
        if not (result.fails(strict=report.strict) or result.accepted):
            continue
        places = [] if MORE_PLACES in result.places else list(result.places)
        known = result.accepted
        reason = f"seen on {today}; write here why it is accepted" if known is None else known.reason
        expires = (today + dt.timedelta(days=_DAYS)).isoformat() if known is None else known.expires
        entry: dict[str, Any] = {"rule": result.rule.id, "reason": reason, "expires": expires}
        entries.append(entry | ({"places": places} if places else {}))
    text = yaml.dump({"accepted": entries}, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=120)
    try:
        write_whole(path, _HEAD + text)
    except OSError as error:
        raise UsageError(f"The baseline {path} cannot be written ({error.strerror}).") from error
    return len(entries)
