"""A server lives exactly as long as its block."""

import asyncio
import socket
import threading
import time

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sleeptalk_contract.sandbox.server import running


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


arrived = threading.Event()


async def slow(request: Request) -> PlainTextResponse:
    arrived.set()
    await asyncio.sleep(60)
    return PlainTextResponse("late")


async def broken(request: Request) -> PlainTextResponse:
    raise ValueError("on purpose")


APP = Starlette(routes=[Route("/", hello), Route("/broken", broken), Route("/slow", slow)])


def test_it_serves_as_soon_as_the_block_begins(http: httpx.Client) -> None:
    with running(APP) as server:
        assert http.get(server.url).text == "hello"


def test_two_servers_get_two_ports(http: httpx.Client) -> None:
    with running(APP) as one, running(APP) as other:
        assert one.port != other.port
        assert http.get(one.url).text == http.get(other.url).text


def test_it_is_gone_when_the_block_ends_even_with_a_connection_left_open(http: httpx.Client) -> None:
    with running(APP) as server:
        assert http.get(server.url).text == "hello"
    with pytest.raises(httpx.ConnectError):
        http.get(server.url)


def test_a_port_that_is_taken_is_an_oserror() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"), running(APP, port=taken.getsockname()[1]):
            pass


def test_an_application_that_raises_is_answered_500_and_keeps_serving(http: httpx.Client) -> None:
    with running(APP) as server:
        # uvicorn closes the connection a moment after such an answer: the next request may not be sent on it
        assert http.get(f"{server.url}/broken", headers={"connection": "close"}).status_code == 500
        assert http.get(server.url).text == "hello"


def test_an_answer_that_is_still_being_made_does_not_hold_the_end_up() -> None:
    with socket.socket() as client:
        with running(APP) as server:
            client.connect(("127.0.0.1", server.port))
            client.sendall(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
            assert arrived.wait(10)
            started = time.monotonic()
        assert time.monotonic() - started < 10
        assert b"late" not in client.recv(1000)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nlong: " + b"y" * 500_000 + b"\r\n\r\n",
    ],
    ids=["HTTP/1.0", "chunked body", "header of half a megabyte"],
)
def test_it_understands_unusual_requests(request_bytes: bytes) -> None:
    assert _raw_answer(request_bytes).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\nbad: \x00\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\ncontent-length: nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
    ],
    ids=["NUL in a header", "target that is not ASCII", "content-length that is not a number", "TLS"],
)
def test_what_is_not_http_is_answered_400(request_bytes: bytes) -> None:
    assert _raw_answer(request_bytes).startswith(b"HTTP/1.1 400")


def _raw_answer(request_bytes: bytes) -> bytes:
    with running(APP) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request_bytes)
        answer = b""
        while received := client.recv(65_536):
            answer += received
        return answer
