"""Fronts of implementations that are processes of their own: they pass each request on to an address."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.http_servers import Quiet, handled_by

_OF_THE_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "date", "server"})


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def _ask(url: str, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> _Answer:
    """Send a request on, its target as it was written, on a connection of its own."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        if name.lower() not in {*_OF_THE_CONNECTION, "content-length"}:
            connection.putheader(name, value.encode("latin-1"))
    if body or method == "POST":
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body)
    try:
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_CONNECTION]
    return _Answer(answer.status, kept, content)


def passed_on(url: str) -> ASGIApp:
    """Return an application whose answers are those of the implementation at an address."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        target = (scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")).decode("ascii")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        answer = await asyncio.to_thread(_ask, url, scope["method"], target, headers, body)
        answered = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": answered})
        await send({"type": "http.response.body", "body": answer.body})

    return front


@contextmanager
def speaking_http_1_0(url: str) -> Iterator[str]:
    """Serve what is at an address in HTTP/1.0, which has no chunks and closes the connection after each answer."""

    class Handler(Quiet, BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            answer = _ask(url, self.command, self.path, self.headers.items(), body)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815  # its own names

    with handled_by(Handler) as address:
        yield address
