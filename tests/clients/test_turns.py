"""Calls wait for their turn in front of the connections: fairly, and not in the time that the service has."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep, Night
from sleeptalk.errors import ConfigurationError, DeadlineExceeded, SessionTimeout
from sleeptalk.phonexia import Phonexia
from sleeptalk.runtime import connections
from sleeptalk.runtime.clock import Clock, Deadline
from sleeptalk.runtime.turns import AsyncTurns, Turns
from tests.clients.alarms import alarms_go_to, needs_alarms, set_alarm
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Kind
from tests.clients.hostile import HostileServer, answer, hostile, silence_after
from tests.clients.test_cancelling import backends, service
from tests.waiting import until

NIGHT = answer(example("SessionComplete"))
CLIENTS: dict[str, Any] = {"sync": Asleep, "async": AsyncAsleep}


class SetClock(Clock):
    """Shows what it was set to."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@backends
def test_the_turns_go_in_the_order_of_the_calls_and_those_that_are_repeated_go_first(backend: str) -> None:
    async def run() -> None:
        turns, order = AsyncTurns(1, None), list[str]()

        async def call(name: str, *, first: bool) -> None:
            assert await turns.take(Deadline(60), first=first)
            order.append(name)
            turns.give()

        assert await turns.take(Deadline(60), first=False)
        async with anyio.create_task_group() as tasks:
            for name in ("a", "b", "c", "repeated"):
                tasks.start_soon(lambda name=name: call(name, first=name == "repeated"))
                await anyio.wait_all_tasks_blocked()
            turns.give()
        assert order == ["repeated", "a", "b", "c"]

    anyio.run(run, backend=backend)


def test_the_turns_of_threads_go_in_the_order_of_the_calls_and_those_that_are_repeated_go_first() -> None:
    turns, order = Turns(1, None), list[str]()

    def call(name: str) -> None:
        assert turns.take(Deadline(60), first=name == "repeated")
        order.append(name)
        turns.give()

    assert turns.take(Deadline(60), first=False)
    with ThreadPoolExecutor() as threads:
        for waiting, name in enumerate(("a", "b", "c", "repeated")):
            threads.submit(call, name)
            until(lambda waiting=waiting: len(turns._waiting) > waiting, seconds=10)
        turns.give()
    assert order == ["repeated", "a", "b", "c"]


def test_the_time_that_a_call_waits_for_its_turn_is_not_the_services() -> None:
    async def run() -> None:
        clock = SetClock()
        turns, deadline = AsyncTurns(1, None), Deadline(10, clock)
        assert await turns.take(Deadline(10, clock), first=False)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: turns.take(deadline, first=False))
            await anyio.wait_all_tasks_blocked()
            clock.now = 1000.0
            turns.give()
        assert (deadline.remaining, deadline.waited) == (10, 1000)

    asyncio.run(run())


def test_a_call_waits_on_while_the_service_answers_those_before_it() -> None:
    clock = SetClock()
    turns, deadline = Turns(1, None), Deadline(10, clock)
    assert turns.take(deadline, first=False)
    clock.now = 100.0
    turns.answered(95.0)
    assert turns._patience(deadline, 0.0) == 5
    clock.now = 106.0
    assert not turns.take(Deadline(0.01), first=False)
    assert turns._free == 0
    turns.give()
    assert turns.take(Deadline(0.01), first=False)


@pytest.mark.parametrize("injected", [False, True], ids=["own-client", "injected-client"])
def test_no_more_calls_are_on_their_way_than_there_are_turns_for(kind: Kind, injected: bool) -> None:
    lock, together, most = threading.Lock(), 0, 0

    def script(connection: Any, over: threading.Event) -> None:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        over.wait(0.02)
        with lock:
            together -= 1
        NIGHT(connection, over)

    with hostile(script) as server:
        assert len(many(kind, server, 12, max_concurrency=3, http_client=http(kind, injected))) == 12
    assert most == 3


def http(kind: Kind, injected: bool, connections: int = 100) -> Any:
    if not injected:
        return None
    return (httpx.Client if kind == "sync" else httpx.AsyncClient)(limits=httpx.Limits(max_connections=connections))


def many(kind: Kind, server: HostileServer, count: int, **options: Any) -> list[Any]:
    """Make calls at once; return the night or the error of each."""
    client = CLIENTS[kind](KEY, USER, base_url=server.url, **options)

    async def run() -> list[Any]:
        async with client:
            return await asyncio.gather(*(client.get_session(SESSION) for _ in range(count)), return_exceptions=True)

    if kind == "async":
        return asyncio.run(run())
    with client, ThreadPoolExecutor(count) as threads:
        calls = [threads.submit(client.get_session, SESSION) for _ in range(count)]
        return [call.exception() or call.result() for call in calls]


def test_a_service_that_does_not_answer_ends_the_calls_that_wait_as_well_and_they_say_why(kind: Kind) -> None:
    with hostile(silence_after()) as server:
        failed = many(kind, server, 5, max_concurrency=1, timeout=0.3, retries=0)
    assert all(isinstance(error, DeadlineExceeded) for error in failed), failed
    sent = [error for error in failed if error.attempts]
    waiting = [error for error in failed if not error.attempts]
    assert len(sent) == len(server.requests)
    assert waiting
    assert all("was not answered within 0.3 s" in str(error) for error in sent)
    for error in waiting:
        assert error.waited >= 0.25
        assert "waited" in str(error)
        assert "for its turn" in str(error)
        assert "max_concurrency" in str(error)


def test_an_error_says_how_long_its_call_waited_apart_from_the_time_of_the_service(kind: Kind) -> None:
    served = threading.Event()

    def late(connection: Any, over: threading.Event) -> None:
        over.wait(0.3)
        NIGHT(connection, over)
        served.set()

    with hostile(late, silence_after()) as server:
        night, error = many(kind, server, 2, max_concurrency=1, timeout=0.6, retries=0)
    if isinstance(night, DeadlineExceeded):  # threads begin in either order
        night, error = error, night
    assert isinstance(night, Night)
    assert isinstance(error, DeadlineExceeded)
    assert error.waited > 0.2
    assert error.timeout == 0.6
    assert f"within 0.6 s, retries included, after {error.waited:.2f} s of waiting for its turn" in str(error)


def test_a_wait_for_a_session_is_no_longer_because_of_its_turn() -> None:
    with hostile(silence_after()) as server, Asleep(KEY, USER, base_url=server.url, max_concurrency=1) as asleep:
        slow = asleep.with_options(timeout=1)

        def call() -> None:
            with pytest.raises(DeadlineExceeded):
                slow.get_session(SESSION)

        thread = threading.Thread(target=call)
        thread.start()
        assert server.arrived.wait(10)
        with pytest.raises(SessionTimeout, match=r"ended after 0\.\d+ s, 0\.\d+ s of them for its turn") as caught:
            asleep.wait_for_session(SESSION, timeout=0.1)
        assert caught.value.waited > 0
        assert thread.is_alive()
        thread.join()


@backends
@pytest.mark.parametrize("injected", [False, True], ids=["own-client", "injected-client"])
def test_a_thousand_calls_at_once_all_succeed(backend: str, injected: bool) -> None:
    async def run() -> None:
        client = httpx.AsyncClient() if injected else None
        nights: list[Night] = []

        async def call(asleep: AsyncAsleep) -> None:
            nights.append(await asleep.get_session(SESSION))

        async with (
            service() as served,
            AsyncAsleep(KEY, USER, base_url=served.url, timeout=10, http_client=client) as asleep,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(1000):
                tasks.start_soon(call, asleep)
        assert len(nights) == 1000
        if client is not None:
            await client.aclose()

    anyio.run(run, backend=backend)


@backends
def test_ten_thousand_calls_that_are_cancelled_leave_nothing_behind(backend: str) -> None:
    async def run() -> None:
        async with service() as served, AsyncAsleep(KEY, USER, base_url=served.url, max_concurrency=5) as asleep:
            ended: list[object] = []

            async def call(cancel: bool) -> None:
                with anyio.CancelScope() as scope:
                    if cancel:
                        scope.cancel()
                    ended.append(await asleep.get_session(SESSION))

            async with anyio.create_task_group() as tasks:
                for number in range(10_000):
                    tasks.start_soon(call, number % 3 == 0)
                for _ in range(20):
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
            client, turns = asleep._transport.open()
            assert (turns._free, len(turns._waiting)) == (5, 0)
            transport: Any = client._transport
            assert transport._pool._requests == []
            assert isinstance(await asleep.get_session(SESSION), Night)
            assert len(ended) < 10_000

    anyio.run(run, backend=backend)


@backends
def test_a_turn_that_comes_at_the_moment_of_the_cancellation_is_the_next_calls(backend: str) -> None:
    async def run() -> None:
        turns, scope = AsyncTurns(1, None), anyio.CancelScope()

        async def wait() -> None:
            with scope:
                await turns.take(Deadline(60), first=False)

        assert await turns.take(Deadline(60), first=False)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            turns.give()
            scope.cancel()
        assert turns._free == (1 if scope.cancelled_caught else 0)

    anyio.run(run, backend=backend)


@needs_alarms
def test_an_exception_of_the_callers_gets_out_of_the_line_and_leaves_it() -> None:
    turns = Turns(1, None)
    assert turns.take(Deadline(60), first=False)

    def handler(*_: Any) -> None:
        raise ZeroDivisionError

    with alarms_go_to(handler):
        set_alarm(0.1)
        with pytest.raises(ZeroDivisionError):
            turns.take(Deadline(60), first=False)
    assert not turns._waiting
    turns.give()
    assert turns._free == 1


def test_copies_of_a_client_and_clients_over_one_http_client_stand_in_one_line() -> None:
    with httpx.Client(limits=httpx.Limits(max_connections=7)) as http:
        asleep = Asleep(KEY, USER, http_client=http)
        line = asleep._transport.open()[1]
        assert line.turns == 7
        assert asleep.for_user("another")._transport.open()[1] is line
        assert asleep.with_options(retries=0)._transport.open()[1] is line
        assert Phonexia("http://a", http_client=http)._transport.open()[1] is line
        assert Asleep(KEY, USER, http_client=http, max_concurrency=3)._transport.open()[1].turns == 3
        assert Asleep(KEY, USER, http_client=http, max_concurrency=30)._transport.open()[1].turns == 7
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(404))) as http:
        assert Asleep(KEY, USER, http_client=http)._transport.open()[1].turns == 50


@pytest.mark.parametrize("cleaning", [0, 1000], ids=["cleaned-up-each-time", "never-cleaned-up"])
def test_connections_are_used_again_unless_the_service_has_closed_them(
    kind: Kind, cleaning: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CLEANING", cleaning)
    with hostile(NIGHT) as closing:
        assert all(isinstance(night, Night) for night in many(kind, closing, 50, max_concurrency=5, retries=0))

    async def run() -> None:
        async with service() as served, AsyncAsleep(KEY, USER, base_url=served.url, max_concurrency=5) as asleep:
            for _ in range(3):
                await asyncio.gather(*(asleep.get_session(SESSION) for _ in range(50)))
                assert 0 < served.open <= 5

    asyncio.run(run())


def test_a_client_has_a_connection_for_each_of_its_turns(kind: Kind) -> None:
    client = CLIENTS[kind](KEY, USER, max_concurrency=200)
    pool = client._transport._http._transport._pool
    assert (pool._max_connections, pool._max_keepalive_connections) == (200, 200)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "5"])
def test_a_number_of_calls_that_cannot_be_is_refused(kind: Kind, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        CLIENTS[kind](KEY, USER, max_concurrency=wrong)


def test_an_injected_client_may_be_used_in_one_event_loop_after_another() -> None:
    client = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=example("SessionComplete")))
    )
    asleep = AsyncAsleep(KEY, USER, http_client=client, max_concurrency=1)

    async def run() -> None:
        assert len(await asyncio.gather(*(asleep.get_session(SESSION) for _ in range(5)))) == 5

    asyncio.run(run())
    asyncio.run(run())
