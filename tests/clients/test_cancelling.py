"""An async call that is cancelled, wherever it waits, leaves the connections of its HTTP client as it found them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any

import anyio
import anyio.lowlevel
import httpcore
import httpx
import pytest

from sleeptalk.asleep import AsyncAsleep, Night
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER
from tests.clients.hostile import head

NIGHT = json.dumps(example("SessionComplete")).encode()

Cancel = Callable[[Callable[[], Awaitable[Night]], int], Awaitable[bool]]
"""Begins a call, cancels it after some turns of the event loop, and returns whether it had ended before."""

backends = pytest.mark.parametrize(
    "backend",
    ["asyncio", pytest.param("trio", marks=pytest.mark.skipif(find_spec("trio") is None, reason="no trio"))],
)


class Service:
    """Answers in the event loop of the test, so that the turns of the loop drive the answers as well."""

    def __init__(self, *, keep_alive: bool) -> None:
        answer = head(200, length=len(NIGHT)) + NIGHT
        self._answer = answer.replace(b"connection: close", b"connection: keep-alive") if keep_alive else answer
        self.url = ""
        self.open = 0

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        self.open += 1
        asked = b""
        try:
            async with stream:
                while True:
                    asked += await stream.receive()
                    if asked.endswith(b"\r\n\r\n"):
                        asked = b""
                        await stream.send(self._answer)
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            pass
        finally:
            self.open -= 1


@asynccontextmanager
async def service(*, keep_alive: bool = True) -> AsyncIterator[Service]:
    served = Service(keep_alive=keep_alive)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    served.url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, served.serve)
        yield served
        tasks.cancel_scope.cancel()


def pool_of(client: httpx.AsyncClient) -> Any:
    transport: Any = client._transport
    return transport._pool


async def by_task(call: Callable[[], Awaitable[Night]], turns: int, *, twice: bool = False) -> bool:
    task = asyncio.ensure_future(call())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    if twice:
        await asyncio.sleep(0)
        task.cancel()
    try:
        return isinstance(await task, Night)
    except asyncio.CancelledError:
        return False


async def by_scope(call: Callable[[], Awaitable[Night]], turns: int) -> bool:
    nights: list[Night] = []

    async def keep() -> None:
        nights.append(await call())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keep)
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    return bool(nights)


@pytest.mark.parametrize("keep_alive", [True, False], ids=["connections-are-kept", "each-answer-ends-its-connection"])
@pytest.mark.parametrize("injected", [False, True], ids=["own-client", "injected-client"])
@pytest.mark.parametrize(
    ("backend", "cancel"),
    [
        pytest.param("asyncio", by_task, id="asyncio-task"),
        pytest.param("asyncio", partial(by_task, twice=True), id="asyncio-task-twice"),
        pytest.param("asyncio", by_scope, id="asyncio-scope"),
        pytest.param("trio", by_scope, id="trio", marks=pytest.mark.skipif(find_spec("trio") is None, reason="-")),
    ],
)
def test_a_call_can_be_cancelled_at_every_point(backend: str, cancel: Cancel, injected: bool, keep_alive: bool) -> None:
    async def run() -> None:
        limits = httpx.Limits(max_connections=1)  # one that stays behind is one too many
        async with (
            service(keep_alive=keep_alive) as served,
            httpx.AsyncClient(limits=limits) as client,
            AsyncAsleep(KEY, USER, base_url=served.url, retries=0, http_client=client if injected else None) as asleep,
        ):
            pool = pool_of(asleep._transport._http)
            turns = ended = 0
            while ended < 20:  # further turns come after the end of the call
                ended += await cancel(lambda: asleep.get_session(SESSION), turns)
                turns += 1
                assert pool._requests == [], turns
                assert all(connection.is_idle() for connection in pool.connections), turns
            assert turns > 25  # some calls were cancelled
            assert isinstance(await asleep.get_session(SESSION), Night)
            with anyio.fail_after(10):
                while served.open > len(pool.connections):  # noqa: ASYNC110  # what the server sees of it
                    await anyio.sleep(0.01)

    anyio.run(run, backend=backend)


@backends
def test_a_connection_that_is_made_at_the_moment_of_the_cancellation_is_closed(backend: str) -> None:
    class Untimely(httpcore.AsyncNetworkBackend):
        """Connects, and has the call cancelled before it can use the connection."""

        def __init__(self, network: httpcore.AsyncNetworkBackend) -> None:
            self._network = network
            self.scope = anyio.CancelScope()

        async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
            stream = await self._network.connect_tcp(*arguments, **options)
            self.scope.cancel()
            return stream

    async def run() -> None:
        async with (
            service() as served,
            httpx.AsyncClient() as client,
            AsyncAsleep(KEY, USER, base_url=served.url, http_client=client) as asleep,
        ):
            pool = pool_of(client)
            untimely = pool._network_backend = Untimely(pool._network_backend)
            with untimely.scope:
                await asleep.get_session(SESSION)
            assert untimely.scope.cancelled_caught
            assert pool.connections == []

    anyio.run(run, backend=backend)


@backends
def test_a_call_waits_no_longer_than_the_scope_it_is_made_in(backend: str) -> None:
    async def run() -> None:
        async with silent_service() as url, AsyncAsleep(KEY, USER, base_url=url) as asleep:
            with anyio.move_on_after(0.05) as scope:
                await asleep.get_session(SESSION)
            assert scope.cancelled_caught

    anyio.run(run, backend=backend)


def test_the_timeouts_of_asyncio_end_a_call_as_any_other() -> None:
    async def run() -> None:
        async with silent_service() as url, AsyncAsleep(KEY, USER, base_url=url) as asleep:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asleep.get_session(SESSION), 0.05)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await asleep.get_session(SESSION)
            me = asyncio.current_task()
            assert me is not None
            assert me.cancelling() == 0
            assert asyncio.all_tasks() == {me}

    asyncio.run(run())


def test_a_group_of_tasks_cancels_a_call_as_any_other() -> None:
    calls: list[asyncio.Task[Night]] = []

    async def run() -> None:
        async with (
            silent_service() as url,
            AsyncAsleep(KEY, USER, base_url=url) as asleep,
            asyncio.TaskGroup() as tasks,
        ):
            calls.append(tasks.create_task(asleep.get_session(SESSION)))
            tasks.create_task(failing())

    async def failing() -> None:
        await asyncio.sleep(0.05)
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(run())
    assert [type(error) for error in caught.value.exceptions] == [ZeroDivisionError]
    assert calls[0].cancelled()


@asynccontextmanager
async def silent_service() -> AsyncIterator[str]:
    """Take connections, and say nothing."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener:
        yield f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
