"""However many senders connect to `listen` and do not finish, it holds a bounded part of them and goes on."""

import asyncio
import io
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from rich.console import Console

from sleeptalk_contract.listening.connection import HEAD_LIMIT, MOST_CONNECTIONS, Connection, bounded
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import UNFINISHED_LIMIT, Endpoint
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.sandbox.server import running
from tests.listening.conftest import DEADLINE, KEY, TARGET, night
from tests.waiting import until

READ_AT_ONCE = 256 * 1024
"""Bytes; asyncio reads no more at a time."""


class Server:
    """A listening server, its connections, what it noted of them, and what it shows."""

    def __init__(
        self, port: int, listener: Listener, screen: io.StringIO, noted: list[str], connections: list[Connection]
    ) -> None:
        self.port = port
        self.connections = connections
        self.listener = listener
        self.screen = screen
        self.noted = noted

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)


@contextmanager
def serving(*, body_seconds: float = DEADLINE, **bounds: float) -> Iterator[Server]:
    noted: list[str] = []
    screen = io.StringIO()
    listener = Listener(Terms(TARGET, key=KEY))
    endpoint = Endpoint(listener, Display(Console(file=screen, width=300), TARGET), None, body_seconds=body_seconds)
    connections: list[Connection] = []

    class Remembered(bounded(noted.append, **bounds)):  # type: ignore[misc]  # a class that is made
        def connection_made(self, transport: asyncio.Transport) -> None:
            connections.append(self)
            super().connection_made(transport)

    with running(endpoint, connections=Remembered, head_limit=HEAD_LIMIT) as server:
        yield Server(server.port, listener, screen, noted, connections)


def answer(sender: socket.socket) -> bytes:
    """Return what is answered until the server closes."""
    received = bytearray()
    try:
        while piece := sender.recv(65536):
            received += piece
    except ConnectionError:  # it closed while more was on its way
        pass
    return bytes(received)


def status(answered: bytes) -> int:
    return int(answered.split(b" ", 2)[1])


def callback() -> bytes:
    first = night()[0]
    headers = {**first.headers, "host": "localhost", "content-length": str(len(first.body)), "connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return b"POST / HTTP/1.1\r\n" + head.encode() + b"\r\n" + first.body


def test_hundreds_of_heads_without_an_end_are_held_in_part_and_the_rest_is_refused() -> None:
    more = 60
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\nx-endless: " + b"a" * 60_000
    with serving() as server, ExitStack() as stack:
        held = [stack.enter_context(server.connected()) for _ in range(MOST_CONNECTIONS)]
        for sender in held:
            sender.sendall(head)

        def kept() -> list[int]:
            alive = [each for each in server.connections if not each.transport.is_closing()]
            return [len(each.conn.trailing_data[0]) for each in alive]

        until(lambda: sum(kept()) == MOST_CONNECTIONS * len(head))
        refused = [stack.enter_context(server.connected()) for _ in range(more)]
        assert [status(answer(sender)) for sender in refused] == [503] * more
        assert len(server.noted) == more
        assert sum(kept()) <= MOST_CONNECTIONS * (HEAD_LIMIT + READ_AT_ONCE)
        held.pop().close()
        until(lambda: len([size for size in kept() if size]) < MOST_CONNECTIONS)
        with server.connected() as sender:
            sender.sendall(callback())
            assert status(answer(sender)) == 204


def test_a_head_over_the_limit_is_refused() -> None:
    with serving() as server, server.connected() as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\nx-long: " + b"a" * (HEAD_LIMIT + 1))
        assert status(answer(sender)) == 400


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST / HT", b"POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: ", callback().replace(b"close", b"keep-alive")],
    ids=["nothing", "a part of a line", "a part of a head", "a second head"],
)
def test_a_head_that_does_not_come_in_time_is_answered_408_and_ends_the_connection(begun: bytes) -> None:
    with serving(head_seconds=0.2) as server, server.connected() as sender:
        second = begun.endswith(b"}")
        sender.sendall(begun + (b"POST /second" if second else b""))
        answered = answer(sender)
        assert answered.count(b"HTTP/1.1 408") == 1
        assert answered.count(b"HTTP/1.1 204") == second
        assert server.noted == ["408, for the head of a request did not come within 0.2 s"]


def test_a_body_that_does_not_come_in_time_is_answered_408_and_what_came_is_judged() -> None:
    with serving(head_seconds=0.5, body_seconds=1) as server, server.connected() as sender:
        sender.sendall(callback()[:-10])
        assert status(answer(sender)) == 408
        assert "408, for its body did not come whole within 1 s" in server.screen.getvalue()
        assert not server.noted
        report = server.listener.report("http://127.0.0.1")
        assert report.requests == 1
        assert "callback.json-body" in {each.rule.id for each in report.rules if each.broken}


def test_hundreds_of_bodies_without_an_end_share_a_bound_and_the_rest_is_refused() -> None:
    size = 250_000
    too_many = MOST_CONNECTIONS - UNFINISHED_LIMIT // size
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n"
    with serving() as server, ExitStack() as stack:
        for _ in range(MOST_CONNECTIONS):
            sender = stack.enter_context(server.connected())
            with suppress(ConnectionError):  # refused before all of it was sent
                sender.sendall(head + b"a" * size)
        refusal = "POST answered 503, for too many callbacks are being sent at once"
        until(lambda: server.screen.getvalue().count(refusal) >= too_many)
        stack.close()
        until(lambda: answered_to_a_callback(server) == 204)


def answered_to_a_callback(server: Server) -> int:
    with server.connected() as sender:
        sender.sendall(callback())
        return status(answer(sender))
