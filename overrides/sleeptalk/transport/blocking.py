"""The sync shell: sends the requests of a call, reads their answers, sleeps."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TypeVar

import httpx

from sleeptalk.errors import CallFailed, ConfigurationError
from sleeptalk.transport.body import TooLargeError, UndecodableError
from sleeptalk.transport.bounded import BoundedBackend, within
from sleeptalk.transport.call import NETWORK_ERRORS, Call
from sleeptalk.transport.deadline import Deadline
from sleeptalk.transport.http_client import injected, own
from sleeptalk.transport.progress import check_blocking_progress

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


class BlockingTransport:
    """Sends to one server, over an HTTP client of its own or one that was given to it."""

    def __init__(self, server: Server, http_client: httpx.Client | None) -> None:
        self.server = server
        self._owned = http_client is None
        self._http = own(httpx.Client, BoundedBackend) if http_client is None else injected(http_client, httpx.Client)
        self._process = os.getpid()
        self._closed = False

    def close(self) -> None:
        """Close the connections, unless the HTTP client is the caller's, or they are another process's."""
        self._closed = self._owned
        if self._owned and self._process == os.getpid():
            self._http.close()

    def send(self, operation: Operation[T], settings: Settings) -> T:
        """Give the operation's result, or raise why there is none."""
        return self._outcome(operation, settings, Deadline(settings.timeout)).unwrap()

    def wait(self, watch: Watch[A], settings: Settings, on_progress: Callable[[A], object] | None) -> A:
        """Look until the result is a finished one."""
        check_blocking_progress(on_progress)

        def look() -> Outcome[A]:
            outcome = self._outcome(watch.operation, settings, watch.look_deadline(settings.timeout))
            value = watch.saw(outcome)
            if value is not None and on_progress is not None:
                on_progress(value)
            return outcome

        from sleeptalk.transport.repeating import Looks, repeat  # noqa: PLC0415  # costs what a plain call need not pay

        return watch.conclude(repeat(look, look(), Looks(watch), time.sleep))

    def _outcome(self, operation: Operation[T], settings: Settings, deadline: Deadline) -> Outcome[T]:
        http = self._open()
        call = Call(operation, self.server, settings, deadline)
        first = self._attempt(call, http)
        if not call.may_repeat(first):
            return first
        from sleeptalk.transport.repeating import Retries, repeat  # noqa: PLC0415  # as above

        return repeat(lambda: self._attempt(call, http), first, Retries(call), time.sleep)

    def _open(self) -> httpx.Client:
        """Give the HTTP client; after a fork a new one, if it is our own.

        Two processes on one connection would read each other's answers. The old one is left to the other process.
        """
        if self._closed or self._http.is_closed:
            raise ConfigurationError("The client is closed: make the call inside its with statement.")
        if self._owned and self._process != os.getpid():
            self._http = own(httpx.Client, BoundedBackend)
            self._process = os.getpid()
        return self._http

    def _attempt(self, call: Call[T], http: httpx.Client) -> Outcome[T]:
        call.begin()
        try:
            with within(call.deadline):
                return self._exchange(call, http)
        except (CallFailed, TooLargeError, UndecodableError, *NETWORK_ERRORS) as error:
            return call.failed(error)

    def _exchange(self, call: Call[T], http: httpx.Client) -> Outcome[T]:
        while True:
            call.check_time()
            auth = httpx.USE_CLIENT_DEFAULT if call.at_home else None
            request = call.request(http)
            try:
                response = http.send(request, stream=True, follow_redirects=False, auth=auth)
            except Exception as error:  # noqa: BLE001  # an injected client's hooks may raise anything
                return call.failed(error)
            try:
                if call.follows(response, http):
                    continue
                body = call.body(response)
                self._read(call, response, body)
            except Exception as error:  # noqa: BLE001  # as may its transport
                return call.failed(error)
            finally:
                response.close()
            return call.answered(response, body)

    def _read(self, call: Call[T], response: httpx.Response, body: Body) -> None:
        pieces = response.iter_bytes() if response.is_stream_consumed else response.iter_raw()
        for piece in pieces:
            call.check_time()
            body.feed(piece)
