"""What a run has found so far, and the baseline: what the user accepts of it for a while."""

import datetime as dt
import re
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import yaml

from sleeptalk_contract.contract.address import redacted_url
from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Breach, Exchange, Verdict
from sleeptalk_contract.contract.redaction import redacted, shortened
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.cases import curl, record
from sleeptalk_contract.reporting.grouping import Group, grouped
from sleeptalk_contract.reporting.model import MOST_FINDINGS, Acceptance, Finding, Report, RuleResult

_LONGEST_MESSAGE: Final = 600
_LONGEST_STATE: Final = 30
_WORDS: Final = re.compile(r"[A-Za-z_]{3,}")
_MOST_WORDS: Final = 40
_LONGEST_ANSWER: Final = 4000


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the user accepts: by rule id, the acceptances in force, and a sentence for each that has expired."""

    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    expired: Mapping[str, str] = field(default_factory=dict)


def read_baseline(path: Path | None, today: dt.date, rules: Collection[str]) -> Baseline:
    """Read a baseline: YAML or JSON, a list of {rule, reason, expires: YYYY-MM-DD} under `accepted`; empty for None.

    The day of expiry still counts. Raises UsageError with the entry at fault; one whose rule is not among `rules` (ids)
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
        raise UsageError(f"The baseline {path} is nested too deeply.") from error
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:  # such as an impossible date
        raise UsageError(f"The baseline {path} is neither YAML nor JSON: {' '.join(str(error).split())}.") from error


def _entry(place: str, entry: Any, rules: Collection[str]) -> tuple[str, Acceptance]:
    if not isinstance(entry, dict):
        raise UsageError(f"{place} is not a mapping of rule, reason and expires.")
    rule, reason, expires = (entry.get(name) for name in ("rule", "reason", "expires"))
    if not isinstance(rule, str):
        raise UsageError(f"{place} does not name a rule: {rule!r}.")
    if rule not in rules:
        raise UsageError(f"{place} ({rule}) is about a rule that this target is not judged by: remove it.")
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{place} ({rule}) has no reason: write why the finding is accepted.")
    try:
        day = dt.date.fromisoformat(str(expires))
    except ValueError as error:
        raise UsageError(f"{place} ({rule}) has no date of expiry: write it as expires: 2030-01-31.") from error
    return rule, Acceptance(reason.strip(), day.isoformat())


class Findings:
    """Collects the verdicts of a run on one target. Safe to use from several threads.

    `rules` are those that are reported; `key` is the right API key, which is kept out of everything that is stored, as
    are the values of the headers that the user adds to every request: `added` are their names.
    """

    def __init__(self, target: Target, rules: Iterable[Rule], key: str | None, added: Sequence[str] = ()) -> None:
        self._target = target
        self._rules = tuple(rules)
        self._key = key
        self._added = tuple(added)
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._checked: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._findings: dict[str, dict[tuple[str, str], Finding]] = {}
        self._began = dt.datetime.now(tz=dt.UTC)
        self._answers: Counter[tuple[str, str]] = Counter()
        self._successes = 0
        self._throttled = 0
        self.requests = 0

    def add(self, exchange: Exchange, verdict: Verdict, beyond: Iterable[str] = ()) -> None:
        """Add one exchange, its verdict and what schemathesis objects to beyond the rules."""
        with self._lock:
            self.requests += 1
            self._answers[(self._state(exchange), str(exchange.status or "none"))] += 1
            self._successes += verdict.succeeded
            self._throttled += verdict.throttled
            self._checked.update(verdict.checked)
            self._broken.update({breach.rule for breach in verdict.breaches})
            objections = [Breach("", " ".join(message.split()), "") for message in beyond]
            for group in grouped((*verdict.breaches, *verdict.beyond, *objections)):
                self._keep(group, exchange)

    @property
    def broken_rules(self) -> int:
        """How many rules have been seen broken so far."""
        with self._lock:
            return len(self._broken)

    def report(self, url: str, hints: Mapping[str, str], baseline: Baseline, *, strict: bool) -> Report:
        """Return what was found so far at an address; what only the run itself knows has its default.

        `hints` are, by rule id, what would exercise it.
        """
        with self._lock:
            return Report(
                target=self._target.name,
                summary=self._target.summary,
                url=redacted_url(url),
                seed=0,
                requests=self.requests,
                seconds=time.monotonic() - self._started,
                rules=tuple(self._result(rule, hints, baseline) for rule in self._rules),
                beyond=self._kept(""),
                answers=dict(sorted(self._answers.items())),
                strict=strict,
                successes=self._successes,
                throttled=self._throttled,
                started=self._began,
                version=version("sleeptalk"),
            )

    def _result(self, rule: Rule, hints: Mapping[str, str], baseline: Baseline) -> RuleResult:
        checked, broken = self._checked[rule.id], self._broken[rule.id]
        if broken:
            accepted = baseline.accepted.get(rule.id)
            hint = baseline.expired.get(rule.id, "") if accepted is None else ""
            return RuleResult(rule, max(checked, broken), broken, self._kept(rule.id), hint, accepted)
        return RuleResult(rule, checked, hint="" if checked else hints.get(rule.id, ""))

    def _kept(self, rule: str) -> tuple[Finding, ...]:
        return tuple(self._findings.get(rule, {}).values())

    def _keep(self, group: Group, exchange: Exchange) -> None:
        """Keep a finding unless one is kept that says the same of the same answer, or of more places."""
        kept = self._findings.setdefault(group.rule, {})
        like = (group.like, _answer(exchange))
        before = kept.get(like)
        if before is None and len(kept) >= MOST_FINDINGS:
            return
        times, intents = (1, (exchange.intent,)) if before is None else (before.times + 1, before.intents)
        if exchange.intent not in intents:
            intents = (*intents, exchange.intent)
        if before is not None and not set(group.places) > set(before.places):
            kept[like] = replace(before, times=times, intents=intents)
            return
        recorded = record(exchange, self._target, self._key, self._added)
        kept[like] = Finding(
            message=shortened(redacted(group.message), _LONGEST_MESSAGE),
            location=redacted(group.places[0]),
            reproduce=curl(recorded, self._target),
            case=recorded,
            sentence=shortened(redacted(group.sentence), _LONGEST_MESSAGE),
            places=tuple(map(redacted, group.places)),
            times=times,
            intents=intents,
        )

    def _state(self, exchange: Exchange) -> str:
        """Return the state that the judged body is about; "-" without one."""
        found = self._target.state(exchange)
        return shortened(redacted(found), _LONGEST_STATE) if found.isprintable() else "-"


def _answer(exchange: Exchange) -> str:
    """Return what tells the answers of different failures apart; "" for a success, and for what was delivered to us.

    Those are the status and the words of the body, without words that the request has brought there.
    """
    if exchange.successful or exchange.role == "sender":
        return ""
    if exchange.status is None:
        return str(exchange.failure)
    body = exchange.request_body or b""
    sent = f"{exchange.url} {' '.join(exchange.request_headers.values())} {body.decode(errors='replace')}"
    words = _WORDS.findall(exchange.response_body[:_LONGEST_ANSWER].decode(errors="replace"))
    return " ".join([str(exchange.status), *(word for word in words[:_MOST_WORDS] if word not in sent)])
