"""What is beneath the HTTP library: the network backends of httpcore, and the private parts of its pools.

This is the one module that imports httpcore and reaches into private attributes, of httpx (`_transport`, `_mounts`,
`_pool`) and of httpcore 1.0 (`_network_backend`, `_requests`, `_connections`, `_assign_requests_to_connections`,
`_close_connections`). pyproject.toml bounds both from above, and tests over real sockets show that it works. httpcore
takes a network backend, but httpx does not pass one on: https://github.com/encode/httpx/pull/3749

The deadline of a sync call. httpx bounds each read from a socket, so that a server that sends its headers byte by byte
can hold a call for as long as it likes: https://github.com/encode/httpx/issues/1450. The HTTP clients that we make
ourselves read from sockets whose every wait ends at the deadline of the call that runs in the present context. What
cannot be cut short is the resolution of a name: the resolver has its own timeout. An injected client keeps its own
network code: there each address of a host, and each read of an answer's head, has all the time that was left at the
beginning of the request.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import anyio
import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator

    import httpx

    from sleeptalk.runtime.clock import Deadline

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
        return self._stream.read(max_bytes, _limited(timeout, httpcore.ReadTimeout))

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


def _pools(client: httpx.Client | httpx.AsyncClient) -> Iterator[Any]:
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see above
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            yield pool
