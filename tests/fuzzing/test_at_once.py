"""Requests that are sent at the same time really are, and a claim is made of one target."""

import time
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk.callback import inbox
from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.sandbox.server import running
from tests.fuzzing.helpers import Quiet
from tests.inbox.stores import serving
from tests.targets import target_named

KEY = "callback-key"
TARGET = target_named("callback")


def rules(url: str, claims: frozenset[str] = frozenset()) -> dict[str, Any]:
    plan = Plan(TARGET, url, {"x-api-key": KEY}, seed=1, max_examples=5, claims=claims)
    with Run(plan, Control(), Quiet()) as run:
        run.execute()
        return {result.rule.id: result for result in run.report().rules}


def test_equal_deliveries_reach_the_receiver_at_the_same_time() -> None:
    together, met = Barrier(4), []

    def receive(request: Request) -> Response:
        if b"twins" in request.scope["test.body"]:
            try:
                together.wait(5)
                met.append(True)
            except BrokenBarrierError:
                met.append(False)
        return Response(status_code=204)

    async def buffered(scope: Any, receive_message: Any, send: Any) -> None:
        message = await receive_message()
        scope["test.body"] = message.get("body", b"")
        await app(scope, receive_message, send)

    app = Starlette(routes=[Route("/", receive, methods=["POST"])])
    with running(buffered) as server:
        rules(server.url)
    assert met == [True] * 8


def test_an_inbox_with_a_slow_handler_keeps_every_rule(tmp_path: Any) -> None:
    def handle(_callback: Any, _delivery: Any) -> None:
        time.sleep(0.2)  # as slow as a test can wait for

    app = inbox(handle, f"sqlite:///{tmp_path}/callbacks.db", api_key=KEY)
    with serving(app) as url:
        results = rules(url, frozenset({"--slow-handler"}))
    broken = [name for name, result in results.items() if result.broken]
    assert broken == []
    assert results["receiver.answers-before-handling"].checked
    assert results["receiver.answers-alike"].checked


def test_a_claim_about_another_target_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["fuzz", "asleep", "--slow-handler"]) == 2
    assert "--slow-handler does not apply to the target asleep" in capsys.readouterr().err
