"""The relay: each connection of a client has one of its own to the server behind, and bytes pass as they come.

Only the Host header is another one, unless it is to be kept, and the path has the base path of the server before it.
As no two clients share a connection, nothing that one sends can become a part of what another one does, and nothing is
ever sent twice.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sleeptalk_contract.contract.address import host_and_port, redacted_url
from sleeptalk_contract.proxying.feed import What
from sleeptalk_contract.proxying.framing import FIRST_FINAL, SWITCHING, Head, Kind, Messages
from sleeptalk_contract.proxying.refusals import CONNECT_SECONDS, NO_ANSWER, Refusal, too_slow, unreachable

if TYPE_CHECKING:
    import ssl

    from sleeptalk_contract.proxying.feed import Feed

_LINGER_SECONDS: Final = 5.0
"""How long a client may go on sending, without a pause of this length, once the server has ended the connection."""
_NEXT_ADDRESS_SECONDS: Final = 0.25
_HIGH_WATER: Final = 256 * 1024
_AT_ONCE: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Of SO_LINGER: a connection that is closed is reset."""


class Relay:
    """What all connections share. `passed` counts requests that were passed on, `unseen` those the judge never sees.

    A request of which no answer has begun after `patience` seconds is answered 504; None to wait for as long as the
    client does.
    """

    def __init__(
        self,
        to: str,
        feed: Feed,
        tls: ssl.SSLContext | None = None,
        *,
        keep_host: bool = False,
        patience: float | None = None,
    ) -> None:
        parts = urlsplit(to)
        self.where = redacted_url(to)
        self.address = host_and_port(to)
        self.tls = tls if parts.scheme == "https" else None
        self.feed = feed
        self.patience = patience
        self.passed = 0
        self.unseen = 0
        self.connections: set[ClientSide] = set()
        self._host = None if keep_host else parts.netloc.rpartition("@")[2].encode()
        self._base = parts.path.rstrip("/").encode()
        self._numbers = 0

    def number(self) -> int:
        """Return a number for a new connection."""
        self._numbers += 1
        return self._numbers % 2**32

    def rewritten(self, raw: bytes, head: Head) -> bytes:
        """Return the head of a request as the server behind gets it."""
        line, _, rest = raw.partition(b"\r\n")
        if self._base and head.first[1].startswith(b"/"):
            line = b" ".join((head.first[0], self._base + head.first[1], head.first[2]))
        if self._host is not None:
            lines = rest.split(b"\r\n")
            for index, each in enumerate(lines):
                if each[:5].lower() == b"host:":
                    lines[index] = each[:5] + b" " + self._host
            rest = b"\r\n".join(lines)
        return line + b"\r\n" + rest

    def refuse_late(self) -> None:
        """Answer 504 where the server has had its time."""
        if self.patience is not None:
            moment = time.monotonic()
            for each in list(self.connections):
                each.refuse_late(moment, self.patience)


class _Side(asyncio.Protocol):
    """A connection of a client, or the one behind it. `transport` is None until it is made and once it is lost."""

    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(_HIGH_WATER)
        self.transport = transport

    def write(self, data: bytes) -> None:
        """Send some bytes."""
        if self.transport is not None and data:
            self.transport.write(data)

    def end(self) -> None:
        """Send no more, where the connection can say so; the other end may still send."""
        if self.transport is not None and self.transport.can_write_eof():
            with suppress(OSError):  # it has just been reset
                self.transport.write_eof()

    def pause(self) -> None:
        """Read no more, until the other side has read."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def close(self) -> None:
        """Close the connection, once what was written is sent."""
        if self.transport is not None:
            self.transport.close()

    def reset(self) -> None:
        """Close the connection as one that has failed, once what was written is sent."""
        if self.transport is not None:
            with suppress(OSError):
                own = self.transport.get_extra_info("socket")
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.transport.close()


class ClientSide(_Side):
    """The connection of a client."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._number = relay.number()
        self._upstream: UpstreamSide | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._early = bytearray()
        self._lingering: asyncio.TimerHandle | None = None
        self._asked_at = 0.0
        self._requests = Messages()
        self._answers = Messages(self._method)
        self._open: deque[tuple[bytes, bool]] = deque()
        """The method of each request that is not answered whole, and whether the judge sees it."""
        self._has_answered = False
        self._has_ended = False
        self._is_over = False
        self._is_seen = True
        self._is_known = False
        self._is_tunnel = False

    @property
    def is_awaiting(self) -> bool:
        """Whether a request has begun that is not answered whole."""
        return bool(self._open) and not self._answers.is_blind

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        super().connection_made(transport)
        self._relay.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Pass on what the client sends."""
        if self._is_over:
            self._linger()
            if self._upstream is not None:
                self._upstream.write(data)  # a server that sends no more may still read
        elif self._upstream is not None:
            self._pass_on(data)
        else:
            self._early += data
            if self._connecting is None:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            elif len(self._early) > _HIGH_WATER:
                self.pause()

    def eof_received(self) -> bool:
        """Take note that the client sends no more; it may still read."""
        self._has_ended = True
        if self._is_over:
            return False
        if self._upstream is not None:
            self._end_upstream()
        return self._upstream is not None or self._connecting is not None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Close the connection behind."""
        self._relay.connections.discard(self)
        self.transport = None
        if self._connecting is not None:
            self._connecting.cancel()
        if self._lingering is not None:
            self._lingering.cancel()
        if not self._is_over:
            self._over(What.CLIENT_CLOSED)
        if self._upstream is not None:
            self._upstream.close()

    def pause_writing(self) -> None:
        """Read no more from the server until the client has read."""
        if self._upstream is not None:
            self._upstream.pause()

    def resume_writing(self) -> None:
        """Read from the server again."""
        if self._upstream is not None:
            self._upstream.resume()

    def answered(self, data: bytes) -> None:
        """Pass on what the server sends."""
        self.write(data)
        if self._is_tunnel or self._is_over:
            return
        self._show(What.RESPONSE, data)
        for piece in self._answers.feed(data):
            if piece.kind is Kind.HEAD and self._answers.head is not None:
                if self._answers.head.status == SWITCHING:
                    self._dig()
            elif piece.kind is Kind.END and self._answers.head is not None:
                if self._answers.head.status >= FIRST_FINAL and self._open:
                    self._open.popleft()
                    self._has_answered = True
                    self._asked_at = time.monotonic()
            elif piece.kind is Kind.BLIND and not self._is_tunnel:
                self._forget()
        if self._has_ended and not self.is_awaiting and self._relay.tls is not None:
            self._end_upstream()

    def upstream_ended(self) -> bool:
        """Take note that the server sends no more, and return whether it may still read."""
        self._finish(What.UPSTREAM_CLOSED)
        return self._relay.tls is None and not self._has_ended and self._lingering is not None

    def upstream_lost(self, error: Exception | None) -> None:
        """End the connection as the server has ended it, with a 502 where it never answered over it."""
        self._upstream = None
        if not self._is_over:
            self._finish(What.UPSTREAM_CLOSED if error is None else What.UPSTREAM_FAILED)
        elif self._has_ended:
            self.close()

    def refuse_late(self, moment: float, patience: float) -> None:
        """Answer 504 where a request was made `patience` seconds before `moment` and nothing of an answer has come."""
        if self._is_over or not self._open or not self._answers.is_between or moment - self._asked_at < patience:
            return
        self._refuse(too_slow(patience))
        if self._upstream is not None:
            self._upstream.close()

    async def _connect(self) -> None:
        relay, loop = self._relay, asyncio.get_running_loop()
        host, port = relay.address
        name = host if relay.tls is not None else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, upstream = await loop.create_connection(
                    lambda: UpstreamSide(self),
                    host,
                    port,
                    ssl=relay.tls,
                    server_hostname=name,
                    happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
                    ssl_shutdown_timeout=None if relay.tls is None else _LINGER_SECONDS,
                )
        except (OSError, ValueError) as error:
            self._pieces(bytes(self._early))
            self._refuse(unreachable(error))
            return
        finally:
            self._connecting = None
        self._upstream = upstream
        early, self._early = bytes(self._early), bytearray()
        self.resume()
        self._pass_on(early)
        if self._has_ended:
            self._end_upstream()

    def _pass_on(self, data: bytes) -> None:
        assert self._upstream is not None
        self._upstream.write(data if self._is_tunnel else b"".join(self._pieces(data)))

    def _pieces(self, data: bytes) -> list[bytes]:
        """Return what the server behind gets for some bytes of the client, and show it to the judge."""
        found = []
        is_blind = self._requests.is_blind
        for piece in self._requests.feed(data):
            raw = piece.raw
            if piece.kind is Kind.HEAD and self._requests.head is not None:
                self._begin(self._requests.head)
                found.append(self._relay.rewritten(raw, self._requests.head))
            elif raw:
                found.append(raw)
            if piece.kind is Kind.BLIND:
                if not is_blind:  # one request is counted for all of it, as nobody knows how many they are
                    self._relay.passed += 1
                    self._relay.unseen += 1
                is_blind = True
            elif raw:
                self._show(What.REQUEST, raw)
        self._asked_at = time.monotonic()
        return found

    def _begin(self, head: Head) -> None:
        """Begin a request; the judge sees the connection again with it where that was left off for want of room."""
        if not self._open and self._answers.is_between and self._relay.feed.has_room:
            self._is_seen = True
        self._relay.passed += 1
        self._relay.unseen += not self._is_seen
        self._open.append((head.first[0], self._is_seen))

    def _dig(self) -> None:
        """Pass on another protocol, which follows the answer."""
        self._is_tunnel = True
        self._open.clear()
        if self._upstream is not None:
            self._upstream.write(self._requests.give_up())

    def _method(self) -> bytes:
        return self._open[0][0] if self._open else b""

    def _show(self, what: What, data: bytes) -> None:
        """Show some bytes to the judge: all of a request and its answer, or nothing."""
        if self._is_seen and not self._relay.feed.has_room:
            self._forget()
        if self._is_seen:
            self._is_known = True
            self._relay.feed.send(self._number, what, data)

    def _forget(self) -> None:
        """Let the judge forget what it has seen of requests that are not answered."""
        if self._is_seen:
            self._is_seen = False
            self._relay.feed.send(self._number, What.AGAIN)
            self._relay.unseen += sum(seen for _, seen in self._open)
            self._open = deque((method, False) for method, _ in self._open)

    def _end_upstream(self) -> None:
        """Tell the server that the client sends no more; by TLS, that is the end of the connection."""
        upstream = self._upstream
        assert upstream is not None
        if not self._is_tunnel:
            upstream.write(self._requests.give_up())
        if self._relay.tls is None:
            upstream.end()
        elif self._is_tunnel or not self.is_awaiting:
            self._over(What.CLIENT_CLOSED)
            upstream.close()
            self.close()

    def _finish(self, what: What) -> None:
        """End the connection as the server has, or say that it never answered.

        Once it has, a client is told no more than it would be without the proxy: it may then send a request again.
        """
        if self._open and self._answers.is_between and not self._has_answered:
            self._refuse(NO_ANSWER)
            return
        self._over(what)
        if what is What.UPSTREAM_FAILED:
            self.reset()
        else:
            self._leave()

    def _refuse(self, refusal: Refusal) -> None:
        """Give an answer of our own."""
        head_only = self._method() == b"HEAD"
        self._over(What.UPSTREAM_CLOSED)
        self.write(refusal.answer(self._relay.where, head_only=head_only))
        self._leave()

    def _leave(self) -> None:
        """Send no more, and read what the client still sends, as it would not read the answer otherwise."""
        if self.transport is None or self._has_ended:
            self.close()
            return
        self.end()
        self.resume()
        self._linger()

    def _linger(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
        self._lingering = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self.close)

    def _over(self, what: What) -> None:
        self._is_over = True
        self._open.clear()
        if self._is_known:
            self._relay.feed.send(self._number, what)


class UpstreamSide(_Side):
    """The connection to the server behind, for one connection of a client."""

    def __init__(self, client: ClientSide) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        """Pass on what the server sends."""
        self._client.answered(data)

    def eof_received(self) -> bool:
        """Tell the client that the server sends no more."""
        return self._client.upstream_ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection of the client."""
        self.transport = None
        self._client.upstream_lost(exc)

    def pause_writing(self) -> None:
        """Read no more from the client until the server has read."""
        self._client.pause()

    def resume_writing(self) -> None:
        """Read from the client again."""
        self._client.resume()
