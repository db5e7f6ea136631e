"""What is beneath the HTTP library: the network backends of httpcore, and the private parts of its pools.

This is the one module that imports httpcore and reaches into private attributes, of httpx (`_transport`, `_mounts`,
`_pool`, `_httpcore_stream`) and of httpcore 1.0 (`_network_backend`, `_max_connections`, `_requests`, `_connections`,
`_assign_requests_to_connections`, `_close_connections`, `_connection`, `_stream`, `_response_closed`, `_h11_state`,
`_network_stream`), and into the buffers of network streams. pyproject.toml bounds both from above, and tests over real
sockets show that it works. httpcore takes a network backend, but httpx does not pass one on:
https://github.com/encode/httpx/pull/3749

The deadline of a sync call. httpx bounds each read from a socket, so that a server that sends its headers byte by byte
can hold a call for as long as it likes: https://github.com/encode/httpx/issues/1450. The HTTP clients that we make
ourselves read from sockets whose every wait ends at the deadline of the call that runs in the present context. What
cannot be cut short is the resolution of a name: the resolver has its own timeout. An injected client keeps its own
network code: there each address of a host, and each read of an answer's head, has all the time that was left at the
beginning of the request.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import anyio
import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    import httpx

    from sleeptalk.runtime.clock import Deadline

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]

CLEANING = 1.0  # seconds after which httpcore looks through all connections itself
BODILESS = frozenset({204, 304})

_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Bound the network operations of the block by the deadline."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _limited(timeout: float | None, expired: type[Exception]) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    if deadline.passed:
        raise expired
    return deadline.limit(timeout)


class BoundedBackend(httpcore.NetworkBackend):
    """Opens connections that obey the deadline of the present context."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect within the deadline, to the first of the host's addresses that answers."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _addresses(host, port):  # one by one, or each would be given the whole time
            limited = _limited(timeout, httpcore.ConnectTimeout)
            try:
                return BoundedStream(self._backend.connect_tcp(address, port, limited, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    return [socket.getnameinfo(address, numeric)[0] for *_, address in found]


class BoundedStream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline of the present context."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self.close = stream.close  # type: ignore[method-assign]  # as it is
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]  # as it is

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, or wait for it within the deadline."""
        deadline = _deadline.get()
        longest = None if deadline is None else deadline.longest_wait
        while True:
            limited = _limited(timeout, httpcore.ReadTimeout)
            if longest is None or (limited is not None and limited <= longest):
                return self._stream.read(max_bytes, limited)
            try:
                return self._stream.read(max_bytes, longest)
            except httpcore.ReadTimeout:
                if timeout is not None:
                    timeout -= longest

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the deadline."""
        self._stream.write(buffer, _limited(timeout, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Do the TLS handshake within the deadline."""
        limited = _limited(timeout, httpcore.ConnectTimeout)
        return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, limited))


class AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections that are closed when their TLS handshake fails or is cancelled.

    httpcore leaves the TCP connection open until it is collected as garbage:
    https://github.com/encode/httpcore/pull/475
    """

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Connect."""
        return AsyncStream(await self._backend.connect_tcp(*arguments, **options))


class AsyncStream(httpcore.AsyncNetworkStream):
    """A connection that is closed when its TLS handshake fails or is cancelled."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self.read = stream.read  # type: ignore[method-assign]  # as it is
        self.write = stream.write  # type: ignore[method-assign]  # as it is
        self.aclose = stream.aclose  # type: ignore[method-assign]  # as it is
        self.get_extra_info = stream.get_extra_info  # type: ignore[method-assign]  # as it is

    async def start_tls(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Do the TLS handshake; close the connection where it fails."""
        try:
            return AsyncStream(await self._stream.start_tls(*arguments, **options))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise


def wrap_network(client: httpx.Client | httpx.AsyncClient, wrap: Callable[[Any], Any]) -> None:
    """Replace the network backend of each of the client's connection pools, those of proxies included."""
    for pool in _pools(client):
        pool._network_backend = wrap(pool._network_backend)  # noqa: SLF001  # see above


def assign_each_once(client: httpx.Client | httpx.AsyncClient) -> None:
    """Assign each request of a client that we have made to a connection of its own.

    httpcore 1.0 assigns one idle connection to every request that waits, of which all but one try again, and asks the
    system about each idle connection every time: with fifty calls at once, that takes longer than the calls.
    """
    for pool in _pools(client):
        pool._assign_requests_to_connections = _Assigner(pool)  # noqa: SLF001  # see above


class _Assigner:
    """Does what `_assign_requests_to_connections` of a pool does, and looks only at connections that it may use."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._clean_up: Callable[[], list[Any]] = pool._assign_requests_to_connections  # noqa: SLF001  # see above
        self._cleaned = time.monotonic()

    def __call__(self) -> list[Any]:
        """Assign connections, and return those to close."""
        if time.monotonic() - self._cleaned > CLEANING:
            self._cleaned = time.monotonic()
            return self._clean_up()
        requests, connections = self._pool._requests, self._pool._connections  # noqa: SLF001  # see above
        used = {request.connection for request in requests}
        for connection in [each for each in connections if each.is_closed() and each not in used]:
            connections.remove(connection)
        idle = [connection for connection in connections if connection not in used and connection.is_idle()]
        closing: list[Any] = []
        for request in requests:
            if request.is_queued():
                connection = self._connection(request.request.url.origin, idle, closing)
                if connection is not None:
                    request.assign_to_connection(connection)
        return closing

    def _connection(self, origin: Any, idle: list[Any], closing: list[Any]) -> Any:
        """Return the idle connection that was used last, or a new one; None where there is no room for one."""
        connections = self._pool._connections  # noqa: SLF001  # see above
        for connection in reversed([each for each in idle if each.can_handle_request(origin)]):
            idle.remove(connection)
            if not connection.has_expired():
                return connection
            connections.remove(connection)
            closing.append(connection)
        if len(connections) >= self._pool._max_connections:  # noqa: SLF001  # see above
            if not idle:
                return None
            closing.append(idle[0])
            connections.remove(idle.pop(0))
        connections.append(self._pool.create_connection(origin))
        return connections[-1]


def most_connections(client: httpx.Client | httpx.AsyncClient) -> int:
    """Return how many connections the client's pools have, the smallest of them; no pool is no limit."""
    sizes: list[int] = [pool._max_connections for pool in _pools(client)]  # noqa: SLF001  # see above
    return min(sizes, default=sys.maxsize)


async def drop_lost_connections(client: httpx.AsyncClient) -> None:
    """Close the connections that no request uses and none can get.

    httpcore keeps one for ever where a request is cancelled between connecting and sending:
    https://github.com/encode/httpcore/issues/1093
    """
    for pool in _pools(client):
        if not isinstance(pool, httpcore.AsyncConnectionPool):
            continue
        used = [request.connection for request in pool._requests]  # noqa: SLF001  # see above
        lost = [
            connection
            for connection in pool.connections
            if connection not in used
            and not (connection.is_available() or connection.is_idle() or connection.is_closed())
        ]
        for connection in lost:
            pool._connections.remove(connection)  # noqa: SLF001  # see above
        if lost:  # a request may wait for the place of one of them
            closing = pool._assign_requests_to_connections()  # noqa: SLF001  # see above
            await pool._close_connections(lost + closing)  # noqa: SLF001  # see above


class _Cleaner:
    """A connection that is closed where bytes are left over after an answer: the next call would read them as its own.

    httpcore gives such a connection back: it looks for bytes in the socket alone, not in what has been read from it.
    """

    doubtful = False
    """Whether it is unclear where the last answer ends."""

    _h11_state: Any
    _network_stream: Any

    def _is_clean(self) -> bool:
        return not (self.doubtful or self._h11_state.trailing_data[0] or _has_unread(self._network_stream))


class CleanConnection(_Cleaner, httpcore.HTTP11Connection):
    """A sync connection that nobody gets after an answer with something left over."""

    def _response_closed(self) -> None:
        if self._is_clean():
            super()._response_closed()
        else:
            self.close()


class AsyncCleanConnection(_Cleaner, httpcore.AsyncHTTP11Connection):
    """An async connection that nobody gets after an answer with something left over."""

    async def _response_closed(self) -> None:
        if self._is_clean():
            await super()._response_closed()
        else:
            await self.aclose()


def keep_clean(client: httpx.Client | httpx.AsyncClient) -> None:
    """Close each connection of the client's pools on which something is left over after an answer.

    This also covers the requests of the client's own authentication, and those whose body a hook reads.
    """
    for pool in _pools(client):
        if isinstance(pool, httpcore.ConnectionPool) and "handle_request" not in vars(pool):
            pool.handle_request = _cleaning(pool.handle_request)  # type: ignore[method-assign,assignment]  # of this pool alone
        elif isinstance(pool, httpcore.AsyncConnectionPool) and "handle_async_request" not in vars(pool):
            pool.handle_async_request = _cleaning_async(pool.handle_async_request)  # type: ignore[method-assign,assignment]  # as above


def close_after(response: httpx.Response) -> None:
    """Close the connection of an answer once it is read, if anything is left over by then.

    It does what `keep_clean` cannot for an injected client whose transport wraps another one, or was mounted later.
    """
    _watch(response.stream, response.status_code, response.headers.raw)


def _cleaning(send: Callable[[httpcore.Request], httpcore.Response]) -> Callable[[httpcore.Request], httpcore.Response]:
    def handle_request(request: httpcore.Request) -> httpcore.Response:
        response = send(request)
        _watch(response.stream, response.status, response.headers)
        return response

    return handle_request


def _cleaning_async(
    send: Callable[[httpcore.Request], Awaitable[httpcore.Response]],
) -> Callable[[httpcore.Request], Awaitable[httpcore.Response]]:
    async def handle_async_request(request: httpcore.Request) -> httpcore.Response:
        response = await send(request)
        _watch(response.stream, response.status, response.headers)
        return response

    return handle_async_request


def _watch(stream: object, status: int, headers: RawHeaders) -> None:
    """Make the connection beneath an answer's stream a clean one; any other kind of stream is left alone."""
    connection: Any = None
    while stream is not None and connection is None:
        connection = getattr(stream, "_connection", None)
        stream = getattr(stream, "_stream", None) or getattr(stream, "_httpcore_stream", None)
    if type(connection) is httpcore.HTTP11Connection:
        connection.__class__ = CleanConnection
    elif type(connection) is httpcore.AsyncHTTP11Connection:
        connection.__class__ = AsyncCleanConnection
    if isinstance(connection, _Cleaner):
        connection.doubtful = _is_doubtful(status, headers)


def _is_doubtful(status: int, headers: RawHeaders) -> bool:
    """Return whether an answer announces its length twice, or a body that it cannot have (RFC 9112, 6.3)."""
    named = {name.lower(): value.strip() for name, value in headers}
    chunked = b"transfer-encoding" in named
    length = named.get(b"content-length")
    if status in BODILESS:
        return chunked or length not in (None, b"0")
    return chunked and length is not None


def _has_unread(stream: Any) -> bool:
    """Return whether bytes wait above the socket: in the buffers of TLS, or in the queue of asyncio's protocol."""
    while stream is not None:
        buffers = (getattr(stream, name, None) for name in ("_read_bio", "_incoming"))
        if any(buffer is not None and buffer.pending for buffer in buffers):
            return True
        if getattr(getattr(stream, "_protocol", None), "read_queue", None):
            return True
        stream = getattr(stream, "_stream", None) or getattr(stream, "transport_stream", None)
    return False


def _pools(client: httpx.Client | httpx.AsyncClient) -> Iterator[Any]:
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see above
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield pool
