"""One callback of a named night, sent by hand to try a receiver."""

import time
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text

from sleeptalk_contract.contract.address import authorization, redacted_url
from sleeptalk_contract.contract.catalogue import rules_of
from sleeptalk_contract.contract.exchange import Exchange, Knowledge, joined_headers
from sleeptalk_contract.contract.redaction import printable, redacted, shortened
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing.findings import Findings
from sleeptalk_contract.fuzzing.preflight import check_reachable, refuse_key
from sleeptalk_contract.fuzzing.run import Plan
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_USER_ID
from sleeptalk_contract.services.asleep.sandbox.deliveries import Delivery, deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS, scenarios_of

_GROUP: Final = "receiver"
_LONGEST_BODY: Final = 500


def last_callback(scenario: str, api_key: str | None, user_id: str | None) -> Delivery:
    """Give the last callback of a night: SESSION_COMPLETE, or the latest window of a night that goes on.

    Raises UsageError for a name that is no night with callbacks, and without a key to send.
    """
    if scenario not in SCENARIOS or SCENARIOS[scenario].sleep_stages is None:
        names = ", ".join(name for name, night in SCENARIOS.items() if night.sleep_stages is not None)
        raise UsageError(f"--send {scenario!r} is no night that has callbacks: name one of {names}.")
    if api_key is None:
        raise UsageError("There is no key to send: give the one that the receiver expects with --api-key.")
    return deliveries(scenarios_of(user_id or SANDBOX_USER_ID)[scenario], api_key=api_key)[-1]


def send_callback(plan: Plan, scenario: str, console: Console) -> Report:
    """Post a night's last callback to the plan's address, show the answer, and judge it.

    Raises UsageError when nobody answers there, and when the receiver refuses the key.
    """
    delivery = last_callback(scenario, plan.api_key, plan.user_id)
    check_reachable(plan.url, plan.request_timeout)
    started = time.monotonic()
    exchange = _posted(plan, delivery)
    _show(exchange, delivery, console)
    refuse_key([exchange.status])
    verdict = Judge("callback", Knowledge(plan.api_key, plan.user_id), groups=(_GROUP,)).judge(exchange)
    findings = Findings(rules_of(_GROUP), plan.api_key)
    findings.add(exchange, verdict)
    return Report(
        target="callback",
        url=redacted_url(plan.url),
        seed=plan.seed,
        requests=findings.requests,
        seconds=time.monotonic() - started,
        rules=findings.results({}, plan.baseline.accepted, plan.baseline.expired),
        beyond=findings.beyond(),
        answers=findings.answers(),
        strict=plan.strict,
    )


def _posted(plan: Plan, delivery: Delivery) -> Exchange:
    parts = urlsplit(plan.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {**delivery.headers, **authorization(plan.url)}
    wire = Wire(plan.url, plan.request_timeout)
    try:
        answer = wire.exchange("POST", path, headers.items(), delivery.body)
    finally:
        wire.close()
    return Exchange(
        target="callback",
        intent="sent-by-hand",
        method="POST",
        url=plan.url,
        path_parameters={},
        request_headers=headers,
        request_body=delivery.body,
        status=answer.status,
        response_headers=joined_headers(answer.headers),
        response_body=answer.body,
        seconds=answer.seconds,
        failure=answer.failure,
    )


def _show(exchange: Exchange, delivery: Delivery, console: Console) -> None:
    answer = "no answer" if exchange.status is None else str(exchange.status)
    told = f"{delivery.event} of {delivery.scenario}: {answer} after {exchange.seconds:.2f} s"
    console.print(Text(told), soft_wrap=True)
    body = shortened(exchange.response_body.decode(errors="replace"), _LONGEST_BODY)
    if body:
        console.print(Text(f"  {' '.join(printable(redacted(body)).split())}"), soft_wrap=True)
