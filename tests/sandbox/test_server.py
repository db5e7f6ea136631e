"""A server lives exactly as long as its block."""

import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from sleeptalk_contract.sandbox.server import running


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def broken(request: Request) -> PlainTextResponse:
    raise ValueError("on purpose")


APP = Starlette(routes=[Route("/", hello), Route("/broken", broken)])


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
        assert http.get(f"{server.url}/broken").status_code == 500
        assert http.get(server.url).text == "hello"
