"""Async clients: the same as the sync ones, and cancellable wherever they wait."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Self, TypeVar

import anyio

from sleeptalk.runtime import http
from sleeptalk.runtime.batches import Batch, Tasks
from sleeptalk.runtime.call import CallState, is_answer
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.connections import close_after, drop_lost_connections, most_connections
from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.event_loops import cancelled_by_scope, here
from sleeptalk.runtime.options import check_count
from sleeptalk.runtime.polling import Poll, check_progress
from sleeptalk.runtime.tracing import span_of
from sleeptalk.runtime.turns import MOST_AT_ONCE, AsyncTurns, line_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
    from types import TracebackType

    from sleeptalk.runtime.call import Result
    from sleeptalk.runtime.polling import HasResponse, Wait
    from sleeptalk.runtime.tracing import Span
    from sleeptalk_generated.operation import Call

    A = TypeVar("A", bound=HasResponse)

K = TypeVar("K")
T = TypeVar("T")


class AsyncTransport:
    """Sends over its own HTTP client or an injected one, before which calls wait for their turns.

    `turns`: how many calls are on their way at once, None for what fits the pool of the HTTP client.
    """

    def __init__(self, http_client: http.AsyncHttpClient | None, turns: int | None) -> None:
        self._owned = http_client is None
        self._wanted = turns
        self._http = http.async_client(http_client, turns or MOST_AT_ONCE)
        self._home: tuple[int, object] | None = None  # the process and the event loop of its connections, once used
        self._closed = False
        self._turns: AsyncTurns | None = None

    async def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's, or they are another event loop's."""
        self._closed = self._owned
        if self._owned and self._home in (None, here()):
            await self._http.aclose()

    def open(self) -> tuple[http.AsyncHttpClient, AsyncTurns]:
        """Return the HTTP client and the turns of its calls.

        In another process or event loop a new one, if it is our own. The old one is left alone: its connections can be
        used and closed only where they were made. Raises ConfigurationError where the client is closed.
        """
        if self._closed or self._http.is_closed:
            raise ConfigurationError("The client is closed: make the call inside its async with statement.")
        at = here()
        if self._turns is None or self._home != at:
            if self._owned and self._home is not None:
                self._http = http.async_client(None, self._wanted or MOST_AT_ONCE)
            self._home = at
            self._turns = self._line(at)
        return self._http, self._turns

    def _line(self, here: object) -> AsyncTurns:
        turns = min(self._wanted or MOST_AT_ONCE, most_connections(self._http))
        if self._owned or self._wanted is not None:
            return AsyncTurns(turns, here)
        return line_of(self._http, AsyncTurns, turns, here)


class AsyncClient(Client[http.AsyncHttpClient]):
    """A client whose calls are awaited. Use it in an `async with` statement, or close it."""

    _transport: AsyncTransport

    def _connect(self, http_client: http.AsyncHttpClient | None, turns: int | None) -> None:
        self._transport = AsyncTransport(http_client, turns)

    async def close(self) -> None:
        """Close the connections. An HTTP client that was injected stays open."""
        if not self._lent:
            await self._transport.close()
            self._close_recorder()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _call(self, call: Call[T]) -> T:
        """Return the result of a call, or raise its error."""
        result = await self._carry_out(call, Deadline(self._options.timeout, self._clock))
        return result.unwrap()

    async def _awaited(self, result: object) -> None:
        """Await what a function of the caller's returned, where it can be."""
        if inspect.isawaitable(result):
            await result

    async def _wait_for(
        self,
        wait: Wait[A],
        arguments: Mapping[str, object],
        timeout: float,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        interval: float,
        on_progress: Callable[[A], object] | None,
        *,
        begun: tuple[Deadline, A] | None = None,
    ) -> A:
        """Call with these arguments until the result is final, and return that; times are in seconds.

        `on_progress` may be async.
        """
        check_progress(on_progress, may_be_async=True)
        poll = Poll(wait, arguments, timeout, interval, self._clock, begun=begun)
        while True:
            result = await self._carry_out(poll.call, poll.begin(self._options.timeout))
            value = poll.note(result)
            if value is not None and on_progress is not None:
                await self._awaited(on_progress(value))
            pause = poll.pause(result)
            if pause is None:
                return poll.conclude(result)
            await self._clock.sleep_async(pause)

    def _carry_out_many(
        self, keys: Iterable[K], call_of: Callable[[K], Call[T]], concurrency: int
    ) -> AsyncGenerator[tuple[K, Result[T]], None]:
        """Return what yields each key with the outcome of its call, as they come; raises ConfigurationError."""
        check_count("concurrency", concurrency)
        batch = Batch(keys, concurrency, self._clock, patient=self._options.retries > 0)

        async def carry_out(key: K, deadline: Deadline) -> Result[T]:
            return await self._carry_out(call_of(key), deadline, alone=False)

        return Tasks(batch, carry_out, self._options.timeout, self._clock).outcomes()

    async def _carry_out(self, call: Call[T], deadline: Deadline, *, alone: bool = True) -> Result[T]:
        """Return the outcome of a call; one of a batch, not `alone`, ends where the service asks for a pause."""
        span = span_of(call.operation, self._server.base_url)
        if span is None:
            return await self._attempts(call, deadline, None, alone=alone)
        with span:
            result = await self._attempts(call, deadline, span, alone=alone)
            span.ended(result)
        return result

    async def _attempts(self, call: Call[T], deadline: Deadline, span: Span | None, *, alone: bool) -> Result[T]:
        client, turns = self._transport.open()
        call = self._complete(call)
        state = CallState(call, self._overrides, self._server, self._options, deadline)
        if span is not None:
            span.follow(state)
        while True:
            if not await turns.take(deadline, first=state.attempts > 0):
                return state.no_turn(turns.turns)
            try:
                state.begin()
                result = await _attempt(state, client)
            finally:
                turns.give()
            if is_answer(result):
                turns.answered(self._clock.monotonic())
            pause = state.pause(result, alone=alone)
            if pause is None:
                return result
            await self._clock.sleep_async(pause)


async def _attempt(state: CallState[T], client: http.AsyncHttpClient) -> Result[T]:
    scope = anyio.move_on_after(state.deadline.remaining)

    async def attempt() -> Result[T]:
        with scope:
            return await _exchange(state, client)
        return state.out_of_time()

    return await cancelled_by_scope(attempt, scope)


async def _exchange(state: CallState[T], client: http.AsyncHttpClient) -> Result[T]:
    while True:
        try:
            request = state.request(client)
            auth = http.auth_of(client, at_home=state.at_home)
            with http.refusals_read_first(client, state.feeder):
                response = await client.send(request, stream=True, follow_redirects=False, auth=auth)
        except Exception as error:  # noqa: BLE001  # `failed` raises those that are the caller's own
            return state.failed(error)
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await drop_lost_connections(client)
            own = http.callers_own(error)
            if own is error:  # a cancellation
                raise
            raise own  # noqa: B904  # unchanged, as it was raised
        try:
            close_after(response)
            if state.follows(response, client):
                continue
            reader = state.reader(response)
            async for piece in response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw():
                state.check_time()
                reader.feed(piece)
            content = reader.finish()
        except Exception as error:  # noqa: BLE001  # as above
            return state.failed(error)
        finally:
            await response.aclose()
        return state.answered(response, content)
