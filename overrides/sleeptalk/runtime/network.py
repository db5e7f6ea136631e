"""Network backends for the connections of our own HTTP clients: deadlines of sync calls, and no connection left open.

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

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

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


class BoundedBackend:
    """Opens connections that obey the deadline of the present context.

    `core` is the module beneath the HTTP library, httpcore or httpcore2, whose exceptions are raised.
    """

    def __init__(self, backend: Any, core: Any) -> None:
        self._backend = backend
        self._core = core
        self.sleep = backend.sleep

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> BoundedStream:
        """Connect within the deadline, to the first of the host's addresses that answers."""
        core = self._core
        failure: Exception = core.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):  # one by one, or each would be given the whole time
            limited = _limited(timeout, core.ConnectTimeout)
            try:
                stream = self._backend.connect_tcp(address, port, limited, local_address, socket_options)
            except (core.ConnectError, core.ConnectTimeout) as error:
                failure = error
            else:
                return BoundedStream(stream, core)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise self._core.ConnectError(str(error)) from error
        numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
        return [socket.getnameinfo(address, numeric)[0] for *_, address in found]


class BoundedStream:
    """A connection whose every wait ends at the deadline of the present context."""

    def __init__(self, stream: Any, core: Any) -> None:
        self._stream = stream
        self._core = core
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, or wait for it within the deadline."""
        deadline = _deadline.get()
        longest = None if deadline is None else deadline.longest_wait
        while True:
            limited = _limited(timeout, self._core.ReadTimeout)
            last = longest is None or (limited is not None and limited <= longest)
            try:
                piece: bytes = self._stream.read(max_bytes, limited if last else longest)
            except self._core.ReadTimeout:
                if last:
                    raise
            else:
                return piece
            if timeout is not None and longest is not None:
                timeout -= longest

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the deadline."""
        self._stream.write(buffer, _limited(timeout, self._core.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> BoundedStream:
        """Do the TLS handshake within the deadline."""
        limited = _limited(timeout, self._core.ConnectTimeout)
        return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, limited), self._core)


class AsyncBackend:
    """Opens connections that are closed when their TLS handshake fails or is cancelled.

    httpcore 1.0 leaves the TCP connection open until it is collected as garbage:
    https://github.com/encode/httpcore/pull/475
    """

    def __init__(self, backend: Any, core: Any) -> None:  # noqa: ARG002  # as for the sync one
        self._backend = backend
        self.sleep = backend.sleep

    async def connect_tcp(self, *arguments: Any, **options: Any) -> AsyncStream:
        """Connect."""
        return AsyncStream(await self._backend.connect_tcp(*arguments, **options))


class AsyncStream:
    """A connection that is closed when its TLS handshake fails or is cancelled."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read = stream.read
        self.write = stream.write
        self.aclose = stream.aclose
        self.get_extra_info = stream.get_extra_info

    async def start_tls(self, *arguments: Any, **options: Any) -> AsyncStream:
        """Do the TLS handshake; close the connection where it fails."""
        try:
            return AsyncStream(await self._stream.start_tls(*arguments, **options))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise
