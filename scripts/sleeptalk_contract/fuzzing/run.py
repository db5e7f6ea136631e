"""One run: what is asked, in which order, and what came of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

from schemathesis.engine.events import EngineEvent, NonFatalError, PhaseStarted

from sleeptalk_contract.contract.address import redacted_url, without_userinfo
from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing import engine, preflight
from sleeptalk_contract.fuzzing.configuration import configuration
from sleeptalk_contract.fuzzing.control import Control, StopReason
from sleeptalk_contract.fuzzing.delivering import deliver
from sleeptalk_contract.fuzzing.document import fuzzing_document
from sleeptalk_contract.fuzzing.hints import hint
from sleeptalk_contract.fuzzing.probe import Probe, Step
from sleeptalk_contract.fuzzing.shards import Shard
from sleeptalk_contract.fuzzing.transport import OTHER_METHOD, ContractTransport, ExchangedResponse
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.findings import Baseline, Findings
from sleeptalk_contract.reporting.model import NOTHING_EXERCISED, Report

DEFAULT_MAX_EXAMPLES: Final = 100
"""Requests that the generating phase makes at most; those that are like one before are not sent."""


class Progress(Protocol):
    """Is told how a run goes on."""

    def phase(self, name: str) -> None:
        """Hear that a phase begins: "rules", "examples", "coverage", "fuzzing" or "deliveries"."""
        ...

    def exchanged(self, requests: int, broken: int) -> None:
        """Hear that another exchange was judged: so many requests and broken rules in all."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do.

    `credentials` are header values by header. `known_ids` are answered with success by the implementation; `tried_ids`
    are asked for like them without that promise. `judge_sender` adds the deliveries of the sandbox's own sender.
    `request_timeout` is in seconds.
    """

    target: Target
    url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()
    seed: int = 0
    max_examples: int = DEFAULT_MAX_EXAMPLES
    request_timeout: float = 10.0
    shard: Shard = field(default_factory=Shard)
    strict: bool = False
    judge_sender: bool = False
    baseline: Baseline = field(default_factory=Baseline)

    @property
    def key(self) -> str | None:
        """The API key; None without one."""
        credential = self.target.key
        return None if credential is None else self.credentials.get(credential.header)

    @property
    def knowledge(self) -> Knowledge:
        """What the user told us of the implementation."""
        return Knowledge(self.credentials, frozenset(self.known_ids))


class Run:
    """A run that is under way or over: `report()` tells at any moment what it has found so far.

    A context manager, which gives the connection back.
    """

    def __init__(self, plan: Plan, control: Control, progress: Progress) -> None:
        self._plan = plan
        self._control = control
        self._progress = progress
        self._judge = Judge(plan.target, plan.knowledge)
        self._findings = Findings(plan.target, plan.target.rules.values(), plan.key)
        self._started = time.monotonic()
        self._problems: list[str] = []
        self._wire = Wire(plan.url, plan.request_timeout)
        self._transport = ContractTransport(
            plan.target,
            self._wire,
            control,
            shard=plan.shard,
            credentials={each.header: plan.credentials[each.header] for each in plan.target.credentials if each.secret},
            url=plan.url,
        )
        ids = plan.known_ids + plan.tried_ids
        base = without_userinfo(plan.url).partition("?")[0]
        config = configuration(plan.target, base, ids, plan.credentials, seed=plan.seed, max_examples=plan.max_examples)
        document = fuzzing_document(plan.target, ids, plan.credentials)
        self._schema = engine.load(document, config, self._transport, self._assess, plan.target.formats())
        self._prober = engine.Prober(self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def abort(self) -> None:
        """End the run at once, from a signal handler or another thread."""
        self._control.stop(StopReason.INTERRUPTED)
        self._wire.abort()

    def preflight(self) -> None:
        """See whether the run can be made. Raises UsageError with the reason why not."""
        preflight.check_reachable(self._plan.url, self._plan.request_timeout)
        honest_probes = self._plan.target.honest_probes(self._plan.knowledge)
        preflight.check_key(self._judged, self._plan.target, honest_probes)
        preflight.check_known_ids(self._judged, self._plan.target, self._plan.credentials, self._plan.known_ids)

    def execute(self) -> None:
        """Send everything, judge everything; returns early when the control says stop."""
        try:
            self._send_steps()
            if not self._control.stopped:
                self._generate()
            if self._plan.judge_sender and not self._control.stopped:
                self._progress.phase("deliveries")
                deliver(self._plan.target, self._plan.credentials, self._assess_delivery, self._control)
        finally:
            self.close()

    def send(self, step: Step) -> None:
        """Send particular requests in their order and judge the answers, until the control says stop."""
        for probe in step:
            if self._control.stopped:
                return
            self._judged(probe)

    def _judged(self, probe: Probe) -> Exchange | None:
        """Send one particular request and judge its answer; None when it was not sent."""
        case, response = self._prober.send(probe)
        exchange = response.exchange if isinstance(response, ExchangedResponse) else None
        if exchange is not None:
            case.validate_response(response, checks=[engine.contract_rules])
        return exchange

    def close(self) -> None:
        """Give the connection back; `execute` does it by itself."""
        self._wire.close()

    def report(self) -> Report:
        """Give everything that was found so far."""
        reason = self._control.reason
        problems = [*self._problems, *self._problems_of_sending()]
        hints = {
            rule.id: hint(rule, self._plan.target, self._plan.knowledge) for rule in self._plan.target.rules.values()
        }
        results = self._findings.results(hints, self._plan.baseline)
        if not any(result.checked for result in results) and not problems:
            problems.append(NOTHING_EXERCISED)
        return Report(
            target=self._plan.target.name,
            url=redacted_url(self._plan.url),
            seed=self._plan.seed,
            requests=self._findings.requests,
            seconds=time.monotonic() - self._started,
            rules=results,
            beyond=self._findings.beyond(),
            answers=self._findings.answers(),
            strict=self._plan.strict,
            shard=str(self._plan.shard),
            stopped="" if reason is None else reason.value,
            interrupted=reason is StopReason.INTERRUPTED,
            problems=tuple(problems),
            known_ids=self._plan.known_ids,
        )

    def _problems_of_sending(self) -> Iterator[str]:
        """Say why requests that were to be sent were not, where the user did not ask for it."""
        if self._control.reason is StopReason.SERVER_GONE:
            yield f"The server at {redacted_url(self._plan.url)} stopped answering."
        if self._control.reason is StopReason.SERVER_SLOW:
            yield f"The server at {redacted_url(self._plan.url)} was too slow to be sent every request."
        if self._transport.unsendable:
            yield (
                f"HTTP cannot carry {self._transport.unsendable} of the requests that particular rules need:"
                " check the key and the user's id."
            )

    def _send_steps(self) -> None:
        self._progress.phase("rules")
        ids = self._plan.known_ids + self._plan.tried_ids
        for number, step in enumerate(self._plan.target.probes(self._plan.knowledge, ids)):
            if self._plan.shard.takes(number):
                self.send(step)

    def _generate(self) -> None:
        engine.mix_bodies(self._schema, self._plan.target.bodies(self._plan.knowledge))
        for event in engine.engine_events(self._schema, self._control):
            self._heed(event)

    def _heed(self, event: EngineEvent) -> None:
        if isinstance(event, PhaseStarted):
            self._progress.phase(event.phase.name.value)
        elif isinstance(event, NonFatalError):
            self._problems.append(f"schemathesis could not go on: {' '.join(str(event.info.message).split())[:500]}")

    def _assess(self, exchange: Exchange, beyond: Callable[[], list[str]]) -> None:
        verdict = self._judge.judge(exchange)
        plain = exchange.role == "provider" and exchange.status is not None and self._judge.case(exchange).is_sane
        silent = plain and not _is_left_open(exchange) and not verdict.breaches and not verdict.beyond
        self._findings.add(exchange, verdict, beyond() if silent else ())
        self._progress.exchanged(self._findings.requests, self._findings.broken_rules)

    def _assess_delivery(self, exchange: Exchange) -> None:
        self._findings.add(exchange, self._judge.judge(exchange))
        self._progress.exchanged(self._findings.requests, self._findings.broken_rules)


def _is_left_open(exchange: Exchange) -> bool:
    """Whether the contract leaves the answer's body open: a gateway may refuse keys, and a framework other methods."""
    return exchange.status in KEY_REFUSALS or exchange.intent == OTHER_METHOD
