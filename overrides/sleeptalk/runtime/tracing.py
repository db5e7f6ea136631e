"""Spans of OpenTelemetry: one for each call, where the program uses its API.

A program that traces has imported the API to set it up. Where nothing has, a call costs one look for its module more.
Names and attributes are the semantic conventions for HTTP clients; an id, a key or a whole URL is in none of them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from sleeptalk import __version__
from sleeptalk.runtime.call import Failure
from sleeptalk.runtime.errors import CallFailed

if TYPE_CHECKING:
    from types import TracebackType

    from sleeptalk.runtime.call import CallState, Result
    from sleeptalk_generated.operation import Operation

API = "opentelemetry.trace"
FIRST_ERROR = 400  # the first status that is an error to a client


class Span:
    """The span of one call, current within a `with` statement; `trace` is the API of OpenTelemetry."""

    def __init__(self, trace: Any, operation: Operation[Any], base_url: str) -> None:
        self._trace = trace
        server = urlsplit(base_url)
        port = server.port or {"http": 80, "https": 443}[server.scheme]
        self._manager = trace.get_tracer("sleeptalk", __version__).start_as_current_span(
            operation.id,
            kind=trace.SpanKind.CLIENT,
            attributes={
                "http.request.method": operation.method,
                "url.template": operation.path,
                "server.address": server.hostname,
                "server.port": port,
                "sleeptalk.service": operation.service,
                "sleeptalk.operation": operation.id,
            },
            record_exception=False,  # its message names ids
            set_status_on_exception=False,  # as does its status then
        )
        self._span: Any = None
        self._state: CallState[Any] | None = None

    def __enter__(self) -> Self:
        self._span = self._manager.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._state is not None:
            self._note(self._state)
        if kind is not None:  # a cancellation, arguments that cannot be sent, or the caller's own exception
            name = f"{kind.__module__}.{kind.__qualname__}"
            self._error(_name_of(error) if isinstance(error, CallFailed) else name.removeprefix("builtins."))
        self._manager.__exit__(kind, error, traceback)

    def follow(self, state: CallState[Any]) -> None:
        """Take the number of requests and the status of the last answer from `state`, however the call ends."""
        self._state = state

    def ended(self, result: Result[Any]) -> None:
        """Say how the call that was followed has ended."""
        if isinstance(result, Failure):
            status = None if self._state is None else self._state.status
            self._error(_name_of(result.error) if status is None or status < FIRST_ERROR else str(status))

    def _note(self, state: CallState[Any]) -> None:
        self._span.set_attribute("sleeptalk.attempts", state.attempts)
        if state.attempts > 1:
            self._span.set_attribute("http.request.resend_count", state.attempts - 1)
        if state.status is not None:
            self._span.set_attribute("http.response.status_code", state.status)

    def _error(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(self._trace.StatusCode.ERROR)


def _name_of(error: CallFailed) -> str:
    """Return the public name of an error."""
    return f"sleeptalk.errors.{type(error).__name__}"


def span_of(operation: Operation[Any], base_url: str) -> Span | None:
    """Return a span for a call of an operation, None where the program does not trace."""
    trace = sys.modules.get(API)
    return None if trace is None else Span(trace, operation, base_url)
