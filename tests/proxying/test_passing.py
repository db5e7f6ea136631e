"""Bytes pass a proxy as they are, whatever they are."""

import socket
from collections.abc import Iterator

import pytest

from tests.proxying.peers import DEADLINE, Behind, Proxy, heard, proxied, said

OK = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nx-ONE:  2 \r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"3;ext=1\r\nabc\r\n1\r\nd\r\n0\r\nX-Sum: 7\r\n\r\n"
)
UPLOAD = b"PATCH /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Checksum: 1\r\n\r\n"
ODD = (
    b"GET /a/./b/../c%2Fd//?x=%zz&x=2 HTTP/1.1\r\nhOST: there\r\nX-Api-Key: k\r\nX-A:1\r\nx-a:  2 \r\nx-a: 1\r\n"
    b"Accept-Encoding: br, zstd\r\n\r\n"
)
PASSED = [
    (ODD, OK),
    (UPLOAD, CHUNKED),
    (b"BREW /pot HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n\0\xff\n", OK),
    (b"GET /chunked-answer HTTP/1.1\r\nHost: h\r\n\r\n", CHUNKED),
    (b"GET /pipelined HTTP/1.1\r\nHost: h\r\n\r\nGET /pipelined HTTP/1.1\r\nHost: h\r\n\r\n", OK * 2),
    (b"GET /%s HTTP/1.1\r\nHost: h\r\n\r\n" % (b"x" * 60_000), OK),
    (b"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + b"y" * 200_000, OK),
    (b"not HTTP at all\r\n\r\n", OK),
    (b"GET /both HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nzz", OK),
]


def answer(received: bytes) -> bytes | None:
    """Answer what has come, once it has come whole."""
    if any(sent != received and sent.startswith(received) for sent, _ in PASSED):
        return b""
    if received.endswith(b"Expect: 100-continue\r\n\r\n"):
        return b"HTTP/1.1 100 Continue\r\n\r\n"
    if b"/drop" in received:
        return None
    if received.endswith(UPLOAD[-30:]) or b"chunked-answer" in received:
        return CHUNKED
    return OK * max(1, received.count(b"/pipelined"))


@pytest.fixture(scope="module")
def behind() -> Iterator[Behind]:
    server = Behind(answer)
    yield server
    server.close()


@pytest.fixture(scope="module")
def proxy(behind: Behind) -> Iterator[Proxy]:
    with proxied(behind.url, "--keep-host") as running:
        yield running


@pytest.mark.parametrize(("sent", "back"), PASSED)
def test_what_is_sent_and_answered_passes_byte_for_byte(sent: bytes, back: bytes, proxy: Proxy, behind: Behind) -> None:
    number = len(behind.received)
    assert said(proxy.port, sent, back) == back
    assert behind.received[number] == sent


def test_a_client_that_waits_for_100_continue_gets_it(proxy: Proxy, behind: Behind) -> None:
    number = len(behind.received)
    head = b"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=DEADLINE) as connection:
        connection.sendall(head)
        assert heard(connection, b"Continue\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"body")
        assert heard(connection, OK) == OK
        connection.sendall(ODD)  # on the same connection
        assert heard(connection, OK) == OK
    assert behind.received[number] == head + b"body" + ODD


def test_an_answer_that_ends_with_its_connection_ends_it() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        proxied(f"http://127.0.0.1:{server.getsockname()[1]}") as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=DEADLINE) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        upstream, _ = server.accept()
        with upstream:
            assert (
                heard(upstream, b"\r\n\r\n")
                == f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.getsockname()[1]}\r\n\r\n".encode()
            )
            upstream.sendall(b"HTTP/1.0 200 OK\r\n\r\nall of it")
        assert heard(connection, b"never") == b"HTTP/1.0 200 OK\r\n\r\nall of it"


def test_a_server_that_closes_without_an_answer_is_a_502_that_says_so(proxy: Proxy, behind: Behind) -> None:
    got = said(proxy.port, b"GET /drop HTTP/1.1\r\nHost: h\r\n\r\n", b"never")
    assert got.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert got.endswith(
        b'{"detail": "sleeptalk proxy: http://127.0.0.1:%d closed the connection without an answer."}' % behind.port
    )
