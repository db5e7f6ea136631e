"""The deliveries of a sender, their verdicts, and the end of the session."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import NOT_JSON, Exchange, Knowledge, Verdict
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.waiting import wait_for
from sleeptalk_contract.judging.case import digest
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.judging.webhooks import webhook_meant
from sleeptalk_contract.listening.delivery import NO_CONTENT, Reply, refusal
from sleeptalk_contract.listening.forwarding import TIMEOUT_SECONDS
from sleeptalk_contract.reporting.baseline import Baseline, place_of
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.grouping import following
from sleeptalk_contract.reporting.selection import Selection

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Breach
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.listening.delivery import ReceivedDelivery
    from sleeptalk_contract.reporting.model import Report

_ACCEPTED: Final = Reply(NO_CONTENT)
_INVALID: Final = 422
_LONGEST_ANSWER_SECONDS: Final = TIMEOUT_SECONDS + 5
_LOOK_EVERY_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Terms:
    """How deliveries are judged, and when the listening is over.

    `target` is the one whose sender is judged. `key` is the key that deliveries must carry, None for any. `max_events`
    deliveries end it, or `timeout` seconds; None for as long as it takes. With `strict`, `should` rules count
    as much as `must` rules; `baseline` holds the findings that the user accepts. `required` has the ids of the rules
    that have to be exercised; `selection` says which rules are judged.
    """

    target: Target
    key: str | None = field(default=None, repr=False)
    max_events: int | None = None
    timeout: float | None = None
    strict: bool = False
    baseline: Baseline = field(default_factory=Baseline)
    required: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class Judged:
    """A delivery with its verdict.

    `number` counts deliveries from 1. `repeats` is the number of the delivery whose body it repeats, None for a new
    one. `reply` is the answer that the rules call for.
    """

    number: int
    delivery: ReceivedDelivery
    exchange: Exchange
    verdict: Verdict
    repeats: int | None
    reply: Reply


class Listener:
    """Judges deliveries in the order in which they came in. Safe to use from several threads."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        target = terms.target
        self._rules = {rule.id: rule for rule in target.rules_about("sender")}
        credentials = {} if terms.key is None or target.key is None else {target.key.header: terms.key}
        self._judge = Judge(target, Knowledge(credentials))
        self._findings = Findings(target, self._rules.values(), terms.key)
        self._lock = Lock()
        self._numbers: dict[bytes, int] = {}
        self._received = 0
        self._answered = 0
        self._interrupted = False
        self._over = Event()

    def judge(self, delivery: ReceivedDelivery) -> Judged | None:
        """Judge one more delivery; None when all that are wanted have come."""
        with self._lock:
            if self._received == self._terms.max_events or self._over.is_set():
                return None
            self._received += 1
            operation = webhook_meant(self._terms.target, delivery.body)
            exchange = delivery.exchange(operation, _ACCEPTED, 0.0)
            first = self._numbers.setdefault(_canonical(exchange), self._received)
            verdict = self._terms.selection.of(self._judge.judge(exchange))
            repeats = None if first == self._received else first
            return Judged(self._received, delivery, exchange, verdict, repeats, self._reply(verdict))

    def record(self, judged: Judged, reply: Reply, seconds: float) -> None:
        """Take a delivery into the report, with the answer that it is about to get and the seconds that it took."""
        operation = self._terms.target.operation(judged.exchange.operation)
        self._findings.add(judged.delivery.exchange(operation, reply, seconds), judged.verdict)

    def answered(self) -> None:
        """Take note that one more recorded delivery was answered; the last one ends the listening."""
        with self._lock:
            self._answered += 1
            if self._answered == self._terms.max_events:
                self._over.set()

    def wait(self) -> None:
        """Return when the listening is over and each delivery that came in time was answered, at most 35 s later.

        Interrupted, it does not wait for answers.
        """
        wait_for(self._over, self._terms.timeout)
        with self._lock:
            self._over.set()
        patience = time.monotonic() + _LONGEST_ANSWER_SECONDS
        while self._received > self._answered and not self._interrupted and time.monotonic() < patience:
            time.sleep(_LOOK_EVERY_SECONDS)

    def interrupt(self) -> None:
        """End the listening at once, from a signal handler or another thread."""
        self._interrupted = True
        self._over.set()

    def report(self, url: str) -> Report:
        """Return everything that was found; `url` is where deliveries were awaited."""
        requests = self._findings.requests
        hints = {rule.id: f"It takes {rule.hint}." for rule in self._rules.values() if rule.hint}
        waited = f" within {self._terms.timeout:g} s" if self._terms.timeout is not None else ""
        problem = f"No callback was received{waited}: let the implementation send its callbacks to {url}."
        report = self._findings.report(url, hints, self._terms.baseline, strict=self._terms.strict)
        return replace(
            self._terms.selection.marked(report),
            stopped=self._stopped(requests),
            interrupted=self._interrupted,
            problems=() if requests or self._interrupted else (problem,),
            required=self._terms.required,
        )

    def _stopped(self, requests: int) -> str:
        if self._interrupted:
            return "interrupted"
        wanted = self._terms.max_events
        if wanted is None or not 0 < requests < wanted:
            return ""
        return f"--timeout had passed after {requests} of {wanted} deliveries"

    def _reply(self, verdict: Verdict) -> Reply:
        """Accept what fails no run, and refuse the rest with the sentence of the first rule that it breaks.

        The rules for which the catalogue names the status of a refusal come first, in the catalogue's order.
        """
        broken = [breach for breach in verdict.breaches if self._counts(breach)]
        for rule in self._rules.values():
            for breach in broken:
                if breach.rule == rule.id and rule.refusal is not None:
                    return refusal(rule.refusal, self._sentence(breach))
        return refusal(_INVALID, self._sentence(broken[0])) if broken else _ACCEPTED

    def _counts(self, breach: Breach) -> bool:
        if self._terms.baseline.covers(breach.rule, place_of(breach.location)):
            return False
        return self._terms.strict or self._rules[breach.rule].level == "must"

    def _sentence(self, breach: Breach) -> str:
        place = following(breach.location, breach.message)
        return redacted(f"{breach.rule}: {place} ({self._rules[breach.rule].sentence})")


def _canonical(exchange: Exchange) -> bytes:
    """Return what two deliveries of the same callback have in common, however their JSON is written."""
    value = exchange.request_json
    if value is NOT_JSON:
        return digest(b"not JSON" + (exchange.request_body or b""))
    return digest(json.dumps(value, sort_keys=True).encode())
