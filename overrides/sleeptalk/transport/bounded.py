"""Keep a blocking HTTP client within a deadline, whatever the server does.

httpx bounds each read from a socket, so a server that sends its headers byte by byte can hold a call for as long as it
likes. The HTTP clients that we make ourselves read from sockets whose every wait ends at the deadline of the call that
runs in the present context. What nobody can cut short is the resolution of a name: the resolver has its own timeout.

An injected client keeps its own network code: there each address of a host, and each read of an answer's head, has all
the time that was left at the beginning of the request.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from sleeptalk.transport.deadline import Deadline

_present: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(deadline: Deadline) -> Iterator[None]:
    """Bound what is done in the block by the deadline."""
    token = _present.set(deadline)
    try:
        yield
    finally:
        _present.reset(token)


def _shrunk(timeout: float | None, expired: type[Exception]) -> float | None:
    deadline = _present.get()
    if deadline is None:
        return timeout
    if deadline.passed:
        raise expired
    return deadline.shrunk(timeout)


class BoundedBackend(httpcore.NetworkBackend):
    """Opens connections that obey the present deadline."""

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
        """Connect within the deadline, to whichever of the host's addresses is the first to answer."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _addresses(host, port):  # one by one, or each would be given the whole time
            within = _shrunk(timeout, httpcore.ConnectTimeout)
            try:
                return BoundedStream(self._backend.connect_tcp(address, port, within, local_address, socket_options))
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
    """A connection whose every wait ends at the present deadline."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, or wait for it within the deadline."""
        return self._stream.read(max_bytes, _shrunk(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write within the deadline."""
        self._stream.write(buffer, _shrunk(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands within the deadline."""
        timeout = _shrunk(timeout, httpcore.ConnectTimeout)
        return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection knows of itself."""
        return self._stream.get_extra_info(info)
