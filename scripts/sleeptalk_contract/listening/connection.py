"""The connections of senders: a bounded number at once, each with a deadline for the head of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

MOST_CONNECTIONS: Final = 256

HEAD_LIMIT: Final = 64 * 1024
"""Bytes; a head of which more has come without its end is answered 400."""

HEAD_SECONDS: Final = 10.0

_FULL: Final = b'{"detail": "Too many connections are open at once."}'
_LATE: Final = b'{"detail": "The head of the request did not come whole in time."}'


class Connection(H11Protocol):
    """One connection. uvicorn bounds neither their number nor the seconds that a head may take.

    `noted` is given each refusal as what was answered and why.
    """

    most: ClassVar[int] = MOST_CONNECTIONS
    head_seconds: ClassVar[float] = HEAD_SECONDS
    noted: ClassVar[Callable[[str], None]]

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, or answer 503 where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(503, _FULL, "503, for too many connections are open at once")
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take some bytes."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on with what the sender has sent meanwhile."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Let the time run while a head is awaited: from the connection on, later from the first byte of the next.

        Between requests uvicorn's own time for idle connections runs.
        """
        begun = self.cycle is None or bool(self.conn.trailing_data[0])
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE or not begun:
            self._unwatch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.head_seconds, self._end_late)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end_late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(408, _LATE, f"408, for the head of a request did not come within {self.head_seconds:g} s")

    def _refuse(self, status: int, body: bytes, note: str) -> None:
        headers = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
        events = (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()
        type(self).noted(note)


def bounded(noted: Callable[[str], None], **bounds: Any) -> type[Connection]:
    """Return the class of a server's connections; `bounds` replace `most` and `head_seconds`."""
    return type("BoundedConnection", (Connection,), {"noted": staticmethod(noted), **bounds})
