"""The sandbox's sender, judged: it delivers its nights to an endpoint that hands each delivery on."""

import time
from collections.abc import Callable

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk_contract.exchange import Exchange, joined_headers
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.sandbox.deliveries import deliveries
from sleeptalk_contract.sandbox.nights import SCENARIOS
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running

ACCEPTED = 204


def deliver_nights(api_key: str, judge: Callable[[Exchange], None], control: Control) -> None:
    """Send every night of the sandbox over HTTP, each delivery once, and give each as an Exchange to `judge`."""
    with running(_endpoint(judge)) as server, httpx.Client(trust_env=False) as client:
        for night in SCENARIOS.values():
            for _ in send(deliveries(night, api_key=api_key), f"{server.url}/callback", client, attempts=1):
                if control.stopped:
                    return


def _endpoint(judge: Callable[[Exchange], None]) -> Starlette:
    async def receive(request: Request) -> Response:
        started = time.monotonic()
        body = await request.body()
        judge(
            Exchange(
                target="callback",
                intent="delivery",
                method=request.method,
                url=str(request.url),
                path_parameters={},
                request_headers=joined_headers(request.headers.items()),
                request_body=body,
                status=ACCEPTED,
                response_headers={},
                response_body=b"",
                seconds=time.monotonic() - started,
            )
        )
        return Response(status_code=ACCEPTED)

    return Starlette(routes=[Route("/{path:path}", receive, methods=["POST"])])
