"""An ASGI application on a real port, for as long as a `with` block lasts."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_TICK_SECONDS = 0.1  # uvicorn writes a new Date header at every tenth tick
_LONGEST_REQUEST_HEAD = 1_000_000  # bytes; so that very long ids and headers reach the application


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server can be reached: `url` has a scheme, host and port and no slash at its end."""

    url: str
    port: int


class _Server(uvicorn.Server):
    """uvicorn's server, which also signals when it is ready, and ends as soon as it is asked to.

    uvicorn checks ten times per second whether it should exit, and then waits a tenth of a second for connections, even
    where there are none: that is longer than many a test takes.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._exit = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._exit.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        else:
            for server in self.servers:
                server.close()

    def stop(self) -> None:
        """Ask it, from another thread, to end."""
        self.should_exit = True
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself, and its loop is closed
                self._loop.call_soon_threadsafe(self._exit.set)


@contextmanager
def running(
    app: ASGIApp,
    port: int = 0,
    host: str = LOOPBACK,
    *,
    connections: type[H11Protocol] = H11Protocol,
    head_limit: int = _LONGEST_REQUEST_HEAD,
) -> Iterator[RunningServer]:
    """Serve an ASGI application from a thread of its own; yields when it serves, and stops it at the end of the block.

    `connections` is the class of its connections; a head of more than `head_limit` bytes is answered 400.

    Port 0 takes a free one. Raises OSError when the port cannot be had. Errors of the application are answered 500 by
    uvicorn and not logged: the client sees them.
    """
    # Naming the protocol makes asyncio switch Nagle's algorithm off, which would hold each answer back for 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        bound_port: int = listener.getsockname()[1]
        server = _Server(
            uvicorn.Config(
                app,
                http=connections,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                h11_max_incomplete_event_size=head_limit,
            ),
        )
        thread = threading.Thread(target=server.run, args=([listener],), name=f"server-{bound_port}", daemon=True)
        thread.start()
        try:
            if not server.ready.wait(_START_SECONDS):
                raise OSError(f"The server on port {bound_port} did not start within {_START_SECONDS:.0f} s.")
            yield RunningServer(url=f"http://{host}:{bound_port}", port=bound_port)
        finally:
            server.stop()
            thread.join(_STOP_SECONDS)
