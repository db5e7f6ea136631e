"""Async clients: the same as the sync ones, and cancellable wherever they wait.

asyncio cancels a task wherever it waits, even where it gives a connection back and the shields of anyio ask not to:
httpcore 1.0 then counts that connection as busy for ever (https://github.com/encode/httpcore/issues/658). A cancelled
scope respects shields, and Trio knows nothing else, so under asyncio a request runs in a task of its own that only its
scope cancels.
"""

from __future__ import annotations

import inspect
import os
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Self, TypeVar

import anyio
import anyio.lowlevel

from sleeptalk.runtime import http
from sleeptalk.runtime.call import CallState, is_answer
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.connections import close_after, drop_lost_connections, most_connections
from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.polling import Poll, check_progress
from sleeptalk.runtime.turns import MOST_AT_ONCE, AsyncTurns, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from types import TracebackType

    from sleeptalk.runtime.call import Result
    from sleeptalk.runtime.polling import HasResponse, Wait
    from sleeptalk_generated.operation import Call

    A = TypeVar("A", bound=HasResponse)

T = TypeVar("T")

_loop = anyio.lowlevel.RunVar[object]("loop")


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
        if self._owned and self._home in (None, _here()):
            await self._http.aclose()

    def open(self) -> tuple[http.AsyncHttpClient, AsyncTurns]:
        """Return the HTTP client and the turns of its calls.

        In another process or event loop a new one, if it is our own. The old one is left alone: its connections can be
        used and closed only where they were made. Raises ConfigurationError where the client is closed.
        """
        if self._closed or self._http.is_closed:
            raise ConfigurationError("The client is closed: make the call inside its async with statement.")
        here = _here()
        if self._turns is None or self._home != here:
            if self._owned and self._home is not None:
                self._http = http.async_client(None, self._wanted or MOST_AT_ONCE)
            self._home = here
            self._turns = self._line(here)
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

    async def _wait_for(
        self,
        wait: Wait[A],
        arguments: Mapping[str, object],
        timeout: float,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        interval: float,
        on_progress: Callable[[A], object] | None,
    ) -> A:
        """Call with these arguments until the result is final, and return that; times are in seconds.

        `on_progress` may be async.
        """
        check_progress(on_progress, may_be_async=True)
        poll = Poll(wait, arguments, timeout, interval, self._clock)
        while True:
            result = await self._carry_out(poll.call, poll.begin(self._options.timeout))
            value = poll.note(result)
            if value is not None and on_progress is not None:
                progress = on_progress(value)
                if inspect.isawaitable(progress):
                    await progress
            pause = poll.pause(result)
            if pause is None:
                return poll.conclude(result)
            await self._clock.sleep_async(pause)

    async def _carry_out(self, call: Call[T], deadline: Deadline) -> Result[T]:
        client, turns = self._transport.open()
        call = self._complete(call)
        state = CallState(call, self._overrides, self._server, self._options, deadline)
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
            pause = state.pause(result)
            if pause is None:
                return result
            await self._clock.sleep_async(pause)


async def _attempt(state: CallState[T], client: http.AsyncHttpClient) -> Result[T]:
    scope = anyio.move_on_after(state.deadline.remaining)

    async def attempt() -> Result[T]:
        with scope:
            return await _exchange(state, client)
        return state.out_of_time()

    return await _cancelled_by_scope(attempt, scope)


async def _exchange(state: CallState[T], client: http.AsyncHttpClient) -> Result[T]:
    while True:
        try:
            request = state.request(client)
            auth = http.auth_of(at_home=state.at_home)
            with http.refusals_read_first(client, state.feeder):
                response = await client.send(request, stream=True, follow_redirects=False, auth=auth)
        except Exception as error:  # noqa: BLE001  # `failed` raises those that are the caller's own
            return state.failed(error)
        except BaseException:  # a cancellation
            with anyio.CancelScope(shield=True):
                await drop_lost_connections(client)
            raise
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


async def _cancelled_by_scope(work: Callable[[], Coroutine[Any, Any, T]], scope: anyio.CancelScope) -> T:
    """Await `work`, which runs inside `scope`; a cancellation cancels the scope, and waits until the work has ended."""
    import asyncio  # noqa: PLC0415  # nothing else brings it, and a sync program need not wait for it

    try:
        in_asyncio = asyncio.current_task() is not None
    except RuntimeError:  # no asyncio loop runs in this thread
        in_asyncio = False
    if not in_asyncio:
        return await work()
    context = copy_context()
    task = asyncio.create_task(work(), context=context)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        scope.cancel()
        with anyio.CancelScope(shield=True):
            while not task.done():
                with suppress(asyncio.CancelledError):  # one more than the one that is raised below
                    await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # or asyncio would log that it was never retrieved
        raise
    finally:  # what hooks of the caller's HTTP client have set is for the caller
        for variable, value in context.items():
            if variable.get(None) is not value:
                variable.set(value)
    return task.result()


def _here() -> tuple[int, object]:
    """Return what identifies this process and this event loop."""
    try:
        loop = _loop.get()
    except LookupError:
        loop = object()
        _loop.set(loop)
    return os.getpid(), loop
