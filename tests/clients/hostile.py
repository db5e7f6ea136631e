"""A server that answers whatever a test tells it to, byte by byte if it must, on a real loopback socket."""

import json
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socket import SHUT_RDWR, SO_LINGER, SOL_SOCKET, socket

Script = Callable[[socket, threading.Event], None]
"""Answers one request on an open connection; the event is set when the test is over."""


@dataclass
class HostileServer:
    url: str
    requests: list[str] = field(default_factory=list)
    """The head of each request in the order of arrival, as text."""
    bodies: list[bytes] = field(default_factory=list)
    """The body of each request."""
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set with the first bytes."""
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when a client closes a connection before it has made a request."""

    def header(self, name: str, request: int = 0) -> str | None:
        for line in self.requests[request].split("\r\n")[1:]:
            given, _, value = line.partition(": ")
            if given.lower() == name:
                return value
        return None


@contextmanager
def hostile(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[HostileServer]:
    """Serve each request with the next script, and every further one with the last; over TLS with a context."""
    over = threading.Event()
    lock = threading.Lock()

    class Handler(socketserver.BaseRequestHandler):
        request: socket

        def setup(self) -> None:
            self.request.settimeout(20)  # so that a connection that stays behind does not hang a test
            if tls is not None:
                self.request = tls.wrap_socket(self.request, server_side=True)

        def finish(self) -> None:
            self.request.close()

        def handle(self) -> None:
            head, body, length, end_of_body = b"", b"", 0, b""
            while b"\r\n\r\n" not in head or len(body) < length or not body.endswith(end_of_body):
                piece = self.request.recv(65536)
                if not piece:
                    hostile_server.hung_up.set()
                    return
                hostile_server.arrived.set()
                head, end, body = (head + body + piece).partition(b"\r\n\r\n")
                head += end
                declared = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
                length = int(declared[1]) if declared else 0
                end_of_body = b"\r\n0\r\n\r\n" if b"\r\ntransfer-encoding: chunked" in head.lower() else b""
            with lock:
                script = scripts[min(len(hostile_server.requests), len(scripts) - 1)]
                hostile_server.requests.append(head.decode("latin-1"))
                hostile_server.bodies.append(body)
            with suppress(OSError):  # the client has gone, as it should in most tests
                script(self.request, over)
                self.request.shutdown(SHUT_RDWR)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = False
        block_on_close = True

        def handle_error(self, *_: object) -> None:
            """Ignore a handshake that the client has broken off."""

    with Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http" if tls is None else "https"
        hostile_server = HostileServer(f"{scheme}://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hostile_server
        finally:
            over.set()
            server.shutdown()
            thread.join()


def head(status: int = 200, *headers: str, length: int | None = None, kind: str | None = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status} X", "connection: close", *headers]
    lines += [] if kind is None else [f"content-type: {kind}"]
    lines += [] if length is None else [f"content-length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(
    body: bytes | object = b"", status: int = 200, *headers: str, kind: str | None = "application/json"
) -> Script:
    """Answer with a body, bytes as they are and anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    bodiless = status in (204, 304)
    whole = head(status, *headers, length=None if bodiless else len(content), kind=kind) + (
        b"" if bodiless else content
    )
    return lambda connection, _: connection.sendall(whole)


def raw(*pieces: bytes) -> Script:
    """Send bytes that need not be HTTP, and hang up."""
    return lambda connection, _: connection.sendall(b"".join(pieces))


def reset_after(*pieces: bytes) -> Script:
    """Send bytes and reset the connection."""

    def script(connection: socket, _: threading.Event) -> None:
        connection.sendall(b"".join(pieces))
        connection.setsockopt(SOL_SOCKET, SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()

    return script


def drip_after(*pieces: bytes, drop: bytes = b" ", every: float = 0.02) -> Script:
    """Send bytes, then one drop after another for as long as the client listens."""

    def script(connection: socket, over: threading.Event) -> None:
        connection.sendall(b"".join(pieces))
        while not over.wait(every):
            connection.sendall(drop)

    return script


def silence_after(*pieces: bytes) -> Script:
    """Send bytes, then nothing, and keep the connection open."""

    def script(connection: socket, over: threading.Event) -> None:
        connection.sendall(b"".join(pieces))
        over.wait()

    return script
