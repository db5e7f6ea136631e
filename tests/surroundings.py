"""What stands in front of an implementation and makes its surroundings worse: throttles, latency, drops, outages.

Each front is an ASGI application around another one.
"""

import asyncio
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import formatdate

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.sandbox.server import running

Headers = Callable[[float], Mapping[str, str]]
"""The headers of a refusal, from the seconds after which the next request is let through."""


def no_headers(_seconds: float) -> Mapping[str, str]:
    return {}


def retry_after(seconds: float) -> Mapping[str, str]:
    return {"retry-after": str(math.ceil(seconds))}


def retry_after_date(seconds: float) -> Mapping[str, str]:
    return {"retry-after": formatdate(math.ceil(time.time() + seconds), usegmt=True)}


def reset_at(seconds: float) -> Mapping[str, str]:
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(math.ceil(time.time() + seconds))}


def reset_in(seconds: float) -> Mapping[str, str]:
    return {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(math.ceil(seconds))}


@dataclass(frozen=True)
class Refusal:
    """How a front refuses a request."""

    status: int = 429
    body: bytes = b'{"message": "Limit Exceeded"}'
    headers: Headers = no_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send, seconds: float) -> None:
        headers = dict(self.headers(seconds))
        media_type = "application/json" if self.body.startswith(b"{") else None
        await Response(self.body, self.status, headers, media_type)(scope, receive, send)


PLAIN = Refusal()


def throttled(app: ASGIApp, per_second: float, refusal: Refusal = PLAIN) -> ASGIApp:
    """Let a number of requests through in each second; below one per second, single ones that far apart."""
    capacity = max(1.0, per_second)
    tokens, filled, lock = capacity, time.monotonic(), threading.Lock()

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal tokens, filled
        with lock:
            now = time.monotonic()
            tokens, filled = min(capacity, tokens + (now - filled) * per_second), now
            passes = tokens >= 1
            tokens -= passes
        if passes:
            await app(scope, receive, send)
        else:
            await refusal(scope, receive, send, (1 - tokens) / per_second)

    return front


def refusing(app: ASGIApp, when: Callable[[int], bool], refusal: Refusal = PLAIN) -> ASGIApp:
    """Refuse requests by their number, from 0."""
    numbers = itertools.count()

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if when(next(numbers)):
            await refusal(scope, receive, send, 1.0)
        else:
            await app(scope, receive, send)

    return front


def delayed(app: ASGIApp, seconds: float) -> ASGIApp:
    """Answer each request later."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return front


def resetting(app: ASGIApp, when: Callable[[int], bool]) -> ASGIApp:
    """Drop the connection in the middle of an answer, by the number of the request."""
    numbers = itertools.count()

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if when(next(numbers)):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
            await send({"type": "http.response.body", "body": b"half of it", "more_body": True})
        else:
            await app(scope, receive, send)

    return front


TEAPOT = Response(status_code=418)


def below(app: ASGIApp, prefix: str, elsewhere: Response = TEAPOT) -> ASGIApp:
    """Serve an application below a base path, and one answer elsewhere."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(f"{prefix}/"):
            path, raw_path = scope["path"].removeprefix(prefix), scope["raw_path"].removeprefix(prefix.encode())
            await app({**scope, "path": path, "raw_path": raw_path}, receive, send)
        else:
            await elsewhere(scope, receive, send)

    return front


class Counted:
    """Counts the requests that it hands on, and tells when there were some number of them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._condition = threading.Condition()
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._condition:
            self._count += 1
            self._condition.notify_all()
        await self._app(scope, receive, send)

    def reach(self, count: int) -> None:
        """Wait until that many requests came."""
        with self._condition:
            assert self._condition.wait_for(lambda: self._count >= count, timeout=60)


@contextmanager
def restarted(app: ASGIApp, after: int, down: float | None) -> Iterator[str]:
    """Serve an application that goes down after some requests; `down` is for how many seconds, None for good."""
    counted = Counted(app)
    over = threading.Event()
    with ExitStack() as first:
        server = first.enter_context(running(counted))

        def restart() -> None:
            counted.reach(after)
            first.close()
            if down is not None and not over.wait(down):
                with running(app, server.port):
                    over.wait()

        thread = threading.Thread(target=restart, daemon=True)
        thread.start()
        yield server.url
        over.set()
        thread.join(20)
