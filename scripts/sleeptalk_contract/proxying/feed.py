"""The copy of the traffic that the process which judges gets: bounded, and never waited for."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

MOST_AHEAD: Final = 64 * 1024 * 1024
"""Bytes that may wait for the process that judges; what finds no room is passed on unseen."""

FRAME: Final = struct.Struct(">IBdI")
"""The number of the connection, what it is, when (seconds since 1970), and how many bytes follow."""

_FRAME_SIZE: Final = 200
"""Bytes that a frame without its payload takes while it waits."""
_AT_ONCE: Final = 256 * 1024
_FLUSH_SECONDS: Final = 0.005
_READ: Final = 1024 * 1024


class What(IntEnum):
    """What a frame says of a connection, or of all."""

    REQUEST = 0
    RESPONSE = 1
    CLIENT_CLOSED = 2
    UPSTREAM_CLOSED = 3
    UPSTREAM_FAILED = 7
    """the server has reset it"""
    AGAIN = 4
    """what came over it is to be forgotten; it is seen again from the beginning of a request on, if at all"""
    REPORT = 5
    """a report is wanted now"""
    END = 6
    """nothing follows; how many requests were passed on in all, as JSON"""


class Feed(asyncio.Protocol):
    """Sends frames to the process that judges. What it sends back is `status`: how many exchanges, and rules broken.

    What waits is kept here, as asking the transport how much waits in it takes the longer the more that is.
    """

    def __init__(self, most_ahead: int = MOST_AHEAD) -> None:
        self._most = most_ahead
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[bytes, bytes]] = deque()
        self._size = 0
        self._is_paused = False
        self._flush: asyncio.TimerHandle | None = None
        self._line = b""
        self.status: dict[str, Any] = {"seen": 0, "broken": 0}
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to send."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(_AT_ONCE)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Take note that the process has ended: nothing is sent any more."""
        self._transport = None
        self._waiting.clear()
        self._size = 0
        self.ended.set()

    def pause_writing(self) -> None:
        """Keep what is to be sent until the process has read."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Send again."""
        self._is_paused = False
        self.flush()

    def data_received(self, data: bytes) -> None:
        """Read how far the judging has come."""
        *lines, self._line = (self._line + data).split(b"\n")
        if lines:
            self.status = json.loads(lines[-1])

    @property
    def has_room(self) -> bool:
        """Whether more may be sent."""
        return self._transport is not None and self._size < self._most

    def send(self, connection: int, what: What, payload: bytes = b"") -> None:
        """Send a frame, even where there is no room: see `has_room`."""
        if self._transport is None:
            return
        self._waiting.append((FRAME.pack(connection, what, time.time(), len(payload)), payload))
        self._size += _FRAME_SIZE + len(payload)
        if self._flush is None and not self._is_paused:
            self._flush = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Hand over what waits, as much as the process reads."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        while self._waiting and not self._is_paused and self._transport is not None:
            some: list[bytes] = []
            size = 0
            while self._waiting and size < _AT_ONCE:
                frame = self._waiting.popleft()
                some += frame
                size += _FRAME_SIZE + len(frame[1])
            self._size -= size
            self._transport.write(b"".join(some))


def frames(connection: socket.socket) -> Iterator[tuple[int, What, float, bytes] | None]:
    """Yield what comes over a socket until its end; None where all that came was yielded, before it waits for more."""
    buffer = bytearray()
    while True:
        start = 0
        while len(buffer) - start >= FRAME.size:
            number, what, when, size = FRAME.unpack_from(buffer, start)
            if len(buffer) - start < FRAME.size + size:
                break
            payload = bytes(buffer[start + FRAME.size : start + FRAME.size + size])
            start += FRAME.size + size
            yield number, What(what), when, payload
        del buffer[:start]
        yield None
        try:
            data = connection.recv(_READ)
        except OSError:
            return
        if not data:
            return
        buffer += data
