"""Bytes after the end of an answer, which nobody asked for, are never another call's answer."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import CallFailed
from tests.certificates import make_certificate, needs_openssl, server_context
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Kind
from tests.clients.hostile import Script, answer, hostile

NIGHT = answer(example("SessionComplete"))
MISSING = b'{"detail": "user does not exist"}'
TLS_RECORD = 16384  # bytes at most
UNASKED = b"HTTP/1.1 410 X\r\ncontent-length: 2\r\n\r\n{}"


def kept_open(status: int, *headers: str, body: bytes = b"", later: bytes = b"") -> Script:
    """Answer without an announced end of the connection, with `later` in a segment of its own; keep it open."""
    lines = [f"HTTP/1.1 {status} X", "content-type: application/json", *headers]
    whole = ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def script(connection: Any, over: Event) -> None:
        connection.sendall(whole)
        if later:
            connection.sendall(later)
        over.wait()

    return script


def missing(after: bytes) -> Script:
    return kept_open(404, f"content-length: {len(MISSING)}", body=MISSING + after)


CHUNKED = ("transfer-encoding: chunked", "content-length: 7")
LEFTOVERS = [
    pytest.param(missing(UNASKED), id="second answer"),
    pytest.param(missing(UNASKED * 5000), id="many answers"),
    pytest.param(missing(b"\r\n"), id="empty line"),
    pytest.param(missing(b"x"), id="one byte"),
    pytest.param(kept_open(204, body=UNASKED), id="204 with a body"),
    pytest.param(kept_open(304, f"content-length: {len(UNASKED)}", body=UNASKED), id="304 with a body"),
    pytest.param(kept_open(304, f"content-length: {len(UNASKED)}", later=UNASKED), id="304 with a late body"),
    pytest.param(kept_open(404, *CHUNKED, body=b"2\r\n{}\r\n0\r\n\r\n" + UNASKED), id="chunked and length"),
    pytest.param(kept_open(404, *CHUNKED, body=b"2\r\n{}\r\n0\r\n\r\n"), id="chunked and length, nothing left"),
]


class Wrapping(httpx.BaseTransport):
    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


class AsyncWrapping(httpx.AsyncBaseTransport):
    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def read(response: httpx.Response) -> None:
    response.read()


async def read_async(response: httpx.Response) -> None:
    await response.aread()


INJECTED: dict[str, tuple[Callable[[], httpx.Client | None], Callable[[], httpx.AsyncClient | None]]] = {
    "own": (lambda: None, lambda: None),
    "injected": (httpx.Client, httpx.AsyncClient),
    "hook": (
        lambda: httpx.Client(event_hooks={"response": [read]}),
        lambda: httpx.AsyncClient(event_hooks={"response": [read_async]}),
    ),
    "wrapped": (
        lambda: httpx.Client(transport=Wrapping()),
        lambda: httpx.AsyncClient(transport=AsyncWrapping()),
    ),
}


def twice(kind: Kind, url: str, client: str = "own") -> Any:
    """Make a call that fails with one user's client, then the next user's; return what that gets."""

    async def run() -> Any:
        http = INJECTED[client][1]()
        asleep = AsyncAsleep(KEY, USER, base_url=url, http_client=http).with_options(retries=0)
        try:
            with pytest.raises(CallFailed):
                await asleep.get_session(SESSION)
            return await asleep.get_session(SESSION)
        finally:
            await asleep._transport._http.aclose()

    if kind == "async":
        return asyncio.run(run())
    asleep = Asleep(KEY, USER, base_url=url, http_client=INJECTED[client][0]()).with_options(retries=0)
    try:
        with pytest.raises(CallFailed):
            asleep.get_session(SESSION)
        return asleep.get_session(SESSION)
    finally:
        asleep._transport._http.close()


@pytest.mark.parametrize("client", INJECTED)
@pytest.mark.parametrize("script", LEFTOVERS)
def test_what_is_left_over_is_not_the_next_calls_answer(kind: Kind, client: str, script: Script) -> None:
    with hostile(script, NIGHT) as server:
        assert twice(kind, server.url, client).session.id
        assert len(server.requests) == 2


class Fetching(httpx.Auth):
    """Sends a request of its own, and the caller's after that."""

    def auth_flow(self, request: httpx.Request) -> Any:
        yield httpx.Request("GET", request.url.copy_with(path="/token"))
        yield request

    requires_response_body = True


def test_the_requests_of_an_injected_clients_authentication_leave_nothing_behind(kind: Kind) -> None:
    async def run() -> str:
        async with httpx.AsyncClient(auth=Fetching()) as http:
            night = await AsyncAsleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION)
            return night.session.id

    with hostile(missing(UNASKED), NIGHT) as server:
        if kind == "async":
            assert asyncio.run(run())
            return
        with httpx.Client(auth=Fetching()) as http:
            assert Asleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION).session.id


@needs_openssl
def test_what_is_left_over_in_a_tls_record_of_its_own_is_not_the_next_calls_answer(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    first = b"HTTP/1.1 404 X\r\ncontent-type: application/json\r\ncontent-length: 16000\r\n\r\n" + MISSING.ljust(16000)
    filled = first.replace(b"X\r\n", b"X\r\nx: " + b"x" * (TLS_RECORD - len(first) - 5) + b"\r\n", 1)
    assert len(filled) == TLS_RECORD

    def script(connection: Any, over: Event) -> None:
        connection.sendall(filled + UNASKED)
        over.wait()

    with hostile(script, NIGHT, tls=server_context(certificate)) as server:
        assert twice(kind, server.url).session.id
        assert len(server.requests) == 2


def test_a_connection_on_which_nothing_is_left_is_used_again(kind: Kind) -> None:
    body = b'{"detail": "x"}'

    def two_answers(connection: Any, over: Event) -> None:
        whole = f"HTTP/1.1 404 X\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        connection.sendall(whole)
        connection.recv(65536)
        NIGHT(connection, over)

    with hostile(two_answers, answer({}, 500)) as server:
        assert twice(kind, server.url).session.id
        assert len(server.requests) == 1
