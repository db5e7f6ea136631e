"""What a run of schemathesis by itself shows of the targets: each answer is judged, and what was seen is counted."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from schemathesis import Case, CheckContext, Response

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge, Verdict
from sleeptalk_contract.contract.operation import Operation
from sleeptalk_contract.contract.service import Service, Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.engine import ContractSchema
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.stock_settings import Settings, in_its_words, settings_of
from sleeptalk_contract.fuzzing.transport import GENERATED
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.model import RuleResult

_KEPT: Final = 64
"""Verdicts that are kept until each rule has asked for its own; workers of schemathesis judge at the same time."""

_MOST_NAMED: Final = 6


class Watch:
    """What a run shows of one target. Safe to use from several threads.

    `problem` says why the requests that particular rules need were not, or not all, sent; empty where they were.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.problem = ""
        self._lock = threading.Lock()
        self._settings: Settings | None = None
        self._judge: Judge | None = None
        self._verdicts: OrderedDict[int, tuple[Response, Verdict]] = OrderedDict()
        self._is_let_in = False
        self._is_over = False
        self._results: Mapping[str, RuleResult] = {}
        self._asked: set[str] = set()
        self._checked: Counter[str] = Counter()

    @property
    def was_reached(self) -> bool:
        """Whether an answer of the target was judged."""
        return self._judge is not None

    def verdict(self, operation: Operation, ctx: CheckContext, response: Response, case: Case[Any]) -> Verdict:
        """Return the verdict on an answer, which is judged once however many rules ask."""
        with self._lock:
            kept = self._verdicts.get(id(response))
            if kept is not None and kept[0] is response:
                return kept[1]
            verdict = self._judged(operation, ctx, response, case)
            self._verdicts[id(response)] = (response, verdict)
            if len(self._verdicts) > _KEPT:
                self._verdicts.popitem(last=False)
            return verdict

    def _judged(self, operation: Operation, ctx: CheckContext, response: Response, case: Case[Any]) -> Verdict:
        address = urlsplit(str(response.request.url))
        located = operation.locate(address.path)
        if located is None:
            return Verdict({})  # it answers no request of the operation
        base, arguments = located
        if self._judge is None or self._settings is None or self._is_over:
            base_url = f"{address.scheme}://{address.netloc}{base}"  # where it went, whatever servers the document has
            self._settings = settings_of(self.target, ctx, case, base_url)
            self._judge = Judge(self.target, self._settings.knowledge)
            self._asked.clear()
            self._checked.clear()
            self._results, self.problem, self._is_over, self._is_let_in = {}, "", False, False
        exchange = _exchange(operation, response, case, arguments)
        self._is_let_in |= exchange.successful
        verdict = self._judge.judge(exchange, self._known_of(exchange, self._settings.knowledge))
        return Verdict({}) if verdict.throttled else verdict  # a throttled answer says nothing about the request

    def _known_of(self, exchange: Exchange, knowledge: Knowledge) -> Knowledge | None:
        """Return what is known of an exchange, None where it is what is known of all.

        Nothing has shown that the credentials are right before the first success: a refusal may be for them.
        """
        if self._is_let_in or exchange.status not in KEY_REFUSALS:
            return None
        return replace(knowledge, credentials={})

    def count(self, rule: str, checked: int) -> None:
        """Take note that the check of a rule was there to report its breaches, and how often it was exercised.

        What was judged for another rule's check is not counted: where the user has switched a check off, nobody is
        told of a breach.
        """
        with self._lock:
            self._asked.add(rule)
            self._checked[rule] += checked

    def ask(self) -> None:
        """Send the requests that particular rules need, once in a run, and where it has reached the target."""
        with self._lock:
            if self._settings is None or self._is_over:
                return
            self._is_over = True
            if not self._settings.unasked:
                self._ask(self._settings)

    def result(self, rule: str) -> RuleResult | None:
        """Return what the requests that particular rules need show of one; None where they were not sent."""
        self.ask()
        return self._results.get(rule)

    def _ask(self, settings: Settings) -> None:
        plan, control = settings.plan(self.target), Control()
        try:
            with Run(plan, control, _Unfollowed()) as run:
                run.preflight()
                for step in self.target.probes(plan.knowledge, plan.ids):
                    if not control.stopped:
                        run.send(step)
                report = run.report()
        except UsageError as error:
            self.problem = in_its_words(error.format_message(), self.target)
            return
        self._results = {result.rule.id: result for result in report.rules}
        if control.reason is not None:
            self.problem = f"They were not all sent: {control.reason.value}."

    def summary(self) -> Iterator[str]:
        """Yield lines about how much of the target's rules the run has exercised."""
        rules = [rule.id for rule in self.target.rules_about("provider")]
        seen = [rule for rule in rules if self._checked[rule]]
        yield f"Contract of {self.target.name}: {len(seen)} of {len(rules)} rules exercised."
        unseen = [rule for rule in rules if rule in self._asked and not self._checked[rule]]
        if unseen:
            yield f"  Not exercised, so not kept: {_named(unseen)}."
        off = [rule for rule in rules if rule not in self._asked]
        if off:
            yield f"  Not judged, as their checks are off: {_named(off)}."
        if self._settings is not None and self._settings.unasked:
            yield f"  The requests that particular rules need were not sent, as {self._settings.unasked}."
        elif not self._is_over:
            yield "  The requests that particular rules need were not sent, as the run ended early."
        if self._settings is not None and self._settings.unset and not self._is_let_in:
            unset = ", ".join(self._settings.unset)
            yield f"  Nothing that schemathesis sent was let in: set headers in schemathesis.toml, or -H, for {unset}."
        known = self.target.known_ids
        if known is not None and (self._settings is None or not self._settings.knowledge.known_ids):
            yield f"  No known id: bind a dictionary to path.{known.parameter} of {known.operation}."


class Watches:
    """The targets of some services that answer requests, and the rules about them."""

    def __init__(self, services: Iterable[Service]) -> None:
        targets = [target for service in services for target in service.targets if target.has("provider")]
        self.all = tuple(map(Watch, targets))
        self._operations = {
            (operation.id, operation.path): (watch, operation)
            for watch in self.all
            for operation in watch.target.operations
            if not operation.is_webhook
        }

    def of(self, case: Case[Any]) -> tuple[Watch, Operation] | None:
        """Return the target that a case is about, with its operation; None where it is about none."""
        asked = case.operation
        if isinstance(asked.schema, ContractSchema):
            return None  # our own run judges by itself
        return self._operations.get((str(asked.definition.raw.get("operationId")), str(asked.path)))

    @property
    def rules(self) -> Mapping[str, Sequence[tuple[Watch, Rule]]]:
        """Each rule by its id, with the targets that have it."""
        found: dict[str, list[tuple[Watch, Rule]]] = {}
        for watch in self.all:
            for rule in watch.target.rules_about("provider"):
                found.setdefault(rule.id, []).append((watch, rule))
        return found

    def summary(self) -> Iterator[str]:
        """Yield lines about how much of the contract a run has exercised."""
        reached = [watch for watch in self.all if watch.was_reached]
        for watch in reached:
            yield from watch.summary()
        if not reached:
            yield "Contract: no answer of one of its operations was judged, so that none of its rules is kept."


def _named(rules: Sequence[str]) -> str:
    more = f" and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
    return f"{', '.join(rules[:_MOST_NAMED])}{more}"


def _exchange(operation: Operation, response: Response, case: Case[Any], arguments: Mapping[str, str]) -> Exchange:
    request = response.request
    body = request.body
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    return Exchange.sent(
        operation,
        GENERATED,
        str(request.url),
        [(str(name), _text(value)) for name, value in request.headers.items()],
        body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else None,
        Answer(response.status_code, headers, response.content, response.elapsed),
        method=str(request.method or case.method),
        path_parameters=arguments,
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _Unfollowed:
    """Follows a run and shows nothing of it."""

    def phase(self, name: str) -> None:
        """Take note that a phase begins."""

    def exchanged(self, requests: int, broken: int) -> None:
        """Take note that another exchange was judged."""

    def paused(self, seconds: float) -> None:
        """Take note of a pause."""
