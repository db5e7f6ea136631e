"""The sandbox's sender, judged: it delivers its scenarios to an endpoint that hands each delivery on."""

from collections.abc import Callable, Mapping

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.operation import Operation
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.listening.delivery import NO_CONTENT, Reply
from sleeptalk_contract.listening.endpoint import received, respond
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running


def deliver(
    target: Target, credentials: Mapping[str, str], judge: Callable[[Exchange], None], control: Control
) -> None:
    """Send what the sandbox's sender delivers over HTTP, each once, and hand each as an Exchange to `judge`."""
    if target.deliveries is None:
        return
    endpoint = _endpoint(target.operations[0], judge)
    with running(endpoint) as server, httpx.Client(trust_env=False) as client:
        for deliveries in target.deliveries(credentials).values():
            for _ in send(deliveries, f"{server.url}/callback", client, attempts=1):
                if control.stopped:
                    return


def _endpoint(operation: Operation, judge: Callable[[Exchange], None]) -> ASGIApp:
    accepted = Reply(NO_CONTENT)

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        delivery = await received(scope, receive)
        if delivery is not None:
            judge(delivery.exchange(operation, accepted, 0.0))
            await respond(send, accepted)

    return take
