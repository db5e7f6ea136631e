"""Services as one ASGI application: paths, headers, and the way an answer is sent."""

import asyncio
import hmac
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from sleeptalk_contract.sandbox.answers import Answer, Fault, Request, Service, answer_with_faults, faults_of_group


class ServiceAtPath(Service, Protocol):
    """A service whose requests have a path that begins with `path` and goes on with an id."""

    @property
    def path(self) -> str:
        """What comes before the id, from `/` to `/`."""
        ...

    @property
    def rule_group(self) -> str:
        """The group of the catalogue that holds its rules: "session" or "analysis"."""
        ...


def application(services: Sequence[ServiceAtPath], faults: Sequence[Fault] = ()) -> Starlette:
    """Return an ASGI application that serves each service at its path and answers 404 elsewhere.

    A service has those of the faults that break rules of its own group.
    """
    app = Starlette(routes=[_ServiceRoute(each, faults) for each in services], exception_handlers={404: _not_found})
    app.router.redirect_slashes = False
    return app


def same_header(received: str | None, expected: str) -> bool:
    """Compare a header's value (bytes read as Latin-1) with a text, in a time that does not tell where they differ."""
    return received is not None and hmac.compare_digest(
        received.encode("latin-1", "replace"), expected.encode(errors="surrogateescape")
    )


class _ServiceRoute(BaseRoute):
    """Every request below a path, whatever its method and however odd its id.

    Starlette's own path parameters stop at a line break and at an encoded slash; an id with one in it has to reach the
    service too, which knows what to say to it.
    """

    def __init__(self, service: ServiceAtPath, faults: Sequence[Fault]) -> None:
        self._service = service
        self._faults = faults_of_group(faults, service.rule_group)
        self._asked_before: Counter[str] = Counter()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is below the path."""
        matched = scope["type"] == "http" and _path_of(scope).startswith(self._service.path)
        return (Match.FULL if matched else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = self._request_from(scope)
        if "content-length" in request.headers or "transfer-encoding" in request.headers:
            await _read_body(receive)
        await _send_answer(answer_with_faults(request, self._faults), send)

    def _request_from(self, scope: Scope) -> Request:
        path = _path_of(scope)
        identifier = path.removeprefix(self._service.path)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        count = 0
        if self._faults:  # nothing else asks, and a sandbox that runs for long should not remember every id
            count = self._asked_before[identifier]
            self._asked_before[identifier] += 1
        return Request(scope["method"], path, identifier, headers, self._service, count)


def _path_of(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


async def _read_body(receive: Receive) -> None:
    """Read the body and forget it, so that the connection stays usable and the client is not cut off."""
    while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
        pass


async def _send_answer(answer: Answer, send: Send) -> None:
    if answer.delay:
        await asyncio.sleep(answer.delay)
    content = answer.content
    headers = {"content-length": str(len(content)), **answer.headers}
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        },
    )
    if answer.cut_off:
        content = content[: len(content) // 2]
    # A server that is told of more body and gets none closes the connection.
    await send({"type": "http.response.body", "body": content, "more_body": answer.cut_off})


async def _not_found(request: StarletteRequest, error: Any) -> JSONResponse:  # noqa: ARG001  # Starlette's signature
    return JSONResponse({"detail": "Not Found"}, status_code=404)
