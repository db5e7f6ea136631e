"""What may stand in front of an implementation: TLS, a proxy. Real sockets on loopback that pass bytes on."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_ABSOLUTE = re.compile(rb"^([A-Z]+) http://[^/ ]+")

Handle = Callable[[socket.socket], None]


def _pump(source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes] = bytes) -> None:
    """Pass on what comes until it ends, then end the other direction, too."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(change(data))
    for each in (source, sink):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def _joined(client: socket.socket, server: socket.socket, change: Callable[[bytes], bytes] = bytes) -> None:
    answers = threading.Thread(target=_pump, args=(server, client), daemon=True)
    answers.start()
    _pump(client, server, change)
    answers.join()


@contextmanager
def _listening(handle: Handle) -> Iterator[int]:
    """Serve each connection on a thread of its own, and yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            handle(connection)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@contextmanager
def tls_front(url: str, context: ssl.SSLContext) -> Iterator[str]:
    """Serve what is at a plain address over TLS, and yield the https address."""
    parts = urlsplit(url)

    def handle(connection: socket.socket) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as client,
            socket.create_connection((parts.hostname, parts.port)) as server,
        ):
            _joined(client, server)

    with _listening(handle) as port:
        yield f"https://127.0.0.1:{port}"


@dataclass
class Proxy:
    """An HTTP proxy: `asked` are the request lines that it was sent."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxy(credentials: str = "") -> Iterator[Proxy]:
    """Serve an HTTP proxy, which asks for `credentials` ("name:password") where they are not empty."""
    made = Proxy()
    expected = b"Basic " + base64.b64encode(credentials.encode())

    def handle(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return
            head += piece
        line = head.split(b"\r\n", 1)[0].decode()
        made.asked.append(line)
        if credentials and expected not in head:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, _ = line.split(" ")
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            server = socket.create_connection((parts.hostname, parts.port))
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with server:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(_ABSOLUTE.sub(rb"\1 ", head))
            _joined(client, server, lambda data: _ABSOLUTE.sub(rb"\1 ", data))

    with _listening(handle) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made
