"""What a run has found so far."""

import datetime as dt
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any, Final

from sleeptalk_contract.contract.address import redacted_url
from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import NOT_JSON, Breach, Exchange, Verdict
from sleeptalk_contract.contract.redaction import shortened
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.reporting.baseline import MORE_PLACES, Baseline, place_of
from sleeptalk_contract.reporting.cases import curl, record
from sleeptalk_contract.reporting.grouping import Group, grouped
from sleeptalk_contract.reporting.model import MOST_FINDINGS, Finding, Report, RuleResult

_LONGEST_MESSAGE: Final = 600
_LONGEST_PLACE: Final = 300
_LONGEST_STATE: Final = 30
_MOST_STATES: Final = 50
_WORDS: Final = re.compile(r"[A-Za-z_]{3,}")
_MOST_WORDS: Final = 40
_MOST_PLACES: Final = 100
_MOST_SHOWN: Final = 1000
_LONGEST_ANSWER: Final = 4000
_SHORTEST_ECHO: Final = 3
_COUNTS: Final = ("_successes", "_throttled", "_unjudged", "requests")


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
        self._places: dict[str, dict[str, None]] = {}
        self._findings: dict[str, dict[tuple[str, str], Finding]] = {}
        self._began = dt.datetime.now(tz=dt.UTC)
        self._answers: Counter[tuple[str, str]] = Counter()
        self._states: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._successes = 0
        self._throttled = 0
        self._unjudged = 0
        self.requests = 0

    def add(
        self,
        exchange: Exchange,
        verdict: Verdict,
        beyond: Iterable[str] = (),
        *,
        key: str | None = None,
        counted: bool = True,
    ) -> None:
        """Add one exchange, its verdict and what schemathesis objects to beyond the rules.

        `key` is the right key of this exchange, where it has one of its own. One that is not `counted` was counted
        already, in another role.
        """
        with self._lock:
            if counted:
                self._count(exchange)
                self._successes += verdict.succeeded
                self._throttled += verdict.throttled
            self._checked.update(verdict.checked)
            if not verdict.breaches and not verdict.beyond and not beyond:
                return
            self._broken.update({breach.rule for breach in verdict.breaches})
            objections = [Breach("", " ".join(message.split()), "") for message in beyond]
            for group in grouped((*verdict.breaches, *verdict.beyond, *objections)):
                self._keep(group, exchange, key or self._key)

    def add_unjudged(self, exchange: Exchange) -> None:
        """Add one exchange of which nothing was seen: it was throttled to the end, or had no answer."""
        with self._lock:
            self._count(exchange)
            self._throttled += exchange.status is not None
            self._unjudged += 1

    def _count(self, exchange: Exchange) -> None:
        self.requests += 1
        self._answers[(self._state(exchange), str(exchange.status or "none"))] += 1

    @property
    def broken_rules(self) -> int:
        """How many rules have been seen broken so far."""
        with self._lock:
            return len(self._broken)

    @property
    def broken_ids(self) -> list[str]:
        """The ids of the rules that have been seen broken so far, in that order."""
        with self._lock:
            return list(self._broken)

    @property
    def throttled(self) -> int:
        """How many answers so far were about too many requests."""
        with self._lock:
            return self._throttled

    @property
    def seconds(self) -> float:
        """For how long findings have been collected."""
        return time.monotonic() - self._started

    def report(self, url: str, hints: Mapping[str, str], baseline: Baseline, *, strict: bool) -> Report:
        """Return what was found so far at an address; what only the run itself knows has its default.

        `hints` are, by rule id, what would exercise it.
        """
        with self._lock:
            results = tuple(self._result(rule, hints, baseline) for rule in self._rules)
            return Report(
                target=self._target.name,
                summary=self._target.summary,
                url=redacted_url(url),
                seed=0,
                requests=self.requests,
                seconds=self.seconds,
                rules=results,
                stale=baseline.stale(results, self._places),
                beyond=self._kept(""),
                answers=dict(sorted(self._answers.items())),
                strict=strict,
                successes=self._successes,
                throttled=self._throttled,
                unjudged=self._unjudged,
                started=self._began,
                version=version("sleeptalk"),
            )

    def state(self) -> dict[str, Any]:
        """Return what was found so far in a form that the findings of another process can absorb."""
        with self._lock:
            names = ("_checked", "_broken", "_places", "_findings", "_answers", *_COUNTS)
            return {name: getattr(self, name) for name in names}

    def absorb(self, state: Mapping[str, Any]) -> None:
        """Add what was found elsewhere in the same run."""
        with self._lock:
            self._checked.update(state["_checked"])
            self._broken.update(state["_broken"])
            self._answers.update(state["_answers"])
            for name in _COUNTS:
                setattr(self, name, getattr(self, name) + state[name])
            for rule, places in state["_places"].items():
                seen = self._places.setdefault(rule, {})
                for place in places:
                    seen.setdefault(place if place in seen or len(seen) < _MOST_PLACES else MORE_PLACES)
            for rule, findings in state["_findings"].items():
                self._absorb_findings(self._findings.setdefault(rule, {}), findings)

    def _absorb_findings(
        self, kept: dict[tuple[str, str], Finding], findings: Mapping[tuple[str, str], Finding]
    ) -> None:
        for like, each in findings.items():
            before = kept.get(like)
            if before is not None:
                intents = tuple(dict.fromkeys((*before.intents, *each.intents)))
                kept[like] = replace(before, times=before.times + each.times, intents=intents)
            elif len(kept) < MOST_FINDINGS:
                kept[like] = each

    def _result(self, rule: Rule, hints: Mapping[str, str], baseline: Baseline) -> RuleResult:
        checked, broken = self._checked[rule.id], self._broken[rule.id]
        if broken:
            places = tuple(self._places.get(rule.id, ()))
            accepted = baseline.acceptance(rule.id, places)
            hint = baseline.hint(rule.id, places) if accepted is None else ""
            return RuleResult(rule, max(checked, broken), broken, self._kept(rule.id), hint, accepted, places=places)
        return RuleResult(rule, checked, hint="" if checked else hints.get(rule.id, ""))

    def _kept(self, rule: str) -> tuple[Finding, ...]:
        return tuple(self._findings.get(rule, {}).values())

    def _keep(self, group: Group, exchange: Exchange, key: str | None) -> None:
        """Keep a finding unless one is kept that says the same of the same answer, or of more places."""
        seen = self._places.setdefault(group.rule, {})
        places = tuple(self._shown_place(place) for place in group.places)
        for place in map(place_of, places):
            seen.setdefault(place if place in seen or len(seen) < _MOST_PLACES else MORE_PLACES)
        kept = self._findings.setdefault(group.rule, {})
        like = (group.like, _answer(exchange))
        before = kept.get(like)
        if before is None and len(kept) >= MOST_FINDINGS:
            return
        times, intents = (1, (exchange.intent,)) if before is None else (before.times + 1, before.intents)
        if exchange.intent not in intents:
            intents = (*intents, exchange.intent)
        if before is not None and not set(places) > set(before.places):
            kept[like] = replace(before, times=times, intents=intents)
            return
        recorded = record(exchange, self._target, key, self._added)
        kept[like] = Finding(
            message=shortened(group.message, _LONGEST_MESSAGE),
            location=places[0],
            reproduce=curl(recorded, self._target),
            case=recorded,
            sentence=shortened(group.sentence, _LONGEST_MESSAGE),
            places=places,
            times=times,
            intents=intents,
        )

    def _shown_place(self, place: str) -> str:
        """Return a place as reports show it; those that come again and again are looked through for keys once."""
        shown = self._shown.get(place)
        if shown is None:
            shown = shortened(place, _LONGEST_PLACE)
            if len(self._shown) < _MOST_SHOWN:
                self._shown[place] = shown
        return shown

    def _state(self, exchange: Exchange) -> str:
        """Return the state that the judged body is about; "-" without one."""
        found = self._target.state(exchange)
        state = self._states.get(found)
        if state is not None:
            return state
        if len(self._states) >= _MOST_STATES or not found.isprintable():
            return "-"
        self._states[found] = state = shortened(found, _LONGEST_STATE)
        return state


def _answer(exchange: Exchange) -> str:
    """Return what tells the answers of different failures apart; "" for a success, and for what was delivered to us.

    Those are the status and the words of the body, without words that the request has brought there.
    """
    if exchange.successful or exchange.role == "sender":
        return ""
    if exchange.status is None:
        return str(exchange.failure)
    value = exchange.response_json
    text = (
        exchange.response_body.decode(errors="replace") if value is NOT_JSON else json.dumps(value, ensure_ascii=False)
    )
    for sent in (*exchange.path_parameters.values(), *exchange.request_headers.values()):
        text = text.replace(sent, " ") if len(sent) >= _SHORTEST_ECHO else text
    asked = f"{exchange.url} {(exchange.request_body or b'').decode(errors='replace')}"
    words = _WORDS.findall(text[:_LONGEST_ANSWER])
    return " ".join([str(exchange.status), *(word for word in words[:_MOST_WORDS] if word not in asked)])
