"""What is beneath the HTTP library: the private parts of its connection pools.

This is the one module that reaches into private attributes, of httpx and httpx2 (`_transport`, `_mounts`, `_pool`,
`_httpcore_stream`) and of httpcore 1.0 and httpcore2 (`_network_backend`, `_max_connections`,
`_max_keepalive_connections`, `_http2`, `_requests`, `_connections`, `_assign_requests_to_connections`,
`_close_connections`, `_connection`, `_stream`, `_response_closed`, `_h11_state`, `_network_stream`), and into the
buffers of network streams. pyproject.toml bounds them from above, and tests over real sockets show that it works.
httpcore takes a network backend, but httpx does not pass one on: https://github.com/encode/httpx/pull/3749
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]

CLEANING = 1.0  # seconds after which httpcore looks through all connections itself
BODILESS = frozenset({204, 304})
CORES = frozenset({"httpcore", "httpcore2"})


@cache
def module_of(kind: Any, among: frozenset[str]) -> Any:
    """Return the module, one of these names, that a class belongs to or is derived from; None for any other class."""
    names = (base.__module__.partition(".")[0] for base in kind.__mro__)
    return next((sys.modules[name] for name in names if name in among), None)


def _core_of(pool: object) -> Any:
    """Return the module that a pool comes from, httpcore or httpcore2; None for anything else."""
    kind: Any = type(pool)
    return module_of(kind, CORES)


def wrap_network(client: Any, wrap: Callable[[Any, Any], Any]) -> None:
    """Replace the network backend of each of the client's connection pools, those of proxies included."""
    for pool in _pools(client):
        pool._network_backend = wrap(pool._network_backend, _core_of(pool))  # noqa: SLF001  # see above


def assign_each_once(client: Any) -> None:
    """Let each request of a client that waits be assigned to a connection of its own.

    httpcore 1.0 assigns one idle connection to every request that waits, of which all but one try again, and both it
    and httpcore2 ask the system about each idle connection every time: with fifty calls at once, that takes longer than
    the calls.
    """
    for pool in _pools(client):
        assigner = getattr(pool, "_assign_requests_to_connections", None)
        if _core_of(pool) is None or isinstance(assigner, _Assigner) or pool._http2:  # noqa: SLF001  # see above
            continue
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
        for connection in idle[: max(0, len(idle) - self._pool._max_keepalive_connections)]:  # noqa: SLF001  # see above
            connections.remove(connection)
            closing.append(connection)
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


def most_connections(client: Any) -> int:
    """Return how many connections the client's pools have, the smallest of them; no pool is no limit."""
    sizes: list[int] = [pool._max_connections for pool in _pools(client)]  # noqa: SLF001  # see above
    return min(sizes, default=sys.maxsize)


async def drop_lost_connections(client: Any) -> None:
    """Close the connections that no request uses and none can get.

    httpcore keeps one for ever where a request is cancelled between connecting and sending:
    https://github.com/encode/httpcore/issues/1093
    """
    for pool in _pools(client):
        if not hasattr(pool, "handle_async_request"):
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


def cut_off(client: Any, mark: str, values: Collection[object]) -> None:
    """Shut down the connections of requests that are marked so: a thread that waits for the answer sees its end.

    - `mark`, `values`: an extension of the requests, and what it may be.

    A request that is still connecting, or is sent by a transport without httpcore's pool, is not reached.
    """
    for pool in _pools(client):
        if _core_of(pool) is None:
            continue
        for request in [*pool._requests]:  # noqa: SLF001  # see above
            if request.request.extensions.get(mark) not in values:
                continue
            connection, stream = request.connection, None
            while connection is not None and stream is None:
                connection = getattr(connection, "_connection", None)
                stream = getattr(connection, "_network_stream", None)
            beneath = None if stream is None else stream.get_extra_info("socket")
            if beneath is not None:
                with suppress(OSError):  # it has been closed meanwhile
                    socket.shutdown(beneath, SHUT_RDWR)  # what a socket of TLS does besides is not for other threads


class _Cleaner:
    """A connection that is closed where bytes are left over after an answer: the next call would read them as its own.

    httpcore gives such a connection back: it looks for bytes in the socket alone, not in what has been read from it.
    """

    doubtful = False
    """Whether it is unclear where the last answer ends."""

    _h11_state: Any
    _network_stream: Any

    def is_clean(self) -> bool:
        """Return whether the last answer is all that has come."""
        return not (self.doubtful or self._h11_state.trailing_data[0] or _has_unread(self._network_stream))


@cache
def _clean(kind: Any) -> type[Any] | None:
    """Return the class of connections that nobody gets after an answer with something left over; None for no HTTP/1.1.

    - `kind`: that of a connection of the HTTP library, sync or async.
    """
    core = module_of(kind, CORES)
    if core is None or kind not in (core.HTTP11Connection, core.AsyncHTTP11Connection):
        return None

    def _response_closed(self: Any) -> None:
        if self.is_clean():
            kind._response_closed(self)  # noqa: SLF001  # see above
        else:
            self.close()

    async def _response_closed_async(self: Any) -> None:
        if self.is_clean():
            await kind._response_closed(self)  # noqa: SLF001  # see above
        else:
            await self.aclose()

    closed = _response_closed if kind is core.HTTP11Connection else _response_closed_async
    return type(f"Clean{kind.__name__}", (_Cleaner, kind), {"_response_closed": closed})


def keep_clean(client: Any) -> None:
    """Close each connection of the client's pools on which something is left over after an answer.

    This also covers the requests of the client's own authentication, and those whose body a hook reads.
    """
    for pool in _pools(client):
        if _core_of(pool) is None:
            continue
        if hasattr(pool, "handle_request") and "handle_request" not in vars(pool):
            pool.handle_request = _cleaning(pool.handle_request)
        elif hasattr(pool, "handle_async_request") and "handle_async_request" not in vars(pool):
            pool.handle_async_request = _cleaning_async(pool.handle_async_request)


def close_after(response: Any) -> None:
    """Close the connection of an answer once it is read, if anything is left over by then.

    It does what `keep_clean` cannot for an injected client whose transport wraps another one, or was mounted later.
    """
    _watch(response.stream, response.status_code, response.headers.raw)


def _cleaning(send: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def handle_request(request: Any) -> Any:
        response = send(request)
        _watch(response.stream, response.status, response.headers)
        return response

    return handle_request


def _cleaning_async(send: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
    async def handle_async_request(request: Any) -> Any:
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
    kind: Any = type(connection)
    clean = _clean(kind)
    if clean is not None:
        connection.__class__ = clean
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


def _pools(client: Any) -> Iterator[Any]:
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see above
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield pool
