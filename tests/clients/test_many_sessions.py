"""`get_sessions` reads many sessions: outcomes as they come, no faster than the service allows, and nothing is left."""

import asyncio
import contextlib
import gc
import itertools
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep, SessionOutcome
from sleeptalk.errors import ConfigurationError, InvalidSessionId, RateLimited, ServerError, SessionNotFound
from sleeptalk.runtime.batches import MOST_REFUSALS, Batch
from sleeptalk.runtime.call import Failure, Success
from tests.certificates import make_certificate, server_context
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Kind
from tests.clients.clocks import SkippingClock
from tests.clients.hostile import Script, answer, hostile, silence_after
from tests.clients.test_cancelling import backends, silent_service
from tests.clients.test_turns import SetClock
from tests.waiting import until

NIGHT = example("SessionComplete")
Read = Callable[..., list[SessionOutcome]]


def ids(count: int) -> list[str]:
    return [f"20220821093117_{number:05d}" for number in range(count)]


class Service:
    """A mocked service that answers about any session, unless it is told what else to answer about one."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.requests: list[str] = []
        self._answers = answers or {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.path.rpartition("/")[2]
        self.requests.append(asked)
        status, body = self._answers.get(asked, (200, None))
        if body is None:
            body = {**NIGHT, "result": {**NIGHT["result"], "session": {**NIGHT["result"]["session"], "id": asked}}}
        return httpx.Response(status, json=body)


def read(
    kind: Kind, service: Any, session_ids: Iterable[str], *, client: dict[str, Any] | None = None, **options: Any
) -> list[SessionOutcome]:
    """Read sessions over a mocked transport, or from an address."""
    transport = None if isinstance(service, str) else httpx.MockTransport(service)
    base_url = service if isinstance(service, str) else "http://asleep.invalid"
    arguments: dict[str, Any] = {"base_url": base_url, **(client or {})}

    async def run() -> list[SessionOutcome]:
        http = None if transport is None else httpx.AsyncClient(transport=transport)
        async with AsyncAsleep(KEY, USER, http_client=http, **arguments) as asleep:
            return [outcome async for outcome in asleep.get_sessions(session_ids, **options)]

    if kind == "async":
        return asyncio.run(run())
    http = None if transport is None else httpx.Client(transport=transport)
    with Asleep(KEY, USER, http_client=http, **arguments) as asleep:
        return list(asleep.get_sessions(session_ids, **options))


def test_every_session_is_read_once_and_one_that_fails_stops_nothing(kind: Kind) -> None:
    wanted = ids(50)
    service = Service({wanted[3]: (404, {"detail": "Session not found"}), wanted[7]: (500, {})})
    bad: list[Any] = ["nonsense", None, 5, "\ud800"]
    outcomes = read(kind, service, [*wanted[:10], *bad, *wanted[10:]], client={"retries": 0}, concurrency=4)
    assert sorted(map(repr, (outcome.session_id for outcome in outcomes))) == sorted(map(repr, [*wanted, *bad]))
    assert sorted(service.requests) == wanted
    errors = {outcome.session_id: type(outcome.error) for outcome in outcomes if outcome.error is not None}
    assert errors == {wanted[3]: SessionNotFound, wanted[7]: ServerError, **dict.fromkeys(bad, InvalidSessionId)}
    for outcome in outcomes:
        assert (outcome.night is None) is (outcome.error is not None)
        if outcome.night is not None:
            assert outcome.night.session.id == outcome.session_id
            assert outcome.unwrap() is outcome.night
        else:
            with pytest.raises(type(outcome.error)):
                outcome.unwrap()


def test_ids_are_read_as_they_are_needed(kind: Kind) -> None:
    given = 0

    def endless() -> Iterator[str]:
        nonlocal given
        for number in itertools.count():
            given += 1
            yield f"20220821093117_{number % 100000:05d}"

    async def run() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(Service()))
        outcomes = AsyncAsleep(KEY, USER, http_client=http).get_sessions(endless(), concurrency=3)
        async with contextlib.aclosing(outcomes):
            for _ in range(100):
                assert (await anext(outcomes)).night

    if kind == "async":
        asyncio.run(run())
    else:
        http = httpx.Client(transport=httpx.MockTransport(Service()))
        outcomes = Asleep(KEY, USER, http_client=http).get_sessions(endless(), concurrency=3)
        assert all(outcome.night for outcome in itertools.islice(outcomes, 100))
        outcomes.close()
    assert 100 <= given <= 106  # three on their way, and in threads three that wait for them


def test_the_time_zone_goes_with_every_request(kind: Kind) -> None:
    zones = []

    def service(request: httpx.Request) -> httpx.Response:
        zones.append(request.headers["timezone"])
        return Service()(request)

    assert len(read(kind, service, ids(3), timezone="Asia/Seoul")) == 3
    assert zones == ["Asia/Seoul"] * 3


def test_without_any_session_there_are_no_outcomes(kind: Kind) -> None:
    assert read(kind, Service(), []) == []


@pytest.mark.parametrize("wrong", [SESSION, SESSION.encode(), 5, None])
def test_what_is_not_an_iterable_of_ids_is_refused_at_once(kind: Kind, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"a list .* not one {type(wrong).__name__}"):
        {"sync": Asleep, "async": AsyncAsleep}[kind](KEY, USER).get_sessions(wrong)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, None])
def test_a_concurrency_that_cannot_be_is_refused_at_once(kind: Kind, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="concurrency"):
        {"sync": Asleep, "async": AsyncAsleep}[kind](KEY, USER).get_sessions([], concurrency=wrong)


def test_a_closed_client_is_an_error_and_not_an_outcome(kind: Kind) -> None:
    async def run() -> None:
        closed = AsyncAsleep(KEY, USER)
        await closed.close()
        with pytest.raises(ConfigurationError, match="closed"):
            await anext(closed.get_sessions(ids(3)))

    if kind == "async":
        asyncio.run(run())
        return
    closed = Asleep(KEY, USER)
    closed.close()
    with pytest.raises(ConfigurationError, match="closed"):
        next(closed.get_sessions(ids(3)))


# How fast


def throttling(count: int, *headers: str) -> list[Script]:
    return [answer({"detail": "Rate limit exceeded"}, 403, *headers)] * count


def test_one_rate_limit_slows_all_of_them_together(kind: Kind, clock: SkippingClock) -> None:
    service, throttled = Service(), 4
    together = threading.Barrier(4)

    def limited(request: httpx.Request) -> httpx.Response:
        nonlocal throttled
        if throttled:
            throttled -= 1
            if kind == "sync":
                together.wait(10)
            return httpx.Response(429, json={"detail": "slower"}, headers={"retry-after": "70"})
        return service(request)

    outcomes = read(kind, limited, ids(30), concurrency=4)
    assert sorted(outcome.session_id for outcome in outcomes if outcome.night) == ids(30)
    assert 65 < sum(clock.pauses) < 75  # one pause, longer than the deadline of one call, for all four


def test_a_403_with_the_words_of_the_vendor_slows_them_as_well(kind: Kind, clock: SkippingClock) -> None:
    answers = iter([*throttling(2), *throttling(1, "retry-after: 9")])

    with hostile(*answers, answer(NIGHT)) as server:
        (outcome,) = read(kind, server.url, [SESSION])
        assert outcome.night
        assert len(server.requests) == 4
    assert [round(pause, 1) for pause in clock.pauses] == [1, 2, 9]


def test_a_service_that_never_allows_more_ends_an_id_with_its_error(kind: Kind, clock: SkippingClock) -> None:
    with hostile(*throttling(1)) as server:
        (outcome,) = read(kind, server.url, [SESSION])
        assert isinstance(outcome.error, RateLimited)
        assert len(server.requests) == MOST_REFUSALS + 1
    assert sum(clock.pauses) == pytest.approx(1 + 2 + 4 + 8 + 16 + 32 + 60 + 60, abs=1)


def test_without_retries_a_rate_limit_is_the_outcome(kind: Kind, clock: SkippingClock) -> None:
    with hostile(*throttling(1, "retry-after: 5"), answer(NIGHT)) as server:
        first, second = read(kind, server.url, [SESSION] * 2, client={"retries": 0}, concurrency=1)
    assert isinstance(first.error, RateLimited)
    assert second.night
    assert sum(clock.pauses) == pytest.approx(5, abs=0.5)


def test_a_rate_limit_lets_the_calls_begin_again_one_by_one() -> None:
    clock = SetClock()
    batch = Batch(iter(range(100)), 4, clock, patient=True)

    def begin() -> list[Any]:
        return list(iter(batch.begin, None))

    four = begin()
    assert len(four) == 4
    for begun in four:
        assert not batch.end(begun, refused("10"))
    assert begin() == []
    assert batch.pause() == 10
    clock.now = 10
    for expected in (1, 2, 3, 4, 4):
        some = begin()
        assert len(some) == expected
        for begun in some[:1]:
            assert batch.end(begun, Success(1))
        for begun in some[1:]:
            batch.on_way -= 1
            batch._next.appendleft(begun.key)


def test_a_service_that_asks_for_hours_is_not_waited_for() -> None:
    batch = Batch(["a"], 1, SetClock(), patient=True)
    begun = batch.begin()
    assert begun is not None
    assert batch.end(begun, refused("86400"))
    assert batch.pause() == 600


def refused(retry_after: str) -> Failure:
    from sleeptalk.runtime.response import Response

    response = Response(status=429, headers={"retry-after": retry_after}, content=b"", attempts=1, seconds=0.1)
    return Failure(RateLimited("x", response=response), may_pass=True)


# What is left


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("sleeptalk")]


@pytest.mark.parametrize("how", ["close", "throw", "drop"])
def test_leaving_the_generator_ends_the_calls_on_their_way(how: str) -> None:
    def first_only(connection: Any, over: threading.Event) -> None:
        until(lambda: len(server.requests) >= 5, seconds=10)
        answer(NIGHT)(connection, over)

    with hostile(first_only, silence_after()) as server, Asleep(KEY, USER, base_url=server.url, timeout=600) as asleep:
        outcomes = asleep.get_sessions(itertools.repeat(SESSION), concurrency=5)
        assert next(outcomes).night
        if how == "close":
            outcomes.close()
        elif how == "throw":
            with pytest.raises(ZeroDivisionError):
                outcomes.throw(ZeroDivisionError())
        else:
            del outcomes
            gc.collect()
        assert not threads()
        pool: Any = asleep._transport.open()[0]._transport
        assert pool._pool._requests == []
        assert asleep._transport.open()[1]._free == 50


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize("secure", [False, True])
def test_an_injected_client_is_not_waited_for_and_can_be_used_on(library: str, secure: bool, tmp_path: Path) -> None:
    http: Any = pytest.importorskip(library)
    ended = answer(NIGHT)

    def script(connection: Any, over: threading.Event) -> None:
        (ended if len(server.requests) > 5 else silence_after())(connection, over)

    def failing() -> Iterator[str]:
        yield from [SESSION] * 5
        until(lambda: len(server.requests) == 5, seconds=10)
        raise LookupError("no more")

    certificate = make_certificate(tmp_path)
    tls = server_context(certificate) if secure else None
    trusted = ssl.create_default_context(cafile=certificate)
    with (
        hostile(script, tls=tls) as server,
        http.Client(timeout=600, verify=trusted) as client,
        Asleep(KEY, USER, base_url=server.url, http_client=client, timeout=600) as asleep,
    ):
        with pytest.raises(LookupError):
            list(asleep.get_sessions(failing(), concurrency=5))
        assert not threads()
        assert client._transport._pool._requests == []
        assert asleep.get_session(SESSION)


def test_an_error_of_the_iterable_gets_out_and_ends_the_calls_on_their_way(kind: Kind) -> None:
    def failing() -> Iterator[str]:
        yield from [SESSION] * 3
        raise LookupError("no more")

    with hostile(silence_after()) as server, pytest.raises(LookupError, match="no more"):
        read(kind, server.url, failing(), client={"timeout": 600})
    assert not threads()


def test_an_error_of_the_callers_own_code_gets_out_unchanged(kind: Kind) -> None:
    error = ZeroDivisionError("mine")

    def service(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(ZeroDivisionError) as caught:
        read(kind, service, ids(3))
    assert caught.value is error
    assert not threads()


@backends
@pytest.mark.parametrize("injected", [False, True], ids=["own-client", "injected-client"])
def test_a_cancellation_leaves_nothing_behind(backend: str, injected: bool) -> None:
    async def run() -> None:
        http = httpx.AsyncClient() if injected else None
        async with (
            silent_service() as url,
            AsyncAsleep(KEY, USER, base_url=url, timeout=600, http_client=http) as asleep,
        ):
            with anyio.move_on_after(0.2) as scope:
                async for _ in asleep.get_sessions(itertools.repeat(SESSION), concurrency=5):
                    pytest.fail("nobody answers")
            assert scope.cancelled_caught
            client, turns = asleep._transport.open()
            assert (turns._free, len(turns._waiting)) == (50, 0)
            transport: Any = client._transport
            assert transport._pool._requests == []
            assert transport._pool.connections == []
        if http is not None:
            await http.aclose()

    anyio.run(run, backend=backend)


@backends
def test_leaving_the_loop_early_leaves_nothing_behind_once_the_generator_is_closed(backend: str) -> None:
    async def run() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(Service()))
        asleep = AsyncAsleep(KEY, USER, http_client=http)
        async with contextlib.aclosing(asleep.get_sessions(itertools.cycle(ids(9)), concurrency=5)) as outcomes:
            async for outcome in outcomes:
                assert outcome.night
                break
        assert asleep._transport.open()[1]._free == 50
        if backend == "asyncio":
            assert asyncio.all_tasks() == {asyncio.current_task()}

    anyio.run(run, backend=backend)


def test_a_task_that_is_cancelled_between_two_outcomes_leaves_nothing_behind() -> None:
    async def run() -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(Service()))
        asleep = AsyncAsleep(KEY, USER, http_client=http)

        async def consume() -> None:
            async for _ in asleep.get_sessions(itertools.cycle(ids(9)), concurrency=5):
                await asyncio.sleep(600)

        task = asyncio.ensure_future(consume())
        while not asleep._transport._turns:  # noqa: ASYNC110  # until it has begun
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        gc.collect()
        with anyio.fail_after(10):
            while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  # the loop closes the generator
                await asyncio.sleep(0.01)
        assert asleep._transport.open()[1]._free == 50

    asyncio.run(run())
