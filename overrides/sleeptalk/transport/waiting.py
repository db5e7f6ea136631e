"""The async shell: does what `blocking` does, and can be cancelled wherever it waits."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.lowlevel
import httpx

from sleeptalk.errors import CallFailed, ConfigurationError
from sleeptalk.transport.body import TooLargeError, UndecodableError
from sleeptalk.transport.call import NETWORK_ERRORS, Call
from sleeptalk.transport.deadline import Deadline
from sleeptalk.transport.http_client import injected, own
from sleeptalk.transport.pools import drop_lost
from sleeptalk.transport.progress import check_progress
from sleeptalk.transport.tidy import TidyBackend, cancelled_by_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.transport.body import Body
    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.outcome import Outcome
    from sleeptalk.transport.server import Server
    from sleeptalk.transport.settings import Settings
    from sleeptalk.transport.watch import Answered, Watch

T = TypeVar("T")
A = TypeVar("A", bound="Answered")


class WaitingTransport:
    """Sends to one server, over an HTTP client of its own or one that was given to it."""

    def __init__(self, server: Server, http_client: httpx.AsyncClient | None) -> None:
        self.server = server
        self._owned = http_client is None
        self._http = (
            own(httpx.AsyncClient, TidyBackend) if http_client is None else injected(http_client, httpx.AsyncClient)
        )
        self._home: tuple[int, object] | None = None  # the process and the event loop of its connections, once used
        self._closed = False

    async def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's, or they are another event loop's."""
        self._closed = self._owned
        if self._owned and self._home in (None, _here()):
            await self._http.aclose()

    async def send(self, operation: Operation[T], settings: Settings) -> T:
        """Give the operation's result, or raise why there is none."""
        outcome = await self._outcome(operation, settings, Deadline(settings.timeout))
        return outcome.unwrap()

    async def wait(self, watch: Watch[A], settings: Settings, on_progress: Callable[[A], object] | None) -> A:
        """Look until the result is a finished one. `on_progress` may be async."""
        check_progress(on_progress)

        async def look() -> Outcome[A]:
            outcome = await self._outcome(watch.operation, settings, watch.look_deadline(settings.timeout))
            value = watch.saw(outcome)
            if value is not None and on_progress is not None:
                progress = on_progress(value)
                if inspect.isawaitable(progress):
                    await progress
            return outcome

        from sleeptalk.transport.repeating import Looks, repeat_async  # noqa: PLC0415  # costs what a plain call need not pay

        return watch.conclude(await repeat_async(look, await look(), Looks(watch), anyio.sleep))

    async def _outcome(self, operation: Operation[T], settings: Settings, deadline: Deadline) -> Outcome[T]:
        http = self._open()
        call = Call(operation, self.server, settings, deadline)
        first = await self._attempt(call, http)
        if not call.may_repeat(first):
            return first
        from sleeptalk.transport.repeating import Retries, repeat_async  # noqa: PLC0415  # as above

        return await repeat_async(lambda: self._attempt(call, http), first, Retries(call), anyio.sleep)

    def _open(self) -> httpx.AsyncClient:
        """Give the HTTP client; in another process or event loop than before a new one, if it is our own.

        The old one is left to the others: nobody else can use its connections, nor close them.
        """
        if self._closed or self._http.is_closed:
            raise ConfigurationError("The client is closed: make the call inside its async with statement.")
        here = _here()
        if self._owned and self._home != here:
            if self._home is not None:
                self._http = own(httpx.AsyncClient, TidyBackend)
            self._home = here
        return self._http

    async def _attempt(self, call: Call[T], http: httpx.AsyncClient) -> Outcome[T]:
        call.begin()
        scope = anyio.move_on_after(call.deadline.remaining)

        async def attempt() -> Outcome[T]:
            try:
                with scope:
                    return await self._exchange(call, http)
            except (CallFailed, TooLargeError, UndecodableError, *NETWORK_ERRORS) as error:
                return call.failed(error)
            return call.out_of_time()

        return await cancelled_by_scope(attempt, scope)

    async def _exchange(self, call: Call[T], http: httpx.AsyncClient) -> Outcome[T]:
        while True:
            auth = httpx.USE_CLIENT_DEFAULT if call.at_home else None
            request = call.request(http)
            try:
                response = await http.send(request, stream=True, follow_redirects=False, auth=auth)
            except Exception as error:  # noqa: BLE001  # an injected client's hooks may raise anything
                return call.failed(error)
            except BaseException:  # a cancellation
                with anyio.CancelScope(shield=True):
                    await drop_lost(http)
                raise
            try:
                if call.follows(response, http):
                    continue
                body = call.body(response)
                await self._read(call, response, body)
            except Exception as error:  # noqa: BLE001  # as may its transport
                return call.failed(error)
            finally:
                await response.aclose()
            return call.answered(response, body)

    async def _read(self, call: Call[T], response: httpx.Response, body: Body) -> None:
        pieces = response.aiter_bytes() if response.is_stream_consumed else response.aiter_raw()
        async for piece in pieces:
            call.check_time()
            body.feed(piece)


_loop = anyio.lowlevel.RunVar[object]("loop")


def _here() -> tuple[int, object]:
    """Tell this process and this event loop from any other."""
    try:
        loop = _loop.get()
    except LookupError:
        loop = object()
        _loop.set(loop)
    return os.getpid(), loop
