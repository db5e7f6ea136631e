"""A listening endpoint on a real port, and a receiver to forward to."""

import asyncio
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.forwarding import forwarder
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.reporting.model import Report, RuleResult
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from tests.targets import target_named

KEY = SANDBOX_API_KEY
DEADLINE = 30.0
TARGET = target_named("callback")


@dataclass
class Listening:
    """A running endpoint: post to it, and see what it shows and reports."""

    url: str
    session: Listener
    screen: io.StringIO
    client: httpx.Client

    def post(self, delivery: Delivery, path: str = "/", **headers: str) -> httpx.Response:
        return self.client.post(self.url + path, content=delivery.body, headers={**delivery.headers, **headers})

    @property
    def shown(self) -> str:
        return self.screen.getvalue()

    @property
    def report(self) -> Report:
        return self.session.report(self.url)

    def result(self, rule: str) -> RuleResult:
        return next(result for result in self.report.rules if result.rule.id == rule)


Listen = Callable[..., Listening]


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as stack:

        def start(forward: str | None = None, **terms: object) -> Listening:
            session = Listener(Terms(TARGET, **{"key": KEY, **terms}))
            screen = io.StringIO()
            display = Display(Console(file=screen, width=300), TARGET)
            server = stack.enter_context(running(Endpoint(session, display, forwarder(forward))))
            return Listening(server.url, session, screen, stack.enter_context(httpx.Client(trust_env=False)))

        yield start


@dataclass
class Receiver:
    """A receiver that answers as it is told and remembers what it was sent."""

    status: int = 204
    body: bytes = b""
    url: str = ""
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    first_answer: threading.Event | None = None
    """the first delivery is answered when this is set; None: at once"""

    async def answer(self, request: Request) -> Response:
        self.received.append((str(request.url), dict(request.headers), await request.body()))
        if self.first_answer is not None and len(self.received) == 1:
            await asyncio.to_thread(self.first_answer.wait, DEADLINE)
        return Response(self.body, self.status, media_type="application/json" if self.body else None)


@contextmanager
def serving(receiver: Receiver) -> Iterator[Receiver]:
    with running(Starlette(routes=[Route("/{path:path}", receiver.answer, methods=["POST"])])) as server:
        receiver.url = server.url
        yield receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving(Receiver()) as running_receiver:
        yield running_receiver


def night(scenario: str = "four-stages") -> list[Delivery]:
    return deliveries(SCENARIOS[scenario])
