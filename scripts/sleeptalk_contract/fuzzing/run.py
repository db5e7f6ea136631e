"""One run: its requests in their order, and its results."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol, Self

from schemathesis.engine.events import EngineEvent, NonFatalError, PhaseStarted

from sleeptalk_contract.contract.address import redacted_url, without_userinfo
from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing import engine, preflight, reaching
from sleeptalk_contract.fuzzing.control import Control, StopReason
from sleeptalk_contract.fuzzing.document import configuration, fuzzing_document
from sleeptalk_contract.fuzzing.hints import hint
from sleeptalk_contract.fuzzing.leftovers import Leftovers
from sleeptalk_contract.fuzzing.outages import SteadyWire
from sleeptalk_contract.fuzzing.pace import Pace
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.probe import AT_ONCE, MOST_AT_ONCE, OTHER_METHOD, Conversation, Probe, Step, planned
from sleeptalk_contract.fuzzing.refusals import Refusals
from sleeptalk_contract.fuzzing.sending import deliver
from sleeptalk_contract.fuzzing.sparing import Spared
from sleeptalk_contract.fuzzing.throttling import Listeners, Throttling
from sleeptalk_contract.fuzzing.transport import ContractTransport, ExchangedResponse
from sleeptalk_contract.fuzzing.workers import Wires, Workers
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.model import Report

_NOT_REACHED: Final = "The run ended before it came to it."

_SECONDS_TO_CLEAN_UP: Final = 30.0
"""Longer than any honest implementation needs, and short enough for who has interrupted a run."""

_SHARE_THAT_MATTERS: Final = 0.1
"""Of a run's time: what pauses have to take for them to be why it ran out of it."""


class Progress(Protocol):
    """Follows a run."""

    def phase(self, name: str) -> None:
        """Take note that a phase begins: "rules", "examples", "coverage", "fuzzing" or "deliveries"."""
        ...

    def exchanged(self, requests: int, broken: int) -> None:
        """Take note that another exchange was judged: how many requests were made and rules broken in all."""
        ...

    def paused(self, seconds: float) -> None:
        """Take note that nothing is sent for some seconds, because the implementation throttles."""
        ...


class Sent:
    """Counts how much of a run's plan was sent. Safe to use from several threads.

    `probes_planned` is how many requests particular rules need.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._probes = 0
        self.probes_planned = 0

    def count_probe(self) -> None:
        """Count one of the requests that particular rules need."""
        with self._lock:
            self._probes += 1

    @property
    def is_short_of_probes(self) -> bool:
        """Whether some requests that particular rules need were not sent."""
        return self._probes < self.probes_planned or not self.probes_planned

    @property
    def words(self) -> str:
        """What was sent, in words."""
        if self.is_short_of_probes:
            return (
                f"it sent {self._probes} of the {self.probes_planned or 'many'} requests that particular rules need,"
                " and none that are generated"
            )
        return "it sent what particular rules need, and not all that is generated"


class Run:
    """A run that is under way or over: `report()` returns at any moment what it has found so far.

    A context manager, which closes the connection.
    """

    def __init__(self, plan: Plan, control: Control, progress: Progress) -> None:
        self._plan = plan
        self._control = control
        self._progress = progress
        self._judge = Judge(plan.target, plan.knowledge)
        self._findings = Findings(plan.target, plan.rules, plan.key, plan.access.header_names)
        self._problems: list[str] = []
        self._wire = Wires(
            lambda: Wire(plan.url, plan.request_timeout, access=plan.access), max(plan.workers, MOST_AT_ONCE)
        )
        self._pace = Pace(control, plan.rate)
        self._steady_wire = SteadyWire(self._wire, self._pace, control)
        self._throttling = Throttling(
            Refusals(plan),
            self._steady_wire,
            self._pace,
            control,
            listeners=Listeners(unjudged=self._take_unjudged, paused=progress.paused),
        )
        self._sent = Sent()
        self._left: Sequence[str] = ()
        self._secrets = {
            each.header: plan.credentials[each.header]
            for each in plan.target.credentials
            if each.secret and each.header in plan.credentials
        }
        self._leftovers = Leftovers(plan.target, self._throttling, plan.named)
        self._transport = ContractTransport(
            plan.target,
            self._leftovers,
            shard=plan.shard,
            credentials=self._secrets,
            url=plan.url,
            spared=Spared(plan.named, allow_writes=plan.allow_writes),
        )
        base = without_userinfo(plan.url).partition("?")[0]
        config = configuration(
            plan.target, base, plan.ids, plan.credentials, seed=plan.seed, max_examples=plan.max_examples
        )
        document = fuzzing_document(plan.target, plan.ids, plan.credentials)
        self._schema = engine.load(document, config, self._transport, self._assess, plan.target.formats())
        self._prober = engine.Prober(self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def abort(self) -> None:
        """End the run at once, from a signal handler or another thread."""
        self._control.stop(StopReason.INTERRUPTED)
        self._cut()

    def _cut(self) -> None:
        """Cut what is under way, unless it makes something: then nobody would know what there is to delete."""
        if not self._leftovers.is_under_way:
            self._wire.abort()

    def preflight(self) -> None:
        """Check that the run can be made. Raises UsageError with the reason why not.

        Where throttling or an outage does not let it find out, the run is stopped, and its report says so.
        """
        plan = self._plan
        reaching.check_reachable(plan.url, plan.request_timeout, plan.access)
        reaching.check_base_path(plan)
        seen: list[Exchange] = []

        def send(probe: Probe) -> Exchange | None:
            exchange = self._judged(probe)
            if exchange is not None:
                if not seen:
                    reaching.check_scheme(plan, exchange)
                seen.append(exchange)
            return exchange

        with self._control.expiring(self._cut):
            preflight.check_key(send, plan.target, plan.knowledge)
            preflight.check_known_ids(send, plan.target, plan.credentials, plan.known_ids)
            if not self._control.stopped:
                reaching.check_front(plan, seen)

    def execute(self) -> None:
        """Send everything, judge everything; returns early when the control stops it."""
        try:
            with self._control.expiring(self._cut), Workers(self._plan.workers) as workers:
                self._send_probes(workers)
                if not self._control.stopped:
                    self._generate(workers)
            if self._plan.judges_deliveries and not self._control.stopped:
                self._progress.phase("deliveries")
                deliver(self._plan.target, self._plan.credentials, self._assess_delivery, self._control)
        finally:
            self.close()

    def send(self, step: Step) -> None:
        """Send particular requests in their order and judge the answers, until the control stops it."""
        if callable(step):
            self._converse(step())
            return
        for simultaneous, probes in itertools.groupby(step, lambda probe: probe.intent == AT_ONCE):
            if simultaneous:
                self._send_at_once(list(probes))
                continue
            for probe in probes:
                if self._control.stopped:
                    return
                if self._judged(probe) is not None:
                    self._sent.count_probe()

    def _converse(self, conversation: Conversation) -> None:
        """Send what a conversation asks for, and tell it the answers."""
        answer: Exchange | None = None
        with suppress(StopIteration), closing(conversation):
            while not self._control.stopped:
                probe = conversation.send(answer)
                if probe.pause and not self._control.pause(probe.pause):
                    return
                answer = self._judged(probe)
                if answer is not None:
                    self._sent.count_probe()

    def _send_at_once(self, probes: Sequence[Probe]) -> None:
        """Send some requests at the same time, and judge their answers when all have come."""
        if self._control.stopped:
            return
        with ThreadPoolExecutor(len(probes)) as threads:
            answered = list(threads.map(self._prober.send, probes))
        for case, response in answered:
            if self._judged_answer(case, response) is not None:
                self._sent.count_probe()

    def _judged(self, probe: Probe) -> Exchange | None:
        """Send one particular request and judge its answer; None when it was not sent."""
        return self._judged_answer(*self._prober.send(probe))

    def _judged_answer(self, case: Any, response: Any) -> Exchange | None:
        exchange = response.exchange if isinstance(response, ExchangedResponse) else None
        if exchange is not None:
            case.validate_response(response, checks=[engine.contract_rules])
        return exchange

    def close(self) -> None:
        """Delete what is left of what the run has made, and close the connection; `execute` does it by itself."""
        self._wire.close()
        self._delete_leftovers()

    def _delete_leftovers(self) -> None:
        """Send what deletes what the run has made, even where it was stopped, on a connection of its own."""
        plan, headers = self._plan, self._secrets
        if not self._leftovers.deletes(headers):
            return
        control = Control(_SECONDS_TO_CLEAN_UP)
        with closing(Wire(plan.url, plan.request_timeout, access=plan.access)) as wire, control.expiring(wire.abort):
            pace = Pace(control, plan.rate)
            steady = SteadyWire(wire, pace, control)
            listeners = Listeners(unjudged=lambda _exchange: None, paused=self._progress.paused)
            self._leftovers.sender = Throttling(Refusals(plan), steady, pace, control, listeners=listeners)
            for probe in self._leftovers.deletes(headers):
                self._prober.send(probe)
        self._left = [" and ".join(each.path_parameters.values()) for each in self._leftovers.deletes(headers)]

    def report(self) -> Report:
        """Return everything that was found so far."""
        reason = self._control.reason
        problems = [*self._problems, *self._problems_of_sending()]
        cut_short = self._was_cut_short
        hints = {
            rule.id: _NOT_REACHED if cut_short else hint(rule, self._plan.target, self._plan.knowledge)
            for rule in self._plan.rules
        }
        report = self._findings.report(self._plan.url, hints, self._plan.baseline, strict=self._plan.strict)
        return replace(
            self._plan.selection.marked(report),
            seed=self._plan.seed,
            shard=str(self._plan.shard),
            stopped="" if reason is None else reason.value,
            interrupted=reason is StopReason.INTERRUPTED,
            problems=tuple(problems),
            known_ids=self._plan.known_ids,
            throttled=report.throttled + self._throttling.waited_out,
            required=self._plan.required,
        )

    def _problems_of_sending(self) -> Iterator[str]:
        """Yield why requests that were to be sent were not, where the user did not ask for it."""
        reason, lost = self._control.reason, self._steady_wire.lost
        url = redacted_url(self._plan.url)
        if self._is_server_gone:
            last = "" if lost is None else f" The last request was {lost.method} {redacted(lost.target)}."
            yield f"The server at {url} stopped answering.{last}"
        if reason is StopReason.SERVER_SLOW and not self._findings.broken_rules:
            yield f"The server at {url} was too slow to be sent every request."
        if self._was_throttled_short:
            yield self._shortfall()
        if self._left:
            yield f"The run could not delete what it has made: {', '.join(map(redacted, self._left))}."
        if self._transport.unsendable:
            yield (
                f"HTTP cannot carry {self._transport.unsendable} of the requests that particular rules need:"
                " check the key and the user's id."
            )

    @property
    def _was_cut_short(self) -> bool:
        """Whether the run ended before it had shown what it could: no id or option would have shown more."""
        is_stopped = self._control.reason is not None
        return self._is_server_gone or self._was_throttled_short or (is_stopped and self._sent.is_short_of_probes)

    @property
    def _is_server_gone(self) -> bool:
        """Whether the implementation was lost, even where the run was stopped for something else before."""
        return self._control.reason is StopReason.SERVER_GONE or self._steady_wire.lost is not None

    @property
    def _was_throttled_short(self) -> bool:
        """Whether the run ended early because of the pauses that it made."""
        reason = self._control.reason
        if reason is StopReason.THROTTLED:
            return True
        share = self._pace.held / max(self._findings.seconds, 1e-9)
        return reason is StopReason.OUT_OF_TIME and self._throttling.waited_out > 0 and share > _SHARE_THAT_MATTERS

    def _shortfall(self) -> str:
        """Return a sentence: what throttling kept the run from."""
        asked = self._throttling.asked
        advice = f"The implementation asks to wait {asked:.0f} s" if asked else "Pauses did not help"
        if self._control.reason is StopReason.OUT_OF_TIME:
            advice = f"Pauses took {min(self._pace.held, self._findings.seconds):.0f} s of it"
        throttled = self._findings.throttled + self._throttling.waited_out
        return (
            f"Throttling kept the run from its end: {self._sent.words}. {throttled} answers were about too many"
            f" requests (429, 403 that is not about the key, or 503 with Retry-After). {advice}: give --max-time more,"
            " or have the limit raised."
        )

    def _send_probes(self, workers: Workers) -> None:
        self._progress.phase("rules")
        steps = [
            step
            for number, step in enumerate(self._plan.target.probes(self._plan.knowledge, self._plan.ids))
            if self._plan.shard.takes(number)
        ]
        self._sent.probes_planned = sum(len(planned(step)) for step in steps)
        for step in steps:
            workers.submit(partial(self.send, step))
        workers.finish()

    def _generate(self, workers: Workers) -> None:
        engine.mix_bodies(self._schema, self._plan.target.bodies(self._plan.knowledge))
        for event in engine.engine_events(self._schema, self._control, workers):
            self._heed(event)
        workers.finish()

    def _heed(self, event: EngineEvent) -> None:
        if isinstance(event, PhaseStarted):
            self._progress.phase(event.phase.name.value)
        elif isinstance(event, NonFatalError):
            self._problems.append(f"schemathesis could not go on: {' '.join(str(event.info.message).split())[:500]}")

    def _assess(self, exchange: Exchange, beyond: Callable[[], list[str]]) -> None:
        verdict = self._judge.judge(exchange)
        if exchange.status is None and not verdict.breaches:
            self._take_unjudged(exchange)
            return
        plain = exchange.role == "provider" and exchange.status is not None and self._judge.case(exchange).is_sane
        silent = plain and not _is_left_open(exchange) and not verdict.breaches and not verdict.beyond
        selection = self._plan.selection
        self._findings.add(exchange, selection.of(verdict), beyond() if silent and selection.beyond else ())
        self._progress.exchanged(self._findings.requests, self._findings.broken_rules)

    def _take_unjudged(self, exchange: Exchange) -> None:
        self._findings.add_unjudged(exchange)
        self._progress.exchanged(self._findings.requests, self._findings.broken_rules)

    def _assess_delivery(self, exchange: Exchange) -> None:
        self._findings.add(exchange, self._plan.selection.of(self._judge.judge(exchange)))
        self._progress.exchanged(self._findings.requests, self._findings.broken_rules)


def _is_left_open(exchange: Exchange) -> bool:
    """Whether the contract leaves the answer's body open: a gateway may refuse keys, and a framework other methods."""
    return exchange.status in KEY_REFUSALS or exchange.intent == OTHER_METHOD
