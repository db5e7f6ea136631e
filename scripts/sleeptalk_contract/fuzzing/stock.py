"""The contract in a run of schemathesis by itself: our string formats, and each rule as a check of its own id.

What schemathesis sends is judged as it is answered. Once its phases are over, the requests that particular rules need
(a wrong key, an id that is not known, ...) are sent beside them. Credentials and known ids come from where the run has
them: its headers, parameters and dictionaries, or the environment variables of the target.
"""

import os
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.cli import EventHandler, ExecutionContext, handler
from schemathesis.core.failures import Failure, Severity
from schemathesis.engine.events import EngineEvent, EngineFinished

from sleeptalk_contract.contract.access import Access, tls_context
from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Knowledge, Verdict
from sleeptalk_contract.contract.operation import Operation
from sleeptalk_contract.contract.redaction import redacted, remember_documents, remember_key
from sleeptalk_contract.contract.service import Service, Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.engine import ContractSchema
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.preflight import check_ids
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.transport import GENERATED
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.grouping import grouped
from sleeptalk_contract.reporting.model import Report, RuleResult

REQUESTS: Final = "contract.requests"
"""The check that fails where the requests that particular rules need could not be sent.

Its settings in schemathesis.toml: `tried_ids` has ids that are answered with a documented refusal, to ask for them too;
`allow_writes` lets particular requests make and delete things, as `sleeptalk fuzz --allow-writes` does.
"""

_KEPT: Final = 64
"""Verdicts that are kept until each rule has asked for its own; workers of schemathesis judge at the same time."""

_TIMEOUT_SECONDS: Final = 10.0
_MOST_SAID: Final = 5
_MOST_NAMED: Final = 6


class RuleFailure(Failure):
    """A broken rule; of each rule and operation schemathesis shows one."""

    __slots__ = ()

    @property
    def _unique_key(self) -> str:
        return self.title


@dataclass(frozen=True, slots=True)
class Reached:
    """How a run reaches an implementation, and what it knows of it."""

    base_url: str
    knowledge: Knowledge = field(repr=False)
    access: Access
    timeout: float


class Watch:
    """What a run shows of one target. Safe to use from several threads."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.checked: Counter[str] = Counter()
        self.report: Report | None = None
        self.problem = ""
        self.tried_ids: tuple[str, ...] = ()
        self.allow_writes = False
        self._lock = threading.Lock()
        self._reached: Reached | None = None
        self._judge: Judge | None = None
        self._verdicts: OrderedDict[int, tuple[Response, Verdict]] = OrderedDict()
        self._is_let_in = False
        self._is_over = False

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
            exchange = _exchange(operation, response, case)
            verdict = Verdict({}) if exchange is None else self._judged(exchange, ctx, case)
            self._verdicts[id(response)] = (response, verdict)
            if len(self._verdicts) > _KEPT:
                self._verdicts.popitem(last=False)
            return verdict

    def _judged(self, exchange: Exchange, ctx: CheckContext, case: Case[Any]) -> Verdict:
        if self._judge is None or self._is_over:
            self._reached = _reached(self.target, ctx, case)
            self._judge = Judge(self.target, self._reached.knowledge)
            self.checked.clear()
            self.report, self.problem, self._is_over, self._is_let_in = None, "", False, False
        self._is_let_in |= exchange.successful
        verdict = self._judge.judge(exchange, self._known_of(exchange))
        if verdict.throttled:  # it says nothing about the request
            return Verdict({})
        self.checked.update(verdict.checked)
        return verdict

    def _known_of(self, exchange: Exchange) -> Knowledge | None:
        """Return what is known of an exchange, None where it is what is known of all.

        Nothing has shown that the credentials are right before the first success: a refusal may be for them.
        """
        if self._reached is None or self._is_let_in or exchange.status not in KEY_REFUSALS:
            return None
        return replace(self._reached.knowledge, credentials={})

    def result(self, rule: str) -> RuleResult | None:
        """Return what the requests that particular rules need show of one; they are sent when this is first asked."""
        with self._lock:
            if not self._is_over:
                self._is_over = True
                self._send()
        results = () if self.report is None else self.report.rules
        return next((each for each in results if each.rule.id == rule), None)

    def _send(self) -> None:
        reached = self._reached
        if reached is None:
            return
        plan = Plan(
            self.target,
            reached.base_url,
            reached.knowledge.credentials,
            tuple(sorted(reached.knowledge.known_ids)),
            self.tried_ids,
            request_timeout=reached.timeout,
            access=reached.access,
            allow_writes=self.allow_writes,
        )
        control = Control()
        try:
            with Run(plan, control, _Unfollowed()) as run:
                run.preflight()
                for step in self.target.probes(plan.knowledge, plan.ids):
                    if not control.stopped:
                        run.send(step)
                self.report = run.report()
        except UsageError as error:
            self.problem = error.format_message()
        else:
            for result in self.report.rules:
                self.checked[result.rule.id] += result.checked
            self.problem = "" if control.reason is None else f"They were not all sent: {control.reason.value}."

    def summary(self) -> Iterator[str]:
        """Yield lines about how much of the target's rules the run has exercised."""
        rules = self.target.rules_about("provider")
        unseen = [rule.id for rule in rules if not self.checked[rule.id]]
        yield f"Contract of {self.target.name}: {len(rules) - len(unseen)} of {len(rules)} rules exercised."
        if unseen:
            more = f" and {len(unseen) - _MOST_NAMED} more" if len(unseen) > _MOST_NAMED else ""
            yield f"  Not exercised, so not kept: {', '.join(unseen[:_MOST_NAMED])}{more}."
        if not self._reached or not self._reached.knowledge.known_ids:
            known = self.target.known_ids
            if known is not None:
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


def install(services: Sequence[Service]) -> None:
    """Register the formats and the rules of some services with schemathesis, and a summary of each run."""
    for service in services:
        remember_documents(service.texts)
        for target in service.targets:
            for name, strategy in target.formats().items():
                schemathesis.openapi.format(name, strategy)
    watches = Watches(services)
    schemathesis.check(_requests(watches))
    for identifier, holders in watches.rules.items():
        schemathesis.check(_check(identifier, holders, watches))
    handler()(_summarising(watches))


def _check(identifier: str, holders: Sequence[tuple[Watch, Rule]], watches: Watches) -> type[Any]:
    """Return the check of one rule, for every target that has it."""

    class RuleCheck:
        def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
            found = watches.of(case)
            rule = None if found is None else next((rule for watch, rule in holders if watch is found[0]), None)
            if found is None or rule is None:
                return True  # which means that it does not apply
            watch, operation = found
            verdict = watch.verdict(operation, ctx, response, case)
            breaches = [breach for breach in verdict.breaches if breach.rule == identifier]
            if breaches:
                raise _failure(rule, case.operation.label, _said(breaches), case.id)
            return None if verdict.checked.get(identifier) else True

        def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002  # schemathesis's
            for watch, rule in holders:
                result = watch.result(identifier)
                if result is not None and result.broken:
                    raise _failure(rule, None, _shown(result), None)

    RuleCheck.__name__ = RuleCheck.__qualname__ = identifier
    return RuleCheck


def _requests(watches: Watches) -> type[Any]:
    """Return the check that fails where what particular rules need could not be sent."""

    class Requests:
        def __init__(self, *, tried_ids: Sequence[str] = (), allow_writes: bool = False) -> None:
            for watch in watches.all:
                watch.allow_writes = allow_writes
                watch.tried_ids = tuple(each for each in tried_ids if _can_be_of(watch.target, each))

        def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002  # schemathesis's
            for watch in watches.all:
                watch.result("")
                if watch.problem:
                    title = f"{watch.target.name}: requests that particular rules need were not sent"
                    raise RuleFailure(operation=None, title=title, message=redacted(watch.problem))

    Requests.__name__ = Requests.__qualname__ = REQUESTS
    return Requests


def _summarising(watches: Watches) -> type[Any]:
    """Return the handler that adds to the summary of a run what it has seen of the contract."""

    class Summary(EventHandler[ExecutionContext]):
        def handle_event(self, ctx: ExecutionContext, event: EngineEvent) -> None:
            if not isinstance(event, EngineFinished):
                return
            reached = [watch for watch in watches.all if watch.was_reached]
            for watch in reached:
                for line in watch.summary():
                    ctx.add_summary_line(line)
            if not reached:
                ctx.add_summary_line("Contract: no operation of it was answered, so that no rule was judged.")

    return Summary


def _can_be_of(target: Target, identifier: str) -> bool:
    """Whether an id has the form of a target's."""
    try:
        check_ids(target, [identifier])
    except UsageError:
        return False
    return target.known_ids is not None


def _failure(rule: Rule, operation: str | None, message: str, case_id: str | None) -> RuleFailure:
    severity = Severity.HIGH if rule.level == "must" else Severity.LOW
    text = redacted(f"{message}\n\n{rule.sentence}\n{rule.source}: {rule.source.url}")
    title = f"{rule.id} is broken"
    return RuleFailure(operation=operation, title=title, message=text, case_id=case_id, severity=severity)


def _said(breaches: Sequence[Breach]) -> str:
    return "\n".join(group.sentence for group in grouped(breaches)[:_MOST_SAID])


def _shown(result: RuleResult) -> str:
    return "\n\n".join(f"{finding.text}\n{finding.reproduce}" for finding in result.findings[:_MOST_SAID])


def _exchange(operation: Operation, response: Response, case: Case[Any]) -> Exchange | None:
    """Return an answer as the exchange that it belongs to; None where it answers no request of the operation."""
    request = response.request
    located = operation.locate(urlsplit(str(request.url)).path)
    if located is None:
        return None
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
        path_parameters=located[1],
    )


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _reached(target: Target, ctx: CheckContext, case: Case[Any]) -> Reached:
    """Return how a run reaches the target, as its configuration says."""
    config = case.operation.schema.config
    configured = {name.lower(): _text(value) for name, value in config.headers_for(operation=case.operation).items()}
    credentials: dict[str, str] = {}
    for credential in target.credentials:
        drawn = _configured(config, case, "header", credential.header)
        value = configured.get(credential.header) or next(iter(drawn), None) or os.environ.get(credential.variable)
        if credential.secret:
            remember_key(value)
        if value:
            credentials[credential.header] = value
    known = target.known_ids
    ids = () if known is None else _configured(config, case, "path", known.parameter)
    located = case.operation.schema.get_base_url()
    sent: Mapping[str, Any] = ctx.internals.transport_kwargs or {}
    own = {credential.header for credential in target.credentials}
    added = tuple((name, value) for name, value in configured.items() if name not in own)
    return Reached(located, Knowledge(credentials, frozenset(ids)), _access(sent, added), _timeout(sent))


def _configured(config: Any, case: Case[Any], place: str, name: str) -> tuple[str, ...]:
    """Return the values that schemathesis.toml binds to a parameter of an operation: one, or those of a dictionary.

    Where it binds none to it, those that it binds to the same parameter of another operation.
    """
    own = config.operations.get_for_operation(case.operation).parameters
    others = (each.parameters for each in config.operations.operations)  # what is known is known to all of them
    for parameters in (own, config.parameters, *others):
        by_name = {key.lower(): value for key, value in (parameters or {}).items()}
        value = by_name.get(f"{place}.{name}".lower(), by_name.get(name.lower()))
        if isinstance(value, str):
            return (value,)
        if value is not None and hasattr(value, "dictionary"):
            return tuple(str(entry.value) for entry in config.dictionaries[value.dictionary].entries)
    return ()


def _access(sent: Mapping[str, Any], headers: tuple[tuple[str, str], ...]) -> Access:
    """Return how schemathesis was told to reach an implementation: proxy, what TLS trusts and shows, and headers."""
    verify, cert = sent.get("verify", True), sent.get("cert")
    files = (cert, None) if isinstance(cert, str) else cert or (None, None)
    shown, key = (None if each is None else Path(each) for each in files)
    cacert = Path(verify) if isinstance(verify, str) else None
    tls = None
    if verify is not True or shown is not None:
        with suppress(UsageError):  # schemathesis itself could not have reached it
            tls = tls_context(cacert, shown, key, insecure=verify is False)
    proxy = (sent.get("proxies") or {}).get("all")
    return Access(headers, proxy, tls, shows_certificate=shown is not None)


def _timeout(sent: Mapping[str, Any]) -> float:
    timeout = sent.get("timeout")
    return float(timeout) if isinstance(timeout, int | float) else _TIMEOUT_SECONDS


class _Unfollowed:
    """Follows a run and shows nothing of it."""

    def phase(self, name: str) -> None:
        """Take note that a phase begins."""

    def exchanged(self, requests: int, broken: int) -> None:
        """Take note that another exchange was judged."""

    def paused(self, seconds: float) -> None:
        """Take note of a pause."""
