"""One callback that is sent by hand to try a receiver."""

import base64
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sleeptalk_contract.contract import redaction
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.sending import last_delivery, send_delivery
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from tests.targets import target_named

PLAN = Plan(target_named("callback"), "", {"x-api-key": "key"})


def sent(url: str, scenario: str, api_key: str = SANDBOX_API_KEY) -> tuple[Report, str]:
    screen = io.StringIO()
    report = send_delivery(
        Plan(target_named("callback"), url, {"x-api-key": api_key}), scenario, Console(file=screen, width=300)
    )
    return report, screen.getvalue()


@pytest.mark.parametrize("scenario", [name for name, night in SCENARIOS.items() if night.sleep_stages is not None])
def test_a_good_receiver_accepts_the_callback_of_every_night(scenario: str) -> None:
    with running(receiver_app()) as receiver:
        report, shown = sent(receiver.url, scenario)
    assert report.exit_code == 0
    assert report.requests == 1
    assert f" of {scenario}: 204 after 0." in shown


def test_a_complete_night_is_sent_as_its_end_and_one_that_goes_on_as_its_latest_window() -> None:
    complete, going_on = (json.loads(last_delivery(PLAN, name).body) for name in ("never-slept", "closed"))
    assert complete["callback_event"] == "SESSION_COMPLETE"
    assert going_on["callback_event"] == "INFERENCE_COMPLETE"


def test_it_goes_to_the_letter_of_the_address_and_shows_the_answer() -> None:
    received: list[str] = []

    async def refuse(request: Request) -> Response:
        received.append(str(request.url))
        return PlainTextResponse("no\nroom", 409)

    app = Starlette(routes=[Route("/{path:path}", refuse, methods=["POST"])])
    with running(app) as receiver:
        report, shown = sent(f"{receiver.url}/hooks/sleep?tenant=7", "four-stages")
        assert received == [f"{receiver.url}/hooks/sleep?tenant=7"]
    assert report.exit_code == 1
    assert [result.rule.id for result in report.of("failed")] == ["receiver.accepts-valid"]
    assert "SESSION_COMPLETE of four-stages: 409" in shown
    assert "  no room" in shown


def test_the_key_is_sent_and_never_shown() -> None:
    with running(receiver_app("another-key-of-ours")) as receiver:
        accepted, shown = sent(receiver.url, "two-stages", "another-key-of-ours")
    assert accepted.exit_code == 0
    assert "another-key-of-ours" not in shown + repr(accepted)


def test_a_key_that_the_receiver_refuses_is_wrong_use_and_no_broken_contract() -> None:
    with running(receiver_app("another-key-of-ours")) as receiver, pytest.raises(UsageError, match="key that it"):
        sent(receiver.url, "two-stages")


def test_name_and_password_of_the_address_are_sent_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    received: list[str | None] = []

    async def refuse(request: Request) -> Response:
        received.append(request.headers.get("authorization"))
        return PlainTextResponse(f"no {request.headers['authorization']}", 409)

    with running(Starlette(routes=[Route("/", refuse, methods=["POST"])])) as receiver:
        url = checked_address(receiver.url.replace("//", "//me:passw0rd@"), "--url")
        report, shown = sent(url, "two-stages")
    basic = base64.b64encode(b"me:passw0rd").decode()
    assert received == [f"Basic {basic}"]
    assert basic not in shown + repr(report)
    assert "passw0rd" not in shown + repr(report)


@pytest.mark.parametrize("scenario", ["nothing", "open-without-real-time", ""])
def test_a_name_without_callbacks_is_a_sentence_with_the_names_that_have_some(scenario: str) -> None:
    with pytest.raises(UsageError, match=r"--send .* is not a scenario that has callbacks: name one of four-stages, "):
        last_delivery(PLAN, scenario)


def test_without_a_key_nothing_is_sent() -> None:
    with pytest.raises(UsageError, match="--api-key"):
        last_delivery(replace(PLAN, credentials={}), "four-stages")


def test_a_receiver_that_nobody_runs_is_a_sentence() -> None:
    with running(receiver_app()) as receiver:
        url = receiver.url
    with pytest.raises(UsageError, match="No server answers"):
        sent(url, "four-stages")
