"""Whose connections are used: never another process's, another event loop's, or those of a client that was closed."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep, Night
from sleeptalk.errors import ConfigurationError, ConnectionFailed
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER
from tests.clients.hostile import answer, hostile

NIGHT = json.dumps(example("SessionComplete")).encode()

FORKING = """
import os, sys
from sleeptalk.asleep import Asleep

with Asleep("key", "user", base_url=sys.argv[1]) as asleep:
    asleep.get_session(sys.argv[2])
    child = os.fork()
    if child == 0:
        asleep.get_session(sys.argv[2])
        asleep.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    asleep.get_session(sys.argv[2])
"""


class Service(ThreadingHTTPServer):
    """Keeps connections open, sets a cookie with every answer, and notes what came over which connection."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.ports: list[int] = []
        """The client's port of each request."""
        self.cookies: list[str | None] = []

    def handle_error(self, *_: object) -> None:
        """Ignore a connection that was reset."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_GET(self) -> None:
        self.server.ports.append(self.client_address[1])
        self.server.cookies.append(self.headers["cookie"])
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(NIGHT)))
        self.send_header("set-cookie", f"user={self.headers['x-user-id']}; Path=/")
        self.end_headers()
        self.wfile.write(NIGHT)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as served:
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def test_what_one_user_is_given_to_keep_is_not_sent_for_another(service: Service) -> None:
    async def run() -> None:
        async with AsyncAsleep(KEY, "u", base_url=service.url) as asleep:
            await asleep.get_session(SESSION)
            await asleep.for_user("v").get_session(SESSION)

    with Asleep(KEY, "u", base_url=service.url) as asleep:
        asleep.get_session(SESSION)
        asleep.for_user("v").get_session(SESSION)
    asyncio.run(run())
    assert service.cookies == [None] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_and_the_one_that_it_forks_share_no_connection(service: Service) -> None:
    subprocess.run([sys.executable, "-c", FORKING, service.url, SESSION], check=True, timeout=60)
    before, child, after = service.ports
    assert child != before
    assert after == before


@pytest.fixture
def unclosed() -> Iterator[None]:
    """Collect what a closed event loop has opened, as nobody can close it, before the next test is blamed for it."""
    yield
    with warnings.catch_warnings(category=ResourceWarning, action="ignore"):
        gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_an_async_client_goes_on_in_another_event_loop(service: Service, unclosed: None) -> None:
    asleep = AsyncAsleep(KEY, USER, base_url=service.url)

    async def twice() -> None:
        await asleep.get_session(SESSION)
        await asleep.get_session(SESSION)

    asyncio.run(twice())
    asyncio.run(twice())
    assert len(set(service.ports)) == 2  # kept open within a loop
    asyncio.run(asleep.close())
    with pytest.raises(ConfigurationError, match="closed"):
        asyncio.run(asleep.get_session(SESSION))


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_an_injected_client_of_another_event_loop_is_a_failed_connection(service: Service, unclosed: None) -> None:
    asleep = AsyncAsleep(KEY, USER, base_url=service.url, http_client=httpx.AsyncClient())
    assert isinstance(asyncio.run(asleep.get_session(SESSION)), Night)
    with pytest.raises(ConnectionFailed, match="loop"):
        asyncio.run(asleep.get_session(SESSION))


@pytest.mark.parametrize("status", [200, 503])
def test_a_client_that_is_closed_during_a_call_fails_it(status: int) -> None:
    def close_and_answer(connection: Any, over: Event) -> None:
        asleep.close()
        answer(NIGHT, status, "retry-after: 0")(connection, over)

    asleep = Asleep(KEY, USER)
    with hostile(close_and_answer) as server:
        asleep = Asleep(KEY, USER, base_url=server.url, retries=5)
        with pytest.raises(ConnectionFailed):
            asleep.get_session(SESSION)
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 503])
def test_an_async_client_that_is_closed_during_a_call_fails_it(status: int) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        asleep = AsyncAsleep(KEY, USER)

        def close_and_answer(connection: Any, over: Event) -> None:
            asyncio.run_coroutine_threadsafe(asleep.close(), loop).result(10)
            answer(NIGHT, status, "retry-after: 0")(connection, over)

        with hostile(close_and_answer) as server:
            asleep = AsyncAsleep(KEY, USER, base_url=server.url, retries=5)
            with pytest.raises(ConnectionFailed):
                await asleep.get_session(SESSION)
            assert len(server.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize("kind", [RuntimeError, KeyError, EOFError])
def test_what_an_injected_transport_raises_while_a_body_is_read_gets_out(kind: type[Exception]) -> None:
    class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"{"
            raise kind("x")

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            raise kind("x")

    async def read_async() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Broken()))
        async with httpx.AsyncClient(transport=transport) as http:
            await AsyncAsleep(KEY, USER, http_client=http).get_session(SESSION)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Broken()))
    with httpx.Client(transport=transport) as http, pytest.raises(kind, match="x"):
        Asleep(KEY, USER, http_client=http).get_session(SESSION)
    with pytest.raises(kind, match="x"):
        asyncio.run(read_async())


def test_what_a_hook_of_an_injected_client_sets_is_set_for_the_caller(service: Service) -> None:
    seen = ContextVar("seen", default=0)

    async def hook(response: httpx.Response) -> None:
        seen.set(response.status_code)

    async def run() -> int:
        async with httpx.AsyncClient(event_hooks={"response": [hook]}) as http:
            await AsyncAsleep(KEY, USER, base_url=service.url, http_client=http).get_session(SESSION)
        return seen.get()

    assert asyncio.run(run()) == 200
