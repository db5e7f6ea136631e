"""Connections through a proxy do what they would do without it, also where one side ends, waits or breaks them."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.proxying.peers import DEADLINE, Proxy, heard, proxied

HEAD = b"GET /one HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RESET = struct.pack("ii", 1, 0)


class Wired:
    """A server that a test plays itself, behind a proxy that is shared."""

    def __init__(self, server: socket.socket, proxy: Proxy) -> None:
        self._server = server
        self.proxy = proxy

    @contextmanager
    def opened(self, sent: bytes) -> Iterator[tuple[socket.socket, socket.socket]]:
        """Open a connection, send something, and yield its two ends."""
        with socket.create_connection(("127.0.0.1", self.proxy.port), timeout=DEADLINE) as client:
            client.sendall(sent)
            upstream, _ = self._server.accept()
            upstream.settimeout(DEADLINE)
            with upstream:
                yield client, upstream


@pytest.fixture(scope="module")
def wired() -> Iterator[Wired]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(DEADLINE)
        with proxied(f"http://127.0.0.1:{server.getsockname()[1]}", "--keep-host") as proxy:
            yield Wired(server, proxy)


def taken(connection: socket.socket, size: int) -> bytes:
    """Return as many bytes as there should be."""
    found = b""
    while len(found) < size and (data := connection.recv(size - len(found))):
        found += data
    return found


INNER = b"GET /inner HTTP/1.1\r\nHost: x\r\n\r\n"
ODD = [
    b"GET /a/./b/../c/%2e%2e/%2F//x;y=1? HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Empty: \r\nx-EMPTY:\t\r\n\r\n",
    b"GET //evil.example/%00?a=http://b#f HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /caf\xc3\xa9/\xff HTTP/1.1\r\nHost: h\r\nX-Name: caf\xe9\r\n\r\n",
    b"GET /folded HTTP/1.1\r\nHost: h\r\nX-Long: a\r\n  b\r\n\tc\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\nX-Big: " + b"b" * 60_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: h\r\n" + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(200)) + b"\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    b"PURGE /a HTTP/1.1\r\nHost: h\r\n\r\n",
    b"QUERY /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
    b"TRACE /a HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n",
    b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n\x16\x03\x01",
    b"GET http://h/absolute HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"\r\n\r\nGET /after-blank-lines HTTP/1.1\r\nHost: h\r\n\r\n",
    # what others than we could see the end of a message in
    b"GET /bare HTTP/1.1\nHost: h\n\n",
    b"GET /bare HTTP/1.1\r\nHost: h\r\nX: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 38\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\na",
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n5\r\n",
    b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the beginning of TLS
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
]


@pytest.mark.parametrize("sent", ODD, ids=[re.sub(r"\W+", "-", repr(each)[:40]) for each in ODD])
def test_whatever_a_client_sends_passes_at_once_as_it_is(sent: bytes, wired: Wired) -> None:
    with wired.opened(sent) as (client, upstream):
        assert taken(upstream, len(sent)) == sent
        upstream.sendall(OK)
        assert taken(client, len(OK)) == OK


ANSWERS = [
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
    b"HTTP/1.1 200 Fine, \xc3\xa9\r\nX:\r\nx: a\r\n b\r\nX: \xff\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    b"this is not HTTP",
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_a_server_answers_passes_as_it_is(answer: bytes, wired: Wired) -> None:
    with wired.opened(HEAD) as (client, upstream):
        taken(upstream, len(HEAD))
        upstream.sendall(answer)
        assert taken(client, len(answer)) == answer
        client.sendall(HEAD)  # on the same connection
        assert taken(upstream, len(HEAD)) == HEAD
        upstream.sendall(OK)
        assert taken(client, len(OK)) == OK


def test_bytes_pass_both_ways_as_soon_as_they_come(wired: Wired) -> None:
    head = b"POST /drip HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n"
    with wired.opened(head) as (client, upstream):
        assert taken(upstream, len(head)) == head
        for piece in (b"a", b"b", b"c"):
            client.sendall(piece)
            assert taken(upstream, 1) == piece
        kind = b"Content-Type: text/event-stream\r\n\r\n"
        for piece in (b"HTTP/1.1 200 OK\r\n", kind, b"data: 1\n\n", b"data: 2\n\n"):
            upstream.sendall(piece)
            assert taken(client, len(piece)) == piece


def test_another_protocol_passes_both_ways_after_an_upgrade(wired: Wired) -> None:
    asked = b"GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi"
    with wired.opened(asked) as (client, upstream):
        assert taken(upstream, len(asked)) == asked
        upstream.sendall(switched)
        assert taken(client, len(switched)) == switched
        for piece in (b"\x81\x82abcd", b"GET / HTTP/1.1", b"\x88\x80abcd"):  # masked frames, and what looks like a head
            client.sendall(piece)
            assert taken(upstream, len(piece)) == piece
            upstream.sendall(piece)
            assert taken(client, len(piece)) == piece


def test_a_client_that_sends_no_more_is_answered(wired: Wired) -> None:
    with wired.opened(HEAD + b"GET /cut") as (client, upstream):
        client.shutdown(socket.SHUT_WR)
        assert heard(upstream, b"never") == HEAD + b"GET /cut"
        upstream.sendall(OK)
        upstream.close()
        assert heard(client, b"never") == OK


def test_a_server_that_sends_no_more_may_still_read(wired: Wired) -> None:
    head = b"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n"
    with wired.opened(head) as (client, upstream):
        assert taken(upstream, len(head)) == head
        upstream.sendall(OK)
        upstream.shutdown(socket.SHUT_WR)
        assert heard(client, b"never") == OK
        client.sendall(b"late")
        assert taken(upstream, 4) == b"late"


def test_an_answer_reaches_a_client_that_is_still_sending(wired: Wired) -> None:
    refused = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with wired.opened(b"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 90000000\r\n\r\n") as (client, upstream):
        upstream.recv(65536)
        upstream.sendall(refused)
        upstream.close()
        client.sendall(b"z" * 300_000)
        assert heard(client, b"never") == refused


def test_a_server_that_closes_a_used_connection_is_seen_to_do_so_and_nothing_is_sent_twice(wired: Wired) -> None:
    post = b"POST /pay HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1"
    with wired.opened(HEAD) as (client, upstream):
        taken(upstream, len(HEAD))
        upstream.sendall(OK)
        assert taken(client, len(OK)) == OK
        client.sendall(post)
        assert taken(upstream, len(post)) == post
        upstream.close()
        assert client.recv(1) == b""  # as without the proxy: the client knows whether it may send it again
    with wired.opened(HEAD) as (_, upstream):
        assert taken(upstream, len(HEAD)) == HEAD  # and not the other request


def test_a_reset_within_an_answer_is_a_reset(wired: Wired) -> None:
    with wired.opened(HEAD) as (client, upstream):
        taken(upstream, len(HEAD))
        upstream.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf")
        assert taken(client, 23) == b"HTTP/1.0 200 OK\r\n\r\nhalf"
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        upstream.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_reset_before_any_answer_is_a_502_that_is_marked(wired: Wired) -> None:
    with wired.opened(HEAD) as (client, upstream):
        taken(upstream, len(HEAD))
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        upstream.close()
        answer = heard(client, b"never")
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nproxy-status: sleeptalk; error=connection_terminated\r\n")
    assert b"closed the connection without an answer." in answer


def test_a_client_that_leaves_is_left_behind_the_proxy(wired: Wired) -> None:
    with wired.opened(HEAD) as (client, upstream):
        taken(upstream, len(HEAD))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        assert upstream.recv(1) == b""


def test_a_long_body_takes_no_memory(wired: Wired) -> None:
    size = 1 << 28
    block = b"m" * (1 << 20)
    head = b"POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size

    def send(connection: socket.socket) -> None:
        for _ in range(size // len(block)):
            connection.sendall(block)

    def read(connection: socket.socket) -> int:
        left = size
        while left and (data := connection.recv(1 << 20)):
            left -= len(data)
        return left

    with wired.opened(head) as (client, upstream):
        assert taken(upstream, len(head)) == head
        before = _resident(wired.proxy.process.pid)
        for sender, reader in ((client, upstream), (upstream, client)):
            if sender is upstream:
                upstream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                taken(client, 19)
            thread = threading.Thread(target=send, args=(sender,))
            thread.start()
            assert read(reader) == 0
            thread.join()
        assert _resident(wired.proxy.process.pid) - before < 100 * 1024 * 1024  # of which 64 may wait for the judge


def _resident(pid: int) -> int:
    """Return the bytes of memory that a process has; 0 on systems that do not say."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text() if status.exists() else "")
    return int(found[1]) * 1024 if found else 0
