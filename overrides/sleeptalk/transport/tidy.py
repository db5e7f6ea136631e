"""Keep a cancelled async call from leaving a connection behind.

asyncio cancels a task wherever it waits, even where it gives a connection back and the shields of anyio ask not to:
httpcore 1.0 then counts that connection as busy for ever. A cancelled scope respects shields, and Trio knows nothing
else, so under asyncio a request runs in a task of its own that only its scope cancels.

A TLS handshake that is cancelled leaves its TCP connection open in httpcore 1.0, until it is collected as garbage. The
HTTP clients that we make ourselves close it at once. (An injected client keeps its own network code.)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine, Iterable

T = TypeVar("T")


async def cancelled_by_scope(work: Callable[[], Coroutine[Any, Any, T]], scope: anyio.CancelScope) -> T:
    """Await `work`, which runs inside `scope`; who cancels us cancels the scope, and waits until the work has ended."""
    if not _in_asyncio():
        return await work()
    context = copy_context()
    task = asyncio.create_task(work(), context=context)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        scope.cancel()
        with anyio.CancelScope(shield=True):
            while not task.done():
                with suppress(asyncio.CancelledError):  # one more than the one that is raised below
                    await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # or asyncio would log that nobody has asked for it
        raise
    finally:  # what hooks of the caller's HTTP client have set is for the caller
        for variable, value in context.items():
            if variable.get(None) is not value:
                variable.set(value)
    return task.result()


def _in_asyncio() -> bool:
    try:
        return asyncio.current_task() is not None
    except RuntimeError:  # no asyncio loop runs in this thread
        return False


class TidyBackend(httpcore.AsyncNetworkBackend):
    """Opens connections that are closed when their handshake is cancelled."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect."""
        return TidyStream(await self._backend.connect_tcp(host, port, timeout, local_address, socket_options))


class TidyStream(httpcore.AsyncNetworkStream):
    """A connection that is closed when its handshake is cancelled."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # as above
        """Read what is there, or wait for it."""
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # as above
        """Write."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # as above
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands, or close the connection."""
        try:
            return TidyStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection knows of itself."""
        return self._stream.get_extra_info(info)
