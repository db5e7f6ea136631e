"""Over TLS, which is how Asleep is reached, the same promises hold."""

import asyncio
import ssl
from pathlib import Path

import pytest

from sleeptalk.asleep import AsyncAsleep, Night
from sleeptalk.errors import ConnectionFailed, DeadlineExceeded
from tests.certificates import make_certificate, needs_openssl, server_context
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import Script, answer, drip_after, head, hostile, silence_after

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    return server_context(certificate)


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def test_a_night_is_read(asleep: Call, tls: ssl.SSLContext, trusted: None) -> None:
    with hostile(answer(example("SessionComplete")), tls=tls) as server:
        assert isinstance(asleep(server.url), Night)


def test_a_certificate_that_nobody_vouches_for_is_a_failed_connection(asleep: Call, tls: ssl.SSLContext) -> None:
    with hostile(answer(example("SessionComplete")), tls=tls) as server:
        with pytest.raises(ConnectionFailed, match="certificate verify failed") as caught:
            asleep(server.url)
        assert caught.value.attempts == 1  # it would be the same again
        assert not server.requests


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(silence_after(), id="no-answer"),
        pytest.param(drip_after(b"HTTP/1.1 200 OK\r\nx: ", drop=b"y"), id="headers-drip"),
        pytest.param(drip_after(head(200, length=100_000)), id="body-drips"),
    ],
)
def test_the_deadline_ends_a_call(asleep: Call, tls: ssl.SSLContext, trusted: None, script: Script) -> None:
    with hostile(script, tls=tls) as server, pytest.raises(DeadlineExceeded):
        asleep(server.url, client={"timeout": 0.5})


def test_the_deadline_ends_a_handshake_that_never_comes(asleep: Call) -> None:
    with hostile(silence_after()) as server:
        with pytest.raises(DeadlineExceeded):
            asleep(server.url.replace("http:", "https:"), client={"timeout": 0.3})
        assert server.hung_up.wait(10)


def test_a_cancelled_handshake_leaves_no_connection_behind() -> None:
    async def run() -> None:
        async with AsyncAsleep(KEY, USER, base_url=server.url.replace("http:", "https:")) as asleep:
            call = asyncio.ensure_future(asleep.get_session(SESSION))
            assert await asyncio.to_thread(server.arrived.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await asyncio.to_thread(server.hung_up.wait, 10)

    with hostile(silence_after()) as server:
        asyncio.run(run())
