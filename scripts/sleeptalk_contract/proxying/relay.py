"""The relay: each connection of a client has one of its own to the server behind, and bytes pass as they come.

Only the Host header is another one, unless it is to be kept, and the path has the base path of the server before it.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sleeptalk_contract.contract.address import host_and_port, redacted_url
from sleeptalk_contract.proxying.feed import What
from sleeptalk_contract.proxying.framing import Head, Kind, Messages

if TYPE_CHECKING:
    import ssl

    from sleeptalk_contract.proxying.feed import Feed

CONNECT_SECONDS: Final = 10.0
_LINGER_SECONDS: Final = 2.0
_HIGH_WATER: Final = 256 * 1024


class Relay:
    """What all connections share. `passed` counts the requests that were passed on."""

    def __init__(self, to: str, feed: Feed, tls: ssl.SSLContext | None = None, *, keep_host: bool = False) -> None:
        parts = urlsplit(to)
        self.to = to
        self.address = host_and_port(to)
        self.tls = tls if parts.scheme == "https" else None
        self.feed = feed
        self.host = None if keep_host else parts.netloc.rpartition("@")[2].encode()
        self.base = parts.path.rstrip("/").encode()
        self.passed = 0
        self.connections: set[ClientSide] = set()
        self._numbers = 0

    def number(self) -> int:
        """Return a number for a new connection."""
        self._numbers += 1
        return self._numbers % 2**32

    def rewritten(self, raw: bytes, head: Head) -> bytes:
        """Return the head of a request as the server behind gets it."""
        line, _, rest = raw.partition(b"\r\n")
        if self.base and head.first[1].startswith(b"/"):
            line = b" ".join((head.first[0], self.base + head.first[1], head.first[2]))
        if self.host is not None:
            lines = rest.split(b"\r\n")
            for index, each in enumerate(lines):
                if each[:5].lower() == b"host:":
                    lines[index] = each[:5] + b" " + self.host
            rest = b"\r\n".join(lines)
        return line + b"\r\n" + rest


class _Side(asyncio.Protocol):
    """A connection of a client, or the one behind it. `_transport` is None until it is made and once it is lost."""

    _transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(_HIGH_WATER)
        self._transport = transport

    def pause(self) -> None:
        """Read no more, until the other side has read."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


class ClientSide(_Side):
    """The connection of a client."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._number = relay.number()
        self._upstream: UpstreamSide | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._early = bytearray()
        self._has_ended = False
        self._messages = Messages()
        self._method = b""
        self._is_seen = True
        self._is_blind = False
        self._is_over = False
        self.is_awaiting = False
        """whether a request has begun of which no byte of an answer has come"""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        super().connection_made(transport)
        self._relay.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Pass on what the client sends."""
        if self._is_over:
            return
        if self._upstream is not None:
            self._pass_on(data)
            return
        self._early += data
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
        elif self._transport is not None and len(self._early) > _HIGH_WATER:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Take note that the client sends no more; it may still read."""
        self._has_ended = True
        if self._upstream is not None:
            self._upstream.end()
        return self._upstream is not None or self._connecting is not None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Close the connection behind."""
        self._relay.connections.discard(self)
        self._transport = None
        if self._connecting is not None:
            self._connecting.cancel()
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
        self.is_awaiting = False
        if self._transport is not None:
            self._transport.write(data)
        self._show(What.RESPONSE, data)

    def upstream_lost(self, error: Exception | None) -> None:
        """End the connection as the server has ended it, with a 502 where it has not answered at all."""
        if self._is_over:
            return
        is_awaiting = self.is_awaiting
        self._over(What.UPSTREAM_CLOSED)
        if self._transport is None:
            return
        if is_awaiting:
            self._refuse("closed the connection without an answer")
        elif error is not None:
            self._transport.abort()
        else:
            self._transport.close()

    async def _connect(self) -> None:
        relay, loop = self._relay, asyncio.get_running_loop()
        host, port = relay.address
        name = host if relay.tls is not None else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, upstream = await loop.create_connection(
                    lambda: UpstreamSide(self), host, port, ssl=relay.tls, server_hostname=name
                )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or (
                f"not within {CONNECT_SECONDS:g} s" if isinstance(error, TimeoutError) else str(error)
            )
            for _ in self._pieces(bytes(self._early)):
                pass
            self._over(What.UPSTREAM_CLOSED)
            self._refuse(f"cannot be reached ({reason})")
            return
        finally:
            self._connecting = None
        self._upstream = upstream
        early, self._early = bytes(self._early), bytearray()
        self._pass_on(early)
        self.resume()
        if self._has_ended:
            upstream.end()

    def _pass_on(self, data: bytes) -> None:
        assert self._upstream is not None
        self._upstream.write(b"".join(self._pieces(data)))

    def _pieces(self, data: bytes) -> list[bytes]:
        """Return what the server behind gets for some bytes of the client, and show it to the judge."""
        found = []
        for piece in self._messages.feed(data):
            raw = piece.raw
            if piece.kind is Kind.HEAD:
                assert self._messages.head is not None
                self._begin(self._messages.head)
                found.append(self._relay.rewritten(raw, self._messages.head))
            else:
                found.append(raw)
                if piece.kind is Kind.BLIND and not self._is_blind:
                    self._is_blind = True
                    self._relay.passed += 1  # of what is not understood, nothing more can be counted
            if raw:
                self._show(What.REQUEST, raw)
        return found

    def _begin(self, head: Head) -> None:
        """Begin a request, and show the connection to the judge again where that was left off for want of room."""
        self._relay.passed += 1
        self._method = head.first[0]
        if not self._is_seen and not self.is_awaiting and self._relay.feed.has_room:
            self._is_seen = True
            self._relay.feed.send(self._number, What.AGAIN)
        self.is_awaiting = True

    def _show(self, what: What, data: bytes) -> None:
        if self._is_seen and not self._relay.feed.has_room:
            self._is_seen = False  # all of a request and its answer, or nothing
        if self._is_seen:
            self._relay.feed.send(self._number, what, data)

    def _over(self, what: What) -> None:
        self._is_over = True
        self.is_awaiting = False
        self._relay.feed.send(self._number, what)

    def _refuse(self, why: str) -> None:
        """Answer 502, and read what the client still sends, so that it reads the answer."""
        transport = self._transport
        if transport is None:
            return
        body = json.dumps({"detail": f"sleeptalk proxy: {redacted_url(self._relay.to)} {why}."}).encode()
        head = (
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        transport.write(head.encode() + (b"" if self._method == b"HEAD" else body))
        if transport.can_write_eof():
            transport.write_eof()
        self.resume()
        asyncio.get_running_loop().call_later(_LINGER_SECONDS, transport.close)


class UpstreamSide(_Side):
    """The connection to the server behind, for one connection of a client."""

    def __init__(self, client: ClientSide) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        """Pass on what the server sends."""
        self._client.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the connection of the client."""
        self._transport = None
        self._client.upstream_lost(exc)

    def pause_writing(self) -> None:
        """Read no more from the client until the server has read."""
        self._client.pause()

    def resume_writing(self) -> None:
        """Read from the client again."""
        self._client.resume()

    def write(self, data: bytes) -> None:
        """Send some bytes."""
        if self._transport is not None and data:
            self._transport.write(data)

    def end(self) -> None:
        """Send no more, where the connection can say so."""
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()
