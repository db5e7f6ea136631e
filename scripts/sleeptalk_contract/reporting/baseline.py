"""Known failures that a user accepts for a while."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.model import Acceptance


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline says of the failures of rules: those that are accepted, and, of those not any more, why."""

    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    expired: Mapping[str, str] = field(default_factory=dict)


def read_baseline(path: Path | None, today: dt.date, rules: Collection[str]) -> Baseline:
    """Read a baseline: YAML or JSON, a list of {rule, reason, expires: YYYY-MM-DD} under `accepted`.

    The day of expiry still counts. Raises UsageError with the entry at fault: one whose rule is not among `rules`
    could never take effect.
    """
    if path is None:
        return Baseline()
    value = _value(path)
    entries = value.get("accepted") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise UsageError(f"The baseline {path} needs a list under `accepted`.")
    accepted: dict[str, Acceptance] = {}
    expired: dict[str, str] = {}
    for number, entry in enumerate(entries, start=1):
        rule, acceptance = _entry(f"Entry {number} of the baseline {path}", entry, rules)
        if acceptance.expires >= today.isoformat():
            accepted[rule] = acceptance
        else:
            expired[rule] = f"Entry {number} of the baseline expired on {acceptance.expires}: {acceptance.reason}."
    return Baseline(accepted, expired)


def _value(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"The baseline {path} cannot be read ({error.strerror}).") from error
    except RecursionError as error:
        raise UsageError(f"The baseline {path} is nested too deeply to be one.") from error
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:  # such as a date that no calendar has
        raise UsageError(f"The baseline {path} is neither YAML nor JSON: {' '.join(str(error).split())}.") from error


def _entry(place: str, entry: Any, rules: Collection[str]) -> tuple[str, Acceptance]:
    if not isinstance(entry, dict):
        raise UsageError(f"{place} is no mapping of rule, reason and expires.")
    rule, reason, expires = (entry.get(name) for name in ("rule", "reason", "expires"))
    if not isinstance(rule, str):
        raise UsageError(f"{place} names no rule: {rule!r}.")
    if rule not in rules:
        raise UsageError(f"{place} ({rule}) is about a rule that this target is not judged by: remove it.")
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{place} ({rule}) has no reason: say why the failure is accepted.")
    try:
        day = dt.date.fromisoformat(str(expires))
    except ValueError as error:
        raise UsageError(f"{place} ({rule}) has no expiry date such as expires: 2030-01-31.") from error
    return rule, Acceptance(reason.strip(), day.isoformat())
