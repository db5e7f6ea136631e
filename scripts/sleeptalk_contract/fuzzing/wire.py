"""HTTP/1.1 to one origin, bounded in time and size, and nothing else: no redirect, no proxy, no cookie.

A request is sent again only where a kept connection turns out to have been closed while it was idle.

A fuzzed server may do anything: answer 100 MB, drip one byte a second, close the connection. Whatever it does, a call
returns within its deadline with at most `limit` bytes in memory.
"""

import http.client
import threading
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from socket import SHUT_RDWR, create_connection, socket
from typing import Literal
from urllib.parse import urlsplit

import httpx

DEFAULT_LIMIT = 8 * 1024 * 1024
"""Bytes of a body that are read; what comes after is not waited for."""

_CHUNK = 64 * 1024
_WATCH_SECONDS = 0.05
_WINDOWS = {  # what zlib calls a content encoding; many a server sends deflate without the header that it should have
    "gzip": (zlib.MAX_WBITS | 16,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}
_STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)

Failure = Literal["timeout", "connection"]


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came back.

    `status` is None when no whole answer came; `failure` then says why. `headers` keep the server's order and case.
    `body` is decoded from gzip or deflate, where it really is that, and cut at the limit. `seconds` run from sending to
    the last byte.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    failure: Failure | None = None


class Wire:
    """One kept-alive connection to the origin of `url`.

    `timeout` is the deadline of a whole exchange in seconds: connecting, sending and reading. Not for use by several
    threads at once, except `abort`, which may be called from anywhere.
    """

    def __init__(self, url: str, timeout: float, limit: int = DEFAULT_LIMIT) -> None:
        self._origin = urlsplit(url)
        self._timeout = timeout
        self._limit = limit
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._expired = False
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="wire-watch", daemon=True).start()

    def exchange(self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> WireAnswer:
        """Send one request and read its answer.

        `path` is percent-encoded and carries the query. Never raises for what a server does. Raises ValueError for a
        request that HTTP cannot carry (a control character in a header).
        """
        started = time.monotonic()
        headers = tuple(headers)
        with self._lock:
            self._deadline, self._expired = started + self._timeout, False
        kept_alive = self._connection is not None
        try:
            try:
                return self._in_time(self._once(method, path, headers, body, started))
            except _STALE:
                # The server may close an idle connection whenever it likes; a fresh one that breaks says more.
                if not kept_alive or self._expired or self._closed.is_set():
                    raise
                self._drop()
                return self._in_time(self._once(method, path, headers, body, started))
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            expired = self._expired or isinstance(error, TimeoutError)
            failure: Failure = "timeout" if expired else "connection"
            return WireAnswer(None, (), b"", time.monotonic() - started, failure)
        finally:
            with self._lock:
                self._deadline = None

    def accepts_connections(self) -> bool:
        """Whether the origin still takes connections, whatever it does with requests."""
        port = self._origin.port or (443 if self._origin.scheme == "https" else 80)
        try:
            create_connection((self._origin.hostname or "", port), timeout=min(self._timeout, 1.0)).close()
        except OSError:
            return False
        return True

    def abort(self) -> None:
        """Cut the connection under whatever is waiting on it; the waiting exchange ends at once."""
        self._closed.set()
        self._shut()

    def close(self) -> None:
        """Give the connection back."""
        self._closed.set()
        self._drop()

    def _in_time(self, answer: WireAnswer) -> WireAnswer:
        """Refuse what was cut at the deadline, for a cut looks like the end of an answer. Raises TimeoutError."""
        if self._expired or self._closed.is_set():
            raise TimeoutError
        return answer

    def _once(
        self, method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes | None, started: float
    ) -> WireAnswer:
        connection = self._connect()
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", self._origin.netloc.rpartition("@")[2])
        for name, value in headers:
            connection.putheader(name, value.encode("latin-1"))
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content, complete = self._read(response)
        received = tuple(response.getheaders())
        if not complete or response.will_close:
            self._drop()
        encoding = (response.getheader("content-encoding") or "").strip().lower()
        decoded = self._decoded(content, encoding, complete=complete)
        return WireAnswer(response.status, received, decoded, time.monotonic() - started)

    def _read(self, response: http.client.HTTPResponse) -> tuple[bytes, bool]:
        """Read up to the limit; False when more was to come."""
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > self._limit:
                return b"".join(parts)[: self._limit], False
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()  # read to its end, so that the connection can carry the next request
        return b"".join(parts), True

    def _decoded(self, content: bytes, encoding: str, *, complete: bool) -> bytes:
        """Decode up to the limit; as it came where it is not what its encoding says, or where its end is missing."""
        for window in _WINDOWS.get(encoding, ()):
            decoder = zlib.decompressobj(window)
            try:
                decoded = decoder.decompress(content, self._limit)
                while decoder.unused_data and encoding == "gzip":  # one gzip member may follow another
                    rest, decoder = decoder.unused_data, zlib.decompressobj(window)
                    decoded += decoder.decompress(rest, max(1, self._limit - len(decoded)))
            except zlib.error:
                continue
            if decoder.eof or not complete or len(decoded) >= self._limit:
                return decoded
        return content

    def _connect(self) -> http.client.HTTPConnection:
        if self._connection is not None:
            return self._connection
        host, port = self._origin.hostname or "", self._origin.port
        if self._origin.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, timeout=self._timeout, context=httpx.create_ssl_context()
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self._timeout)
        connection.connect()
        with self._lock:
            self._connection = connection
        return connection

    def _drop(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _shut(self) -> None:
        connection = self._connection
        sock: socket | None = connection.sock if connection is not None else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)

    def _watch(self) -> None:
        """Cut exchanges that are past their deadline: a socket's own timeout starts again with every byte."""
        while not self._closed.wait(_WATCH_SECONDS):
            with self._lock:
                if self._deadline is not None and time.monotonic() > self._deadline:
                    self._expired = True
                    self._deadline = None
                    self._shut()
