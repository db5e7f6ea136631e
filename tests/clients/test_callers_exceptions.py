"""An exception of the caller's own that is raised during a call, as by a signal handler, gets out unchanged at once."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from socket import socket
from threading import Event
from typing import Any

import anyio
import httpcore
import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import ConnectionFailed
from tests.clients.alarms import alarms_go_to, needs_alarms, set_alarm
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import Script, answer, drip_after, head, hostile, silence_after

pytestmark = needs_alarms

OPEN = answer(example("SessionOpenWithRealTimeAnalysis"))
NIGHT = answer(example("SessionComplete"))


class SoftTimeLimitError(Exception):
    """What a task queue raises in a task that has taken too long."""


@pytest.fixture(params=[SoftTimeLimitError, RuntimeError, ValueError, TimeoutError, ConnectionError, httpx.ReadTimeout])
def limit(request: pytest.FixtureRequest) -> Iterator[Exception]:
    """An exception that is raised by a signal handler; a script that is `timed` sets the timer."""
    error: Exception = request.param("out of time")

    def handler(*_: Any) -> None:
        raise error

    with alarms_go_to(handler):
        yield error


def timed(script: Script) -> Script:
    """Have the exception raised shortly after a request has come, while the script answers."""

    def after_the_timer(connection: socket, over: Event) -> None:
        set_alarm(0.3)
        script(connection, over)

    return after_the_timer


@pytest.mark.parametrize("method", ["get_session", "wait_for_session"])
@pytest.mark.parametrize(
    "scripts",
    [
        pytest.param([silence_after()], id="before the answer"),
        pytest.param([drip_after(head(200, length=100_000))], id="in the body"),
        pytest.param([drip_after(head(500, length=100_000))], id="in the body of a refusal"),
    ],
)
def test_it_ends_the_call(asleep: Call, limit: Exception, method: str, scripts: list[Script]) -> None:
    with hostile(*map(timed, scripts)) as server:
        with pytest.raises(type(limit)) as caught:
            asleep(server.url, method)
        assert len(server.requests) == 1
    assert caught.value is limit


def test_it_ends_a_wait_that_has_seen_the_session(asleep: Call, limit: Exception) -> None:
    with hostile(OPEN, timed(silence_after())) as server:
        with pytest.raises(type(limit)) as caught:
            asleep(server.url, "wait_for_session", poll=0.01)
        assert len(server.requests) == 2
    assert caught.value is limit


def cut_off(*_: Any) -> None:
    """Answer nothing."""


class Limit:
    """A handler that is not a plain function."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __call__(self, *_: Any) -> None:
        raise self.error

    def method(self, *_: Any) -> None:
        self()


@pytest.mark.parametrize(
    "handler_of", [Limit, lambda error: Limit(error).method, lambda error: partial(Limit(error).method, "more")]
)
def test_it_is_the_callers_whatever_the_handler_is(handler_of: Any) -> None:
    error = TimeoutError("mine")
    with (
        alarms_go_to(handler_of(error)),
        hostile(timed(silence_after())) as server,
        Asleep(KEY, USER, base_url=server.url) as asleep,
        pytest.raises(TimeoutError) as caught,
    ):
        asleep.get_session(SESSION)
    assert caught.value is error


def test_one_that_the_caller_is_handling_is_not_raised_again(limit: Exception) -> None:
    scripts = [timed(silence_after()), cut_off]
    with hostile(*scripts) as server, Asleep(KEY, USER, base_url=server.url, retries=0) as asleep:
        try:
            asleep.get_session(SESSION)
        except type(limit):
            with pytest.raises(ConnectionFailed):
                asleep.get_session(SESSION)
        assert len(server.requests) == 2


def test_the_client_goes_on_afterwards(limit: Exception) -> None:
    with hostile(timed(silence_after()), NIGHT) as server, Asleep(KEY, USER, base_url=server.url) as asleep:
        with pytest.raises(type(limit)):
            asleep.get_session(SESSION)
        assert asleep.get_session(SESSION).session.id


class Interrupted(BaseException):
    """What not even `except Exception` catches."""


@pytest.mark.parametrize("kind", [SoftTimeLimitError, RuntimeError, ValueError, OSError, Interrupted])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_gets_out_of_the_tasks_of_the_http_library_as_well(kind: type[BaseException], backend: str) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"no {backend}")
    error = kind("mine")

    async def fail() -> None:
        raise error

    class Connecting(httpcore.AsyncNetworkBackend):
        """Connects in tasks, as anyio does where a host has several addresses."""

        async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(fail)
                await anyio.sleep(60)
            raise AssertionError

    async def run() -> None:
        async with httpx.AsyncClient() as client:
            transport: Any = client._transport
            transport._pool._network_backend = Connecting()
            await AsyncAsleep(KEY, USER, http_client=client, retries=0).get_session(SESSION)

    expected = ConnectionFailed if kind is OSError else kind
    with pytest.raises(expected) as caught:
        anyio.run(run, backend=backend)
    assert kind is OSError or caught.value is error
