"""Whatever a server does, a call ends in time and in bounds."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from sleeptalk_contract.contract.exchange import Answer
from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.sandbox.server import running
from tests.certificates import make_certificate, needs_openssl, server_context
from tests.clients.hostile import answer as answering
from tests.clients.hostile import drip_after, hostile, silence_after

Behaviour = Callable[[socket.socket, int], None]
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def raw_server(behave: Behaviour) -> Iterator[str]:
    """Serve connections with a function that gets the socket, after each request, and the number of the request."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve_one(connection: socket.socket, numbers: Iterator[int]) -> None:
        with connection:
            while not done.is_set():
                received = b""
                while b"\r\n\r\n" not in received:
                    try:
                        chunk = connection.recv(65536)
                    except OSError:
                        return
                    if not chunk:
                        return
                    received += chunk
                try:
                    behave(connection, next(numbers))
                except OSError:
                    return

    def serve() -> None:
        numbers = iter(range(1000))
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(connection, numbers), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def ask(behave: Behaviour, *, timeout: float = 5, limit: int = 1_000_000, times: int = 1) -> list[Answer]:
    with raw_server(behave) as url:
        wire = Wire(url, timeout, limit)
        try:
            return [wire.exchange("GET", "/", [("accept", "*/*")], None) for _ in range(times)]
        finally:
            wire.close()


def respond(content: bytes, headers: bytes = b"") -> bytes:
    return HEAD + headers + b"content-length: %d\r\n\r\n" % len(content) + content


def test_answers_come_over_one_kept_connection() -> None:
    peers = set()

    def behave(connection: socket.socket, number: int) -> None:
        peers.add(connection.getpeername())
        connection.sendall(respond(b"answer %d" % number))

    assert [answer.body for answer in ask(behave, times=3)] == [b"answer 0", b"answer 1", b"answer 2"]
    assert len(peers) == 1


def test_a_silent_server_is_left_at_the_deadline() -> None:
    started = time.monotonic()
    (answer,) = ask(lambda *_: time.sleep(3), timeout=0.3)
    assert (answer.status, answer.failure) == (None, "timeout")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("start", [HEAD, HEAD + b"content-length: 9999\r\n\r\n"], ids=["headers", "body"])
def test_a_server_that_drips_is_left_at_the_deadline(start: bytes) -> None:
    def behave(connection: socket.socket, _: int) -> None:
        connection.sendall(start)
        for _ in range(60):
            connection.sendall(b"x")
            time.sleep(0.05)

    started = time.monotonic()
    (answer,) = ask(behave, timeout=0.4)
    assert (answer.status, answer.failure) == (None, "timeout")
    assert time.monotonic() - started < 2


def test_of_a_huge_answer_only_the_limit_is_read() -> None:
    def behave(connection: socket.socket, _: int) -> None:
        connection.sendall(HEAD + b"content-length: 100000000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"0" * 100_000)

    (answer,) = ask(behave, limit=50_000)
    assert (answer.status, len(answer.body), answer.failure) == (200, 50_000, None)


def test_of_a_compressed_bomb_only_the_limit_is_unpacked() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    (answer,) = ask(lambda c, _: c.sendall(respond(bomb, b"content-encoding: gzip\r\n")), limit=100_000)
    assert len(answer.body) == 100_000


def test_compressed_and_chunked_answers_are_decoded() -> None:
    content = gzip.compress(b'{"detail":"ok"}')

    def behave(connection: socket.socket, _: int) -> None:
        chunks = b"".join(b"%x\r\n%b\r\n" % (1, content[i : i + 1]) for i in range(len(content))) + b"0\r\n\r\n"
        connection.sendall(HEAD + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)

    assert [answer.body for answer in ask(behave, times=2)] == [b'{"detail":"ok"}'] * 2


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip"])
def test_what_our_clients_do_not_ask_for_stays_as_it_came(encoding: str) -> None:
    content = zlib.compress(b'{"detail":"ok"}')
    (answer,) = ask(lambda c, _: c.sendall(respond(content, f"content-encoding: {encoding}\r\n".encode())))
    assert answer.body == content


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_gzip_may_come_in_several_members(parts: int) -> None:
    content = b"".join(gzip.compress(part) for part in (b'{"detail":', b'"ok"', b"}")[:parts])
    (answer,) = ask(lambda c, _: c.sendall(respond(content, b"content-encoding: gzip\r\n")))
    assert answer.body == b'{"detail":"ok"}'[: (10, 14, 15)[parts - 1]]


@pytest.mark.parametrize(
    "content",
    [b'{"detail":"plain"}', gzip.compress(b'{"detail":"cut"}')[:-3], b"\x1f\x8b\x08"],
    ids=["plain", "cut", "the beginning of a head"],
)
def test_an_answer_that_does_not_match_its_encoding_is_kept_as_it_came(content: bytes) -> None:
    answers = ask(lambda c, _: c.sendall(respond(content, b"content-encoding: gzip\r\n")), times=2)
    assert [(answer.status, answer.body, answer.failure) for answer in answers] == [(200, content, None)] * 2


def test_a_dropped_connection_is_distinguished_from_a_deadline() -> None:
    (answer,) = ask(lambda connection, _: connection.close())
    assert (answer.status, answer.failure) == (None, "connection")


@pytest.mark.parametrize(
    ("headers", "sent", "body", "told"),
    [
        (b"content-length: 100", b"half", b"half", "ended after 4 of 100 bytes"),
        (b"content-length: 100", b"", b"", "ended after 0 of 100 bytes"),
        (b"transfer-encoding: chunked", b"4\r\nhalf\r\n", b"half", "ended after 4 bytes, before its last chunk"),
        (b"transfer-encoding: chunked", b"", b"", "ended after 0 bytes, before its last chunk"),
    ],
)
def test_of_a_body_that_ends_with_its_connection_it_is_told_how_far_it_came(
    headers: bytes, sent: bytes, body: bytes, told: str
) -> None:
    def in_the_middle(connection: socket.socket, _: int) -> None:
        connection.sendall(HEAD + headers + b"\r\n\r\n" + sent)
        connection.shutdown(socket.SHUT_RDWR)

    for answer in ask(in_the_middle, times=2):
        assert (answer.status, answer.body, answer.ended_early, answer.failure) == (200, body, told, None)
        assert not answer.cut


def test_what_is_not_a_chunk_is_a_dropped_connection() -> None:
    (answer,) = ask(lambda c, _: c.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\nnothing\r\n"))
    assert (answer.status, answer.failure) == (None, "connection")


def test_what_is_not_http_is_a_dropped_connection() -> None:
    (answer,) = ask(lambda c, _: c.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"))
    assert (answer.status, answer.failure) == (None, "connection")


def test_a_connection_that_was_closed_while_idle_is_opened_again() -> None:
    def behave(connection: socket.socket, number: int) -> None:
        connection.sendall(respond(b"answer %d" % number))
        raise ConnectionAbortedError  # ends the server's loop: it closes without a look at what may come next

    assert [answer.body for answer in ask(behave, times=3)] == [b"answer 0", b"answer 1", b"answer 2"]


def test_an_answer_of_http_1_0_ends_with_its_connection() -> None:
    def behave(connection: socket.socket, _: int) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nall of it")
        connection.shutdown(socket.SHUT_RDWR)

    assert [answer.body for answer in ask(behave, times=2)] == [b"all of it"] * 2


def test_an_exchange_that_waits_ends_when_it_is_aborted() -> None:
    asked = threading.Event()

    def behave(_: socket.socket, __: int) -> None:
        asked.set()
        time.sleep(5)

    with raw_server(behave) as url:
        wire = Wire(url, timeout=5)
        threading.Thread(target=lambda: (asked.wait(5), wire.abort()), daemon=True).start()
        started = time.monotonic()
        answer = wire.exchange("GET", "/", [], None)
    assert answer.status is None
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\0b", "잠"])
def test_a_header_that_http_cannot_carry_is_refused(value: str) -> None:
    with raw_server(lambda c, _: c.sendall(respond(b""))) as url, pytest.raises(ValueError, match=r"header|latin-1"):
        Wire(url, timeout=5).exchange("GET", "/", [("x-user-id", value)], None)


def test_path_and_headers_are_sent_to_the_letter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        wire = Wire(f"http://me:secret@{host}/base", timeout=5)
        asked = ("PUT", "//a/../b%2e?c=|#d", [("X-ODD", "é\x01")], b"{}")
        threading.Thread(target=wire.exchange, args=asked, daemon=True).start()
        connection, _ = listener.accept()
        received = b""
        with connection:
            while b"{}" not in received:
                received += connection.recv(65536)
    head = f"PUT //a/../b%2e?c=|#d HTTP/1.1\r\nHost: {host}\r\nX-ODD: é\x01\r\nContent-Length: 2\r\n\r\n"
    assert received == head.encode("latin-1") + b"{}"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n" + HEAD, b""),
        (b"HTTP/1.1 200\n", b""),
        (HEAD, b"".join(b"x-%d: many\r\n" % number for number in range(200))),
        (HEAD, b"x: caf\xe9\r\n"),
        (HEAD, b"content-length: 2\r\n"),
    ],
    ids=["a hint before", "no reason, bare line feeds", "many headers", "latin-1", "the same length twice"],
)
def test_answers_that_are_rare_but_right_are_read(start: bytes, end: bytes) -> None:
    (answer,) = ask(lambda c, _: c.sendall(start + end + b"content-length: 2\r\n\r\n{}"))
    assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize(
    "headers",
    [
        b"content-length: 2\r\ncontent-length: 3\r\n",
        b"transfer-encoding: gzip, chunked\r\n",
        b"x a: b\r\ncontent-length: 2\r\n",
        b"x: a\0b\r\ncontent-length: 2\r\n",
    ],
    ids=["two lengths", "another transfer coding", "a space in a name", "a NUL"],
)
def test_an_answer_that_no_client_of_httpx_reads_is_a_dropped_connection(headers: bytes) -> None:
    (answer,) = ask(lambda c, _: c.sendall(HEAD + headers + b"\r\n{}"))
    assert (answer.status, answer.failure) == (None, "connection")


@needs_openssl
def test_over_tls_the_same_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    scripts = (answering(b"{}"), drip_after(HEAD), silence_after())
    with hostile(*scripts, tls=server_context(certificate)) as server:
        wire = Wire(server.url, timeout=0.5)
        assert wire.exchange("GET", "/", [], None).body == b"{}"
        assert wire.exchange("GET", "/", [], None).failure == "timeout"
        wire.close()
        patient = Wire(server.url, timeout=30)
        threading.Timer(0.2, patient.abort).start()
        started = time.monotonic()
        assert patient.exchange("GET", "/", [], None).status is None
        assert time.monotonic() - started < 10


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_sent_with_its_length_or_in_chunks(chunked: bool) -> None:
    seen: list[tuple[dict[bytes, bytes], list[bytes]]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pieces, more = [], True
        while more:
            message = await receive()
            pieces.append(message.get("body", b""))
            more = message.get("more_body", False)
        seen.append((dict(scope["headers"]), pieces))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    body = b"0123456789" * 250
    with running(app) as server:
        wire = Wire(server.url, 5)
        headers = [("Transfer-Encoding", "chunked")] if chunked else []
        answer = wire.exchange("POST", "/", headers, body)
        wire.close()
    ((received, pieces),) = seen
    assert b"".join(pieces) == body
    assert received.get(b"content-length") == (None if chunked else b"2500")
    assert received.get(b"transfer-encoding") == (b"chunked" if chunked else None)
    assert (answer.status, answer.version) == (204, "HTTP/1.1")
