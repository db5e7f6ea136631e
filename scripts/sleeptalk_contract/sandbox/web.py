"""Implementations as one ASGI application: the paths of their documents, requests, and the way an answer is sent."""

from __future__ import annotations

import re
from asyncio import sleep
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from hmac import compare_digest
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qs, quote, unquote

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match

from sleeptalk_contract.sandbox.answers import (
    JSON_HEADERS,
    Answer,
    Implementation,
    Request,
    answer_and_breaks,
    faults_of_group,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request as StarletteRequest
    from starlette.types import Receive, Scope, Send

    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Fault, Service

LONGEST_BODY: Final = 64 * 1024 * 1024
"""Bytes; a longer body is answered 413."""


_OK: Final = 200
_NO_CONTENT: Final = 204


class ServedImplementation(Implementation, Protocol):
    """An implementation of some operations of a document, which their paths lead to."""

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that it answers; webhooks are received at every path."""
        ...

    @property
    def rule_groups(self) -> Sequence[str]:
        """The groups of the catalogue that hold the rules about these operations."""
        ...


class Accounts:
    """Several accounts of one provider: each request is answered by the one whose credentials it has.

    They are implementations of the same operations that share nothing: the key of one does not open another.
    """

    def __init__(self, accounts: Sequence[ServedImplementation]) -> None:
        self._accounts = tuple(accounts)

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that each account answers."""
        return self._accounts[0].operations

    @property
    def rule_groups(self) -> Sequence[str]:
        """The groups of the catalogue that hold the rules about these operations."""
        return self._accounts[0].rule_groups

    @property
    def credentials(self) -> Mapping[str, str]:
        """The values that the first account expects, by header name in lower case."""
        return self._accounts[0].credentials

    def account_of(self, headers: Mapping[str, str]) -> ServedImplementation:
        """Return the account that most of a request's credentials are right for; of several the last one."""
        return max(reversed(self._accounts), key=lambda each: _fitting(headers, each.credentials))

    def answer(self, request: Request) -> Answer:
        """Answer one request. Never raises."""
        return self.account_of(request.headers).answer(request)


def _fitting(headers: Mapping[str, str], credentials: Mapping[str, str]) -> int:
    return sum(same_header(headers.get(header), value) for header, value in credentials.items())


@dataclass(frozen=True, slots=True)
class Answered:
    """One request that was answered: its method and path, the status, and the faults that changed the answer.

    The path is as it was sent, percent-encoded: a space in it is not one of the line in which it is shown.
    """

    method: str
    path: str
    status: int
    faults: Sequence[Fault] = ()


def application(
    implementations: Iterable[ServedImplementation],
    faults: Sequence[Fault] = (),
    *,
    faults_of_each: Iterable[Sequence[Fault]] | None = None,
    observe: Callable[[Answered], None] | None = None,
) -> Starlette:
    """Return an ASGI application that serves implementations at the paths of their documents and answers 404 elsewhere.

    An implementation has those of the faults that break rules of its own groups; `faults_of_each` has other ones for
    each implementation, as several services may have groups of one name. `observe` is told of each answer before it is
    sent.
    """
    pairs = zip(implementations, repeat(faults) if faults_of_each is None else faults_of_each, strict=False)
    routes = [route for each, its_faults in pairs for route in _routes(each, its_faults, observe)]
    routes.sort(key=lambda route: route.precedence)

    async def not_found(request: StarletteRequest, error: Any) -> JSONResponse:  # noqa: ARG001  # Starlette's signature
        if observe is not None:
            observe(Answered(request.method, _encoded_path(request.scope), 404))
        return JSONResponse({"detail": "Not Found"}, status_code=404)

    app = Starlette(routes=routes, exception_handlers={404: not_found})
    app.router.redirect_slashes = False
    return app


def let_pages_read(app: Starlette, origins: Sequence[str]) -> None:
    """Let pages of some origins read in a browser what an application answers.

    An origin is "null" for a page that is opened from the disk, "*" for any page.
    """
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,  # a page of the web may ask this machine
        expose_headers=["*"],
    )


def sandbox_app(
    services: Iterable[Service], credentials: Mapping[str, str] = MappingProxyType({}), faults: Sequence[Fault] = ()
) -> Starlette:
    """Return the sandbox's providers of some services as one ASGI application, as their faults leave them.

    They expect `credentials`, by header, and their own in place of those that are not given. A fault of a service
    changes the answers of that service alone.
    """
    served = tuple(services)
    pairs = [
        (target.implementation(credentials), faults_of_service(faults, service, served))
        for service in served
        for target in service.targets
        if target.has("provider") and target.implementation
    ]
    return application([each for each, _ in pairs], faults_of_each=[own for _, own in pairs])


def faults_of_service(faults: Iterable[Fault], service: Service, services: Iterable[Service]) -> tuple[Fault, ...]:
    """Return the faults that are not of another one of some services: two versions have rules of the same id."""
    foreign = [fault for other in services if other is not service for fault in other.faults]
    return tuple(fault for fault in faults if fault in service.faults or fault not in foreign)


def same_header(received: str | None, expected: str) -> bool:
    """Compare a header's value (bytes read as Latin-1) with a text, in constant time."""
    return received is not None and compare_digest(
        received.encode("latin-1", "replace"), expected.encode(errors="surrogateescape")
    )


@dataclass(frozen=True)
class _Path:
    """A path template of a document, None for every path, and the operationIds there by method."""

    template: str | None
    operations: Mapping[str, str]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """A pattern for its paths, percent-encoded. A parameter at its end takes all that is left.

        An id may have an encoded slash or a line break in it, or a slash after it: its implementation knows what to
        answer.
        """
        if self.template is None:
            return re.compile(".*", re.DOTALL)
        literal, *parts = re.split(r"\{[^}]*\}", self.template)
        last = len(parts) - 1
        text = re.escape(literal)
        for index, part in enumerate(parts):
            text += ("(.*)" if index == last and not part else "([^/]*)") + re.escape(part)
        return re.compile(text, re.DOTALL)

    def parameters(self, path: str) -> dict[str, str]:
        """Return the decoded values of the path parameters."""
        found = self.pattern.fullmatch(path)
        names = re.findall(r"\{([^}]*)\}", self.template or "")
        values = () if found is None else found.groups()
        return {name: unquote(value) for name, value in zip(names, values, strict=False)}


def _routes(
    implementation: ServedImplementation, faults: Sequence[Fault], observe: Callable[[Answered], None] | None
) -> list[_Route]:
    own = faults_of_group(faults, *implementation.rule_groups)
    by_path: dict[str | None, dict[str, str]] = {}
    for operation in implementation.operations:
        by_path.setdefault(None if operation.is_webhook else operation.path, {})[operation.method] = operation.id
    return [_Route(implementation, _Path(template, ids), own, observe) for template, ids in by_path.items()]


class _Route(BaseRoute):
    """Routes every request at a path of a document, with any method and parameters.

    Starlette's own path parameters stop at a line break and at an encoded slash.
    """

    def __init__(
        self,
        implementation: ServedImplementation,
        path: _Path,
        faults: Sequence[Fault],
        observe: Callable[[Answered], None] | None,
    ) -> None:
        self._implementation = implementation
        self._path = path
        self._faults = faults
        self._observe = observe
        self._asked_before: Counter[tuple[str, bytes]] = Counter()

    @property
    def precedence(self) -> tuple[bool, int]:
        """The sort key of routes: paths with more literal text first, webhooks last."""
        template = self._path.template
        return template is None, -len(re.sub(r"\{[^}]*\}", "", template or ""))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request at the path: in full where its method is documented there."""
        if scope["type"] != "http" or not self._path.pattern.fullmatch(_encoded_path(scope)):
            return Match.NONE, {}
        return (Match.FULL if scope["method"] in self._path.operations else Match.PARTIAL), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
        body = await _read_body(receive)
        if body is None:
            breaks: list[Fault] = []
            answer = Answer(413, JSON_HEADERS, {"detail": "Content Too Large"})
        else:
            request = self._request_from(scope, headers, body)
            answer, breaks = answer_and_breaks(request, self._faults, tell=self._observe is not None)
        if self._observe is not None:
            self._observe(Answered(scope["method"], _encoded_path(scope), answer.status, breaks))
        await _send_answer(answer, send)

    def _request_from(self, scope: Scope, headers: Mapping[str, str], body: bytes) -> Request:
        path = _encoded_path(scope)
        count = 0
        if self._faults:  # nothing else asks, and a sandbox that runs for long should not remember every request
            asked = (path, sha256(body).digest())
            count = self._asked_before[asked]
            self._asked_before[asked] += 1
        implementation: Implementation = self._implementation
        if isinstance(implementation, Accounts):
            implementation = implementation.account_of(headers)
        return Request(
            implementation=implementation,
            method=scope["method"],
            path=unquote(path),
            operation=self._path.operations.get(scope["method"]),
            path_parameters=self._path.parameters(path),
            query=parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            headers=headers,
            body=body,
            count=count,
        )


def _encoded_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    path: str = quote(scope["path"]) if raw is None else raw.decode("latin-1")
    return path.removeprefix(quote(scope.get("root_path", "")))


async def _read_body(receive: Receive) -> bytes | None:
    """Read the whole body, so that the connection stays usable; None for one that is too long to keep."""
    body = bytearray()
    length = 0
    more = True
    while more:
        message = await receive()
        part = message.get("body", b"")
        length += len(part)
        if length <= LONGEST_BODY:
            body += part
        more = message["type"] == "http.request" and message.get("more_body", False)
    return bytes(body) if length <= LONGEST_BODY else None


async def _send_answer(answer: Answer, send: Send) -> None:
    if answer.delay:
        await sleep(answer.delay)
    status, content = answer.status, answer.content
    if answer.cut_off:
        content = content or b"cut off"
        status = status if status != _NO_CONTENT else _OK  # which could have no body to cut
    length = {} if status == _NO_CONTENT else {"content-length": str(len(content))}
    headers = {**length, **answer.headers}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        },
    )
    if answer.cut_off:
        content = content[: len(content) // 2]
    # A server that is still owed part of a body closes the connection.
    await send({"type": "http.response.body", "body": content, "more_body": answer.cut_off})
