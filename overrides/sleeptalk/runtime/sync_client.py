"""Sync clients: they send the requests of a call, read the answers and sleep."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self, TypeVar

from sleeptalk.runtime import http
from sleeptalk.runtime.batches import Batch, Threads
from sleeptalk.runtime.call import DEADLINE, CallState, is_answer
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.connections import close_after, cut_off, most_connections
from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.network import within
from sleeptalk.runtime.options import check_count
from sleeptalk.runtime.polling import Poll, check_progress
from sleeptalk.runtime.tracing import span_of
from sleeptalk.runtime.turns import MOST_AT_ONCE, Turns, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Mapping
    from types import TracebackType

    from sleeptalk.runtime.call import Result
    from sleeptalk.runtime.polling import HasResponse, Wait
    from sleeptalk.runtime.tracing import Span
    from sleeptalk_generated.operation import Call

    A = TypeVar("A", bound=HasResponse)

K = TypeVar("K")
T = TypeVar("T")


class SyncTransport:
    """Sends over its own HTTP client or an injected one, before which calls wait for their turns.

    `turns`: how many calls are on their way at once, None for what fits the pool of the HTTP client.
    """

    def __init__(self, http_client: http.HttpClient | None, turns: int | None) -> None:
        self._owned = http_client is None
        self._wanted = turns
        self._http = http.sync_client(http_client, turns or MOST_AT_ONCE)
        self._process = os.getpid()
        self._closed = False
        self._turns = self._line()

    def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's, or they are another process's."""
        self._closed = self._owned
        if self._owned and self._process == os.getpid():
            self._http.close()

    def cut_off(self, deadlines: Collection[Deadline]) -> None:
        """Shut down the connections on which calls with these deadlines wait, of an injected HTTP client too."""
        cut_off(self._http, DEADLINE, deadlines)

    def open(self) -> tuple[http.HttpClient, Turns]:
        """Return the HTTP client and the turns of its calls; after a fork a new one, if it is our own.

        Two processes on one connection would read each other's answers. The old one is left to the other process.
        Raises ConfigurationError where the client is closed.
        """
        if self._closed or self._http.is_closed:
            raise ConfigurationError("The client is closed: make the call inside its with statement.")
        if self._process != os.getpid():
            self._process = os.getpid()
            if self._owned:
                self._http = http.sync_client(None, self._wanted or MOST_AT_ONCE)
            self._turns = self._line()
        return self._http, self._turns

    def _line(self) -> Turns:
        turns = min(self._wanted or MOST_AT_ONCE, most_connections(self._http))
        if self._owned or self._wanted is not None:
            return Turns(turns, self._process)
        return line_of(self._http, Turns, turns, self._process)


class SyncClient(Client[http.HttpClient]):
    """A client whose calls block. Use it in a `with` statement, or close it."""

    _transport: SyncTransport

    def _connect(self, http_client: http.HttpClient | None, turns: int | None) -> None:
        self._transport = SyncTransport(http_client, turns)

    def close(self) -> None:
        """Close the connections. An HTTP client that was injected stays open."""
        if not self._lent:
            self._transport.close()
            self._close_recorder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, call: Call[T]) -> T:
        """Return the result of a call, or raise its error."""
        return self._carry_out(call, Deadline(self._options.timeout, self._clock)).unwrap()

    def _wait_for(
        self,
        wait: Wait[A],
        arguments: Mapping[str, object],
        timeout: float,
        interval: float,
        on_progress: Callable[[A], object] | None,
        *,
        begun: tuple[Deadline, A] | None = None,
    ) -> A:
        """Call with these arguments until the result is final, and return that; times are in seconds."""
        check_progress(on_progress, may_be_async=False)
        poll = Poll(wait, arguments, timeout, interval, self._clock, begun=begun)
        while True:
            result = self._carry_out(poll.call, poll.begin(self._options.timeout))
            value = poll.note(result)
            if value is not None and on_progress is not None:
                on_progress(value)
            pause = poll.pause(result)
            if pause is None:
                return poll.conclude(result)
            self._clock.sleep(pause)

    def _carry_out_many(
        self, keys: Iterable[K], call_of: Callable[[K], Call[T]], concurrency: int
    ) -> Generator[tuple[K, Result[T]], None, None]:
        """Return what yields each key with the outcome of its call, as they come; raises ConfigurationError."""
        check_count("concurrency", concurrency)
        batch = Batch(keys, concurrency, self._clock, patient=self._options.retries > 0)

        def carry_out(key: K, deadline: Deadline) -> Result[T]:
            return self._carry_out(call_of(key), deadline, alone=False)

        cut_off = self._transport.cut_off
        return Threads(batch, carry_out, self._options.timeout, self._clock, cut_off).outcomes()

    def _carry_out(self, call: Call[T], deadline: Deadline, *, alone: bool = True) -> Result[T]:
        """Return the outcome of a call; one of a batch, not `alone`, ends where the service asks for a pause."""
        span = span_of(call.operation, self._server.base_url)
        if span is None:
            return self._attempts(call, deadline, None, alone=alone)
        with span:
            result = self._attempts(call, deadline, span, alone=alone)
            span.ended(result)
        return result

    def _attempts(self, call: Call[T], deadline: Deadline, span: Span | None, *, alone: bool) -> Result[T]:
        client, turns = self._transport.open()
        call = self._complete(call)
        state = CallState(call, self._overrides, self._server, self._options, deadline)
        if span is not None:
            span.follow(state)
        while True:
            if not turns.take(deadline, first=state.attempts > 0):
                return state.no_turn(turns.turns)
            try:
                state.begin()
                with within(deadline):
                    result = _attempt(state, client)
            finally:
                turns.give()
            if is_answer(result):
                turns.answered(self._clock.monotonic())
            pause = state.pause(result, alone=alone)
            if pause is None:
                return result
            deadline.sleep(pause)


def _attempt(state: CallState[T], client: http.HttpClient) -> Result[T]:
    while True:
        try:
            request = state.request(client)
            auth = http.auth_of(client, at_home=state.at_home)
            with http.refusals_read_first(client, state.feeder):
                response = client.send(request, stream=True, follow_redirects=False, auth=auth)
        except Exception as error:  # noqa: BLE001  # `failed` raises those that are the caller's own
            return state.failed(error)
        try:
            close_after(response)
            if state.follows(response, client):
                continue
            reader = state.reader(response)
            for piece in response.iter_bytes() if response.is_stream_consumed else response.iter_raw():
                state.check_time()
                reader.feed(piece)
            content = reader.finish()
        except Exception as error:  # noqa: BLE001  # as above
            return state.failed(error)
        finally:
            response.close()
        return state.answered(response, content)
