"""What the sandbox's sender delivers: one delivery by hand to try a receiver, or all of them to judge the sender."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Final

from rich.console import Console
from rich.text import Text
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.address import authorization, request_target
from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.contract.redaction import escaped, shortened
from sleeptalk_contract.contract.service import Delivery, Target
from sleeptalk_contract.contract.usage import UsageError, did_you_mean
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.preflight import refuse_key
from sleeptalk_contract.fuzzing.reaching import check_reachable
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.judging.webhooks import webhook_meant
from sleeptalk_contract.listening.delivery import NO_CONTENT, Reply
from sleeptalk_contract.listening.endpoint import received, respond
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running

_LONGEST_BODY: Final = 500


def last_delivery(plan: Plan, scenario: str) -> Delivery:
    """Return the last delivery of a scenario. Raises UsageError where it has none, and without a key to send."""
    target = plan.target
    scenarios = {} if target.deliveries is None else target.deliveries(plan.credentials)
    if not scenarios.get(scenario):
        having = [name for name, deliveries in scenarios.items() if deliveries]
        others = f"name one of {', '.join(having)}."
        advice = others if scenario in scenarios else did_you_mean(scenario, having, others)
        raise UsageError(f"--send {scenario!r} is not a scenario that has callbacks: {advice}")
    if target.key is not None and plan.key is None:
        raise UsageError(f"There is no key to send: pass the one that the receiver expects with {target.key.option}.")
    return scenarios[scenario][-1]


def send_delivery(plan: Plan, scenario: str, console: Console) -> Report:
    """Post a scenario's last delivery to the plan's address, show the answer, and judge it.

    Raises UsageError when nobody answers there, and when the receiver refuses the key.
    """
    delivery = last_delivery(plan, scenario)
    check_reachable(plan.url, plan.request_timeout, plan.access)
    findings = Findings(plan.target, plan.target.rules_about("receiver"), plan.key, plan.access.header_names)
    exchange = _posted(plan, delivery)
    _show(exchange, delivery, console)
    verdict = Judge(plan.target, Knowledge(plan.credentials)).judge(exchange)
    if verdict.throttled:
        findings.add_unjudged(exchange)
    else:
        refuse_key([exchange.status], plan.target)
        findings.add(exchange, plan.selection.of(verdict))
    report = plan.selection.marked(findings.report(plan.url, {}, plan.baseline, strict=plan.strict))
    return replace(report, seed=plan.seed, required=plan.required)


def _posted(plan: Plan, delivery: Delivery) -> Exchange:
    headers = {**delivery.headers, **authorization(plan.url)}
    operation = webhook_meant(plan.target, delivery.body)
    with closing(Wire(plan.url, plan.request_timeout, access=plan.access)) as wire:
        answer = wire.exchange(operation.method, request_target(plan.url), headers.items(), delivery.body)
    return Exchange.sent(operation, "sent-by-hand", plan.url, headers.items(), delivery.body, answer)


def _show(exchange: Exchange, delivery: Delivery, console: Console) -> None:
    answer = "no answer" if exchange.status is None else str(exchange.status)
    line = f"{delivery.event} of {delivery.scenario}: {answer} after {exchange.seconds:.2f} s"
    console.print(Text(line), soft_wrap=True)
    body = shortened(exchange.response_body.decode(errors="replace"), _LONGEST_BODY)
    if body:
        console.print(Text(f"  {escaped(' '.join(body.split()))}"), soft_wrap=True)


def deliver(
    target: Target, credentials: Mapping[str, str], judge: Callable[[Exchange], None], control: Control
) -> None:
    """Send what the sandbox's sender delivers over HTTP, each once, and hand each as an Exchange to `judge`."""
    if target.deliveries is None:
        return
    with running(_endpoint(target, judge)) as server:
        for deliveries in target.deliveries(credentials).values():
            for _ in send(deliveries, f"{server.url}/callback", attempts=1):
                if control.stopped:
                    return


def _endpoint(target: Target, judge: Callable[[Exchange], None]) -> ASGIApp:
    accepted = Reply(NO_CONTENT)

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        delivery = await received(scope, receive)
        if delivery.complete:
            judge(delivery.exchange(webhook_meant(target, delivery.body), accepted, 0.0))
            await respond(send, accepted)

    return take
