"""An ASGI application on a real port, for as long as a `with` block lasts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_LONGEST_REQUEST_HEAD = 1_000_000  # bytes; so that very long ids and headers reach the application


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server can be reached: `url` has a scheme, host and port and no slash at its end."""

    url: str
    port: int


class _Server(uvicorn.Server):
    """uvicorn's server, which also tells when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def running(app: ASGIApp, port: int = 0, host: str = LOOPBACK) -> Iterator[RunningServer]:
    """Serve an ASGI application from a thread of its own; yields when it serves, and stops it at the end of the block.

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
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                h11_max_incomplete_event_size=_LONGEST_REQUEST_HEAD,
            ),
        )
        thread = threading.Thread(target=server.run, args=([listener],), name=f"server-{bound_port}", daemon=True)
        thread.start()
        try:
            if not server.ready.wait(_START_SECONDS):
                raise OSError(f"The server on port {bound_port} did not start within {_START_SECONDS:.0f} s.")
            yield RunningServer(url=f"http://{host}:{bound_port}", port=bound_port)
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
