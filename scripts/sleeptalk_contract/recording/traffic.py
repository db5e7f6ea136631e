"""Traffic that is judged exchange by exchange, and what was found in it so far."""

from __future__ import annotations

import gc
import math
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge, joined_headers
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.judge import Judge, ids_shown
from sleeptalk_contract.recording.belonging import NO_OPERATION, Belongings, content_of
from sleeptalk_contract.recording.keys import Remembered, read_credentials
from sleeptalk_contract.reporting.baseline import Baseline
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sleeptalk.recording import Recorded
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.recording.belonging import Belonging
    from sleeptalk_contract.recording.keys import Credentials
    from sleeptalk_contract.reporting.model import Report

INTENT: Final = "recorded"

_COLLECT_AFTER: Final = 50_000
"""Objects: what is read of one exchange is freed without the collector, which would look at it again and again."""

NO_ANSWER: Final = "without a whole answer"
NO_BODY: Final = "without a recorded body"
FROM_A_CACHE: Final = "answered from a cache"
PREFLIGHT: Final = "of a browser that asked whether it may send another (CORS)"
REDIRECTED: Final = "sent on to another address"
KEY_NOT_KNOWN: Final = "refused for a key that may have been right or wrong"
LEFT_OUT: Final = "refused, whose credentials may have been left out of the recording"

_REFUSALS: Final = range(400, 500)
_NOT_MODIFIED: Final = 304
_SERVER_ERROR: Final = 500
_WITHOUT_BODY: Final = frozenset({204, 304})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PREFLIGHT_HEADER: Final = "access-control-request-method"


@dataclass(frozen=True, slots=True)
class Terms:
    """How traffic is judged by one target.

    `credentials` are the right values by header, `known_ids` are answered with success, `claims` are the options by
    which the user has said something of the implementation. With `strict`, `should` rules count as much as `must`
    rules; `baseline` holds the findings that the user accepts. `required` has the ids of the rules that have to be
    exercised; `selection` says which rules are judged. `headers_left_out` is whether a key that is missing may have
    been left out of any recording.
    """

    target: Target
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    known_ids: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    strict: bool = False
    baseline: Baseline = field(default_factory=Baseline)
    required: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
    headers_left_out: bool = False

    @property
    def key(self) -> str | None:
        """The right key; None where none was given."""
        return None if self.target.key is None else self.credentials.get(self.target.key.header)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Let this process, which judges a great many exchanges in the block, collect cyclic garbage seldom."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Traffic:
    """Judges recorded exchanges in their order, each by the target that it is of.

    `webhook_path` is as for Belongings. For one thread.
    """

    def __init__(self, terms: Sequence[Terms], webhook_path: str | None = None) -> None:
        self.terms = tuple(terms)
        self._parts = {each.target.name: _Part(each) for each in terms}
        self._belongings = Belongings([each.target for each in terms], webhook_path)
        self._remembered = Remembered()
        self.seen = 0
        self.lost = 0
        self.strangers = 0

    def take(self, recorded: Recorded) -> None:
        """Judge one more exchange, or count those that were lost. Raises MalformedError for a body that is not one."""
        self.lost += recorded.lost
        if recorded.request is None:
            return
        self.seen += 1
        belonging = self._belongings.of(recorded)
        if belonging is None:
            self.strangers += 1
        else:
            self._parts[belonging.target.name].take(recorded, belonging, self._remembered)

    @property
    def broken_rules(self) -> int:
        """How many rules have been seen broken so far."""
        return sum(part.findings.broken_rules for part in self._parts.values())

    @property
    def broken_ids(self) -> list[str]:
        """The ids of the rules that have been seen broken so far."""
        return [rule for part in self._parts.values() for rule in part.findings.broken_ids]

    @property
    def judged(self) -> int:
        """How many exchanges were judged so far."""
        return sum(part.findings.requests for part in self._parts.values())

    def state(self) -> dict[str, Any]:
        """Return what was found so far in a form that another process can absorb."""
        return {
            "seen": self.seen,
            "lost": self.lost,
            "strangers": self.strangers,
            "parts": {name: (part.findings.state(), part.passed_over) for name, part in self._parts.items()},
        }

    def absorb(self, state: Mapping[str, Any]) -> None:
        """Add what another one has found in other exchanges of the same traffic."""
        self.seen += state["seen"]
        self.lost += state["lost"]
        self.strangers += state["strangers"]
        for name, (findings, passed_over) in state["parts"].items():
            self._parts[name].findings.absorb(findings)
            self._parts[name].passed_over.update(passed_over)

    def reports(self, where: str) -> list[Report]:
        """Return the report of each target, also of one of which nothing was seen; `where` the traffic was."""
        return [part.report(where, self) for part in self._parts.values()]


class _Part:
    """The exchanges of one target."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        target = terms.target
        self._secret = tuple(each.header for each in target.credentials if each.secret)
        self._plain = frozenset(each.header for each in target.credentials if not each.secret)
        knowledge = Knowledge(terms.credentials, terms.known_ids, terms.claims)
        self._judge = Judge(target, knowledge)
        self._senders = Judge(target, knowledge)  # by itself: what it remembers of a delivery is not what was answered
        self.findings = Findings(target, target.rules.values(), terms.key)
        self.passed_over: Counter[str] = Counter()

    def take(self, recorded: Recorded, belonging: Belonging, remembered: Remembered) -> None:
        """Judge an exchange, or count why it is not."""
        sent = recorded.request
        assert sent is not None
        headers = joined_headers(sent.headers)
        secrets = [headers[name] for name in self._secret if name in headers]
        remembered.note(secrets, sent.url)
        left_out = recorded.headers_left_out or self._terms.headers_left_out
        read = read_credentials(headers, self._terms.target.credentials, self._terms.credentials, left_out=left_out)
        exchange = Exchange.sent(
            belonging.operation,
            INTENT,
            sent.url,
            headers.items(),
            content_of(sent.body),
            _answer(recorded),
            method=sent.method,
            path_parameters=belonging.path_parameters,
        )
        if belonging.operation.is_webhook:
            reason = self._take_delivery(belonging.operation, exchange, read)
        else:
            reason = _why_not_judged(exchange, recorded, read)
            if not reason:
                self._add(belonging.operation, exchange, read)
        if reason:
            self.passed_over[reason] += 1

    def _take_delivery(self, operation: Operation, exchange: Exchange, read: Credentials) -> str:
        """Judge what was delivered, and how it was answered."""
        if exchange.request_body is None and _announces_a_body(exchange.request_headers):
            return NO_BODY
        counted = False
        if not read.unknown & self._plain:  # a rule compares such a header with the body
            self._add(operation, replace(exchange, role="sender", intent="delivery"), read)
            counted = True
        if exchange.status is None:
            return "" if counted else NO_ANSWER
        if exchange.status in KEY_REFUSALS and self._has_unknown_key(read):
            return "" if counted else KEY_NOT_KNOWN
        if exchange.status in _REFUSALS and read.missing:
            return "" if counted else LEFT_OUT
        self._add(operation, exchange, read, counted=not counted)
        return ""

    def _has_unknown_key(self, read: Credentials) -> bool:
        """Whether nobody says what the right key is."""
        key = self._terms.target.key
        return key is not None and key.header in read.headers and key.header not in read.known

    def _add(self, operation: Operation, exchange: Exchange, read: Credentials, *, counted: bool = True) -> None:
        ids = self._terms.known_ids
        if exchange.path_parameters:
            ids |= ids_shown(operation, self._terms.target, exchange, read.known)
        judge = self._senders if exchange.role == "sender" else self._judge
        verdict = judge.judge(exchange, Knowledge(read.known, ids, self._terms.claims))
        self.findings.add(exchange, self._terms.selection.of(verdict), key=read.key, counted=counted)

    def report(self, where: str, traffic: Traffic) -> Report:
        """Return what was found so far."""
        terms, target = self._terms, self._terms.target
        hints = {rule.id: f"It takes {rule.hint}." for rule in target.rules.values() if rule.hint}
        report = self.findings.report(where, hints, terms.baseline, strict=terms.strict)
        passed_over = dict(self.passed_over)
        if traffic.strangers:
            passed_over[NO_OPERATION] = traffic.strangers
        problems = []
        if traffic.lost:
            problems.append(
                f"{traffic.lost} exchanges were not recorded, or not as a whole, as their recorder could not keep up or"
                " was ended: nothing was seen of them."
            )
        if not report.requests:
            problems.append(f"None of the {traffic.seen} exchanges in {where} could be judged as {target.name}.")
        return replace(
            terms.selection.marked(report),
            required=terms.required,
            passed_over=passed_over,
            problems=tuple(problems),
        )


def _answer(recorded: Recorded) -> Answer:
    seconds = math.nan if recorded.seconds is None else recorded.seconds
    answered = recorded.response
    if answered is None:
        return Answer(None, seconds=seconds, failure=recorded.failure or "connection")
    return Answer(
        answered.status,
        tuple(answered.headers),
        content_of(answered.body) or b"",
        seconds,
        version=answered.version,
        ended_early=answered.ended_early,
    )


def _why_not_judged(exchange: Exchange, recorded: Recorded, read: Credentials) -> str:
    """Return why the answer of a provider cannot be judged; "" where it can."""
    answered = recorded.response
    if answered is None:
        return NO_ANSWER
    headers = exchange.response_headers
    if recorded.from_cache or answered.status == _NOT_MODIFIED:
        return FROM_A_CACHE
    if exchange.method == "OPTIONS" and _PREFLIGHT_HEADER in exchange.request_headers:
        return PREFLIGHT
    if answered.status in _REDIRECTS and "location" in headers:
        return REDIRECTED
    is_bare = answered.status in _WITHOUT_BODY or exchange.method == "HEAD" or headers.get("content-length") == "0"
    is_missing = answered.body is None and not is_bare and answered.status < _SERVER_ERROR  # which needs no body
    if is_missing or (exchange.request_body is None and _announces_a_body(exchange.request_headers)):
        return NO_BODY
    return LEFT_OUT if read.missing and answered.status in _REFUSALS else ""


def _announces_a_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-length", "0").strip() != "0" or "transfer-encoding" in headers
