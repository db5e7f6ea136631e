"""Each implementation judged, as it is and behind each front: whatever the surroundings, nothing may be reported."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.implementations.judging import judged
from tests.implementations.passing import passed_on, speaking_http_1_0
from tests.sandbox_ids import known_ids
from tests.surroundings import below, refusing

TARGETS: Final = ("asleep", "phonexia", "callback")
ONE_OF_EACH_KIND: Final = (
    *("four-stages", "two-stages", "without-breathing", "never-slept"),
    *("invalid", "closed", "open-with-real-time"),
)
"""Nights that between them exercise every rule."""

PREFIX: Final = "/gateway/v7"
PAGE: Final = b"<h1>That is not possible</h1>"


@contextmanager
def served(app: ASGIApp, prefix: str = "") -> Iterator[str]:
    with running(app) as server:
        yield server.url + prefix


def in_other_words(app: ASGIApp) -> ASGIApp:
    """Refuse keys, methods and callbacks with a page, and add headers, as gateways do.

    What the contract words itself stays as it is: the refusals of an id, a user or a time zone.
    """

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await app(scope, receive, keep)
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        status, headers = start["status"], dict(start["headers"])
        if status in {401, 403, 405, 501} or (status >= 400 and scope["method"] != "GET"):
            body, headers[b"content-type"] = PAGE, b"text/html; charset=utf-8"
            headers[b"content-length"] = str(len(body)).encode()
            status = {401: 403, 403: 401}.get(status, status)
        headers |= {b"x-served-by": b"gateway-7", b"strict-transport-security": b"max-age=3600"}
        await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
        await send({"type": "http.response.body", "body": body})

    return front


FRONTS: Final[dict[str, Callable[[str], AbstractContextManager[str]]]] = {
    "throttled": lambda url: served(refusing(passed_on(url), lambda number: number % 100 in {50, 51})),
    "with gzip": lambda url: served(GZipMiddleware(passed_on(url), minimum_size=1)),
    "in HTTP/1.0": speaking_http_1_0,
    "below a base path": lambda url: served(below(passed_on(url), PREFIX), PREFIX),
    "in other words": lambda url: served(in_other_words(passed_on(url))),
}


def judged_as(target: str, url: str) -> Report:
    """Make one short run against an implementation that serves the sandbox's nights and calls."""
    if target == "callback":
        return judged(target, f"{url}/callback", max_examples=5)
    nights = tuple(SCENARIOS[name].session_id for name in ONE_OF_EACH_KIND)
    return judged(target, url, nights if target == "asleep" else known_ids(target), max_examples=5)
