"""HTTP/1.1 to one origin, bounded in time and size, and nothing else: no redirect, no cookie, a proxy if it is named.

A request is sent again only where a kept connection turns out to have been closed while it was idle.

A fuzzed server may do anything: answer 100 MB, drip one byte a second, close the connection. In every case, a call
returns within its deadline with at most `limit` bytes in memory. The connections, the deadline and the body are those
of our own clients, under httpcore. h11 sends every method, path and header that runs of the fuzzer make. What it
refuses to read counts as a dropped connection, for no client that is built on httpx can read it either: a NUL in a
header's value, a space in its name, two different lengths, and any transfer-encoding but "chunked", once.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import httpcore

from sleeptalk.runtime.bodies import BodyReader, TooLargeError, UndecodableError
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.network import BoundedBackend, within
from sleeptalk_contract.contract.access import Access
from sleeptalk_contract.contract.address import host_and_port, without_userinfo
from sleeptalk_contract.contract.exchange import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of a body that are read; what comes after is not waited for."""

_CHUNK: Final = 1000
"""The bytes of one chunk, where a body is sent in chunks."""

_CONNECTED: Final = frozenset(
    {"connection.connect_tcp.complete", "connection.start_tls.complete", "proxy.start_tls.complete"}
)

_CLOSED: Final = "peer closed connection"
"""What h11 says of a body that is shorter than its length, or without a last chunk."""


class Wire:
    """One kept-alive connection to the origin of `url`, through the proxy of `access` if it names one.

    `timeout` is the deadline of a whole exchange in seconds: connecting, sending and reading. `error` is why the last
    exchange got no whole answer, None where it got one. Not for use by several threads at once, except `abort`, which
    may be called from anywhere.
    """

    def __init__(self, url: str, timeout: float, limit: int = DEFAULT_LIMIT, access: Access | None = None) -> None:
        parts = urlsplit(url)
        self._host, self._port = host_and_port(url)
        self._scheme = parts.scheme
        self._host_header = parts.netloc.rpartition("@")[2]
        self._timeout = timeout
        self._limit = limit
        self._access = access or Access()
        self._first_stop = self._access.first_stop(url)
        self._pool = _pool(parts.scheme, self._access)
        self.error: Exception | None = None
        self._stream: httpcore.NetworkStream | None = None
        self._connected = False
        self._begun = False
        self._closed = False

    def exchange(self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> Answer:
        """Send one request and read its answer.

        `path` is percent-encoded and carries the query. Never raises for what a server does. Raises ValueError for a
        request that HTTP cannot carry (a control character in a header).
        """
        started = time.monotonic()
        request = self._request(method, path, headers, body)
        deadline = Deadline(self._timeout)
        self._connected = self._begun = False
        self.error = None
        try:
            with within(deadline):
                try:
                    answer = self._once(request, started)
                except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
                    # The server may close an idle connection at any time; a failure on a fresh one is meaningful.
                    if self._connected or self._begun or self._closed or deadline.passed or not _is_stale(error):
                        raise
                    answer = self._once(request, started)
        except httpcore.LocalProtocolError as error:
            raise ValueError(f"HTTP cannot carry the path or a header: {error}") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.ProxyError,
            httpcore.TimeoutException,
        ) as error:
            self.error = error
            expired = self._closed or isinstance(error, httpcore.TimeoutException)
            return self._failed("timeout" if expired else "connection", started)
        if self._closed:  # a cut looks like the end of an answer that ends with its connection
            return self._failed("timeout", started)
        return answer

    def accepts_connections(self) -> bool:
        """Whether the origin, or the proxy before it, still accepts connections, even if it answers no requests."""
        try:
            socket.create_connection(self._first_stop, timeout=min(self._timeout, 1.0)).close()
        except OSError:
            return False
        return True

    def abort(self) -> None:
        """Cut the connection; an exchange that waits on it ends at once."""
        self._closed = True
        self._cut()

    def close(self) -> None:
        """Close the connection."""
        self._closed = True
        self._pool.close()

    def _request(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None
    ) -> httpcore.Request:
        """Return a request whose path and headers are sent verbatim. Raises ValueError for what is not Latin-1.

        A body whose headers name a transfer-encoding is sent in chunks, any other with its length.
        """
        fields = self._access.with_headers([("Host", self._host_header), *headers])
        content: bytes | list[bytes] | None = body
        if body is not None and any(name.lower() == "transfer-encoding" for name, _ in fields):
            content = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
        elif body is not None:
            fields.append(("Content-Length", str(len(body))))
        return httpcore.Request(
            method.encode("ascii"),
            httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=path.encode("ascii")),
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields],
            content=content,
            extensions={"trace": self._trace},
        )

    def _once(self, request: httpcore.Request, started: float) -> Answer:
        response = self._pool.handle_request(request)
        self._begun = True
        try:
            content = BodyReader(self._limit, "")
            complete, ended_early = True, ""
            try:
                for piece in response.iter_stream():
                    content.feed(piece)
            except TooLargeError:
                complete = False
            except (httpcore.ReadError, httpcore.RemoteProtocolError) as error:
                ended_early = "" if self._closed else _early_end(response, len(content.so_far), error)
                if not ended_early:
                    raise
                self.error = error
                complete = False
        finally:
            response.close()
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        encoding = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
        decoded = self._decoded(content.so_far, encoding, complete=complete)
        body, cut = (content.so_far, not complete) if decoded is None else decoded
        cut = cut and not ended_early
        version = response.extensions.get("http_version", b"").decode("ascii", "replace")
        return Answer(
            response.status,
            headers,
            body,
            time.monotonic() - started,
            cut=cut,
            version=version,
            encoded=decoded is None,
            ended_early=ended_early,
        )

    def _decoded(self, content: bytes, encoding: str, *, complete: bool) -> tuple[bytes, bool] | None:
        """Decode up to the limit, and return whether there is more.

        None where the body is not what its encoding says, where its end is missing, and where it has an encoding that
        our own clients do not ask for.
        """
        with suppress(UndecodableError):
            body = BodyReader(self._limit, encoding)
            with suppress(TooLargeError):
                body.feed(content)
                return (body.finish(), False) if complete else (body.so_far, True)
            return body.so_far, True
        return None

    def _failed(self, failure: Literal["timeout", "connection"], started: float) -> Answer:
        return Answer(None, (), b"", time.monotonic() - started, failure)

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep hold of a connection as soon as it is there, so that it can be cut."""
        if event in _CONNECTED:
            self._connected = True
            self._stream = info["return_value"]
            if self._closed:
                self._cut()

    def _cut(self) -> None:
        sock = None if self._stream is None else self._stream.get_extra_info("socket")
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _pool(scheme: str, access: Access) -> httpcore.ConnectionPool:
    """Return a pool of one connection to an origin of this scheme."""
    context = access.context() if scheme == "https" else None
    backend: Any = BoundedBackend(httpcore.SyncBackend(), httpcore)
    if access.proxy is None:
        return httpcore.ConnectionPool(ssl_context=context, max_connections=1, network_backend=backend)
    return httpcore.HTTPProxy(
        without_userinfo(access.proxy),
        proxy_auth=access.proxy_credentials,
        proxy_ssl_context=access.context() if access.proxy.lower().startswith("https:") else None,
        ssl_context=context,
        max_connections=1,
        network_backend=backend,
    )


def _early_end(response: httpcore.Response, received: int, error: Exception) -> str:
    """Return how far a body came whose connection was closed, in words; "" where it broke in another way."""
    lengths = [value.decode("latin-1") for name, value in response.headers if name.lower() == b"content-length"]
    if isinstance(error, httpcore.RemoteProtocolError) and _CLOSED not in str(error):
        return ""
    if lengths and lengths[0].strip().isdecimal():
        return f"ended after {received} of {int(lengths[0])} bytes"
    return f"ended after {received} bytes, before its last chunk"


def _is_stale(error: Exception) -> bool:
    """Whether the connection ended before an answer began: what h11 objects to is the cause of its error."""
    return isinstance(error, httpcore.NetworkError) or error.__cause__ is None
