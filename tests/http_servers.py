"""Servers of the standard library, for handlers that a test writes itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer


class Quiet:
    """Makes a handler log nothing: name it before the handler's own class."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        pass


@contextmanager
def running_server(server: HTTPServer) -> Iterator[str]:
    """Serve until the block ends, and yield the address."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def handled_by(handler: type[BaseHTTPRequestHandler], host: str = "127.0.0.1") -> Iterator[str]:
    """Serve each request by a handler on a free port, and yield the address."""
    with running_server(ThreadingHTTPServer((host, 0), handler)) as url:
        yield url
