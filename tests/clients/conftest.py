"""What the tests of the clients share."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sleeptalk.runtime.client import Client
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.clients.calling import Call, asleep_call, phonexia_call
from tests.clients.clocks import SkippingClock
from tests.clients.uploads import CALL


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def asleep(kind: str) -> Call:
    """Make one call of Asleep, once sync and once async."""
    return partial(asleep_call, kind)


@pytest.fixture
def phonexia(kind: str) -> Call:
    """Make one call of Phonexia, once sync and once async."""
    return partial(phonexia_call, kind)


@pytest.fixture(scope="module")
def asleep_url() -> Iterator[str]:
    """The address of the sandbox's Asleep."""
    with running(asleep_app()) as server:
        yield server.url


@pytest.fixture(scope="module")
def phonexia_url() -> Iterator[str]:
    """The address of the sandbox's Phonexia."""
    with running(phonexia_app()) as server:
        yield server.url


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SkippingClock:
    """A clock for all clients on which pauses take no time."""
    clock = SkippingClock()
    monkeypatch.setattr(Client, "_clock", clock)
    return clock


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """The file of a call."""
    path = tmp_path / "call.wav"
    path.write_bytes(CALL)
    return path
