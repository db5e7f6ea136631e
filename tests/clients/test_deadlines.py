"""The deadline counts for connecting as for everything else."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest

from sleeptalk.errors import DeadlineExceeded, Unauthorized
from tests.clients.calling import Call

HOST = "many.test"


class Resolver:
    """Resolves one host as a test tells it, and any other as ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._resolve = socket.getaddrinfo
        self.delay = 0.0
        self.addresses: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        if host not in (HOST, HOST.encode()):
            return self._resolve(host, port, *arguments, **options)
        Event().wait(self.delay)
        if not self.addresses:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        stream = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*stream, (address, port)) for address in self.addresses]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(monkeypatch)


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that takes no connection and refuses none: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(20):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.2)
            try:
                waiting.connect(listener.getsockname())
            except TimeoutError:
                yield listener.getsockname()[1]
                return
        pytest.skip("this system takes connections without end")


def test_a_host_with_many_dead_addresses_takes_no_longer(asleep: Call, resolver: Resolver, mute_port: int) -> None:
    resolver.addresses = ["127.0.0.1"] * 20
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        asleep(f"http://{HOST}:{mute_port}", client={"timeout": 0.5})
    assert time.monotonic() - started < 3


def test_the_first_address_that_answers_is_used(asleep: Call, resolver: Resolver, asleep_url: str) -> None:
    resolver.addresses = ["127.0.0.2", "127.0.0.1"]
    with pytest.raises(Unauthorized):  # an answer came
        asleep(asleep_url.replace("127.0.0.1", HOST))


def test_a_name_that_is_resolved_too_late_is_a_deadline_that_has_passed(asleep: Call, resolver: Resolver) -> None:
    resolver.delay = 0.3
    with pytest.raises(DeadlineExceeded):
        asleep(f"http://{HOST}:1", client={"timeout": 0.1})
