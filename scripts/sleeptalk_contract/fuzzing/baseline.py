"""Known failures that a user accepts for a while."""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml

from sleeptalk_contract.catalogue import catalogue
from sleeptalk_contract.reporting.model import Acceptance
from sleeptalk_contract.usage import RunImpossible


def read_baseline(path: Path | None, today: dt.date) -> dict[str, Acceptance]:
    """Read a baseline: YAML or JSON, a list of {rule, reason, expires: YYYY-MM-DD} under `accepted`.

    Returns the entries that have not expired by `today` (the day of expiry still counts), by rule. Raises RunImpossible
    with the entry at fault.
    """
    if path is None:
        return {}
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunImpossible(f"The baseline {path} cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RunImpossible(f"The baseline {path} is neither YAML nor JSON: {' '.join(str(error).split())}.") from error
    entries = value.get("accepted") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise RunImpossible(f"The baseline {path} needs a list under `accepted`.")
    accepted = [_entry(path, number, entry) for number, entry in enumerate(entries, start=1)]
    return {rule: acceptance for rule, acceptance in accepted if acceptance.expires >= today.isoformat()}


def _entry(path: Path, number: int, entry: Any) -> tuple[str, Acceptance]:
    place = f"Entry {number} of the baseline {path}"
    if not isinstance(entry, dict):
        raise RunImpossible(f"{place} is no mapping of rule, reason and expires.")
    rule, reason, expires = (entry.get(name) for name in ("rule", "reason", "expires"))
    if rule not in catalogue():
        raise RunImpossible(f"{place} names no rule of the catalogue: {rule!r}.")
    if not isinstance(reason, str) or not reason.strip():
        raise RunImpossible(f"{place} ({rule}) has no reason: say why the failure is accepted.")
    try:
        day = dt.date.fromisoformat(str(expires))
    except ValueError as error:
        raise RunImpossible(f"{place} ({rule}) has no expiry date such as expires: 2030-01-31.") from error
    return str(rule), Acceptance(reason.strip(), day.isoformat())
