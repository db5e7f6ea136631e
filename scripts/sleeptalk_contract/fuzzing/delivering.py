"""The sandbox's sender, judged: it delivers its nights to an endpoint that hands each delivery on."""

from collections.abc import Callable

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.listening.delivery import NO_CONTENT, Reply
from sleeptalk_contract.listening.endpoint import received, respond
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS


def deliver_nights(api_key: str, judge: Callable[[Exchange], None], control: Control) -> None:
    """Send every night of the sandbox over HTTP, each delivery once, and give each as an Exchange to `judge`."""
    with running(_endpoint(judge)) as server, httpx.Client(trust_env=False) as client:
        for night in SCENARIOS.values():
            for _ in send(deliveries(night, api_key=api_key), f"{server.url}/callback", client, attempts=1):
                if control.stopped:
                    return


def _endpoint(judge: Callable[[Exchange], None]) -> ASGIApp:
    accepted = Reply(NO_CONTENT)

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        delivery = await received(scope, receive)
        if delivery is not None:
            judge(delivery.exchange(accepted, 0.0))
            await respond(send, accepted)

    return take
