"""The contract in a run of schemathesis by itself: our string formats, and each rule as a check of its own id.

What schemathesis sends is judged as it is answered. Once its phases are over, the requests that particular rules need
(a wrong key, an id that is not known, ...) are sent beside them. Credentials and known ids come from where the run has
them: its headers, parameters and dictionaries, or the environment variables of the target.
"""

from collections.abc import Sequence
from typing import Any, Final

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.cli import EventHandler, ExecutionContext, handler
from schemathesis.core.failures import Failure, Severity
from schemathesis.engine.events import EngineEvent, EngineFinished

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Breach
from sleeptalk_contract.contract.redaction import redacted, remember_documents
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.fuzzing.stock_settings import REQUESTS, can_be_of
from sleeptalk_contract.fuzzing.stock_watching import Watch, Watches
from sleeptalk_contract.reporting.grouping import grouped
from sleeptalk_contract.reporting.model import RuleResult

_MOST_SAID: Final = 5


class RuleFailure(Failure):
    """A broken rule; of each rule and operation schemathesis shows one."""

    __slots__ = ()

    @property
    def _unique_key(self) -> str:
        return self.title


def install(services: Sequence[Service]) -> Watches:
    """Register the formats and the rules of some services with schemathesis, and a summary of each run.

    Returns what is seen of them in the runs of this process.
    """
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
    return watches


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
            checked = verdict.checked.get(identifier, 0)
            watch.count(identifier, checked)
            breaches = [breach for breach in verdict.breaches if breach.rule == identifier]
            if breaches:
                raise _failure(rule, case.operation.label, _said(breaches), case.id)
            return None if checked else True

        def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002  # schemathesis's
            results = [(rule, watch.result(identifier)) for watch, rule in holders]
            for (watch, _), (_, result) in zip(holders, results, strict=True):
                watch.count(identifier, 0 if result is None else result.checked)
            broken = [(rule, result) for rule, result in results if result is not None and result.broken]
            if broken:  # of several targets in the tests of one process
                raise _failure(broken[0][0], None, "\n\n".join(_shown(result) for _, result in broken), None)

    RuleCheck.__name__ = RuleCheck.__qualname__ = identifier
    return RuleCheck


def _requests(watches: Watches) -> type[Any]:
    """Return the check that sends what particular rules need, and fails where that cannot be done."""

    class Requests:
        def __init__(self, *, tried_ids: Sequence[str] = (), allow_writes: bool = False) -> None:
            """Refuse settings that mean nothing; `stock_settings` reads them, for each project its own."""
            if isinstance(tried_ids, str) or not all(isinstance(each, str) for each in tried_ids):
                raise ValueError("tried_ids is a list of ids")
            strange = [each for each in tried_ids if not any(can_be_of(watch.target, each) for watch in watches.all)]
            if strange:
                raise ValueError(f"tried_ids has {strange[0]!r}, which has the form of no id of the contract")
            if not isinstance(allow_writes, bool):
                raise TypeError("allow_writes is true or false")

        def after_run(self, ctx: CheckContext) -> None:  # noqa: ARG002  # schemathesis's
            for watch in watches.all:
                watch.ask()
            problems = {watch.target.name: watch.problem for watch in watches.all if watch.problem}
            if problems:
                title = f"{', '.join(problems)}: requests that particular rules need were not sent"
                raise RuleFailure(operation=None, title=title, message=redacted("\n".join(problems.values())))

    Requests.__name__ = Requests.__qualname__ = REQUESTS
    return Requests


def _summarising(watches: Watches) -> type[Any]:
    """Return the handler that adds to the summary of a run what it has seen of the contract."""

    class Summary(EventHandler[ExecutionContext]):
        def handle_event(self, ctx: ExecutionContext, event: EngineEvent) -> None:
            if isinstance(event, EngineFinished):
                for line in watches.summary():
                    ctx.add_summary_line(line)

    return Summary


def _failure(rule: Rule, operation: str | None, message: str, case_id: str | None) -> RuleFailure:
    severity = Severity.HIGH if rule.level == "must" else Severity.LOW
    text = redacted(f"{message}\n\n{rule.sentence}\n{rule.source}: {rule.source.url}")
    title = f"{rule.id} is broken"
    return RuleFailure(operation=operation, title=title, message=text, case_id=case_id, severity=severity)


def _said(breaches: Sequence[Breach]) -> str:
    return "\n".join(group.sentence for group in grouped(breaches)[:_MOST_SAID])


def _shown(result: RuleResult) -> str:
    return "\n\n".join(f"{finding.text}\n{finding.reproduce}" for finding in result.findings[:_MOST_SAID])
