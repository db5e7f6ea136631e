"""The HTTP client behind a client, its own or an injected one, fails with errors of this package."""

import asyncio
from collections.abc import Callable, Generator
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import ConfigurationError, ConnectionFailed
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Kind, asleep_call
from tests.clients.hostile import answer, hostile

CLIENTS: dict[str, Any] = {"sync": Asleep, "async": AsyncAsleep}
PASSWORD = "the-password-of-the-proxy"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1"),
        ("HTTP_PROXY", f"ftp://user:{PASSWORD}@127.0.0.1"),
        ("HTTP_PROXY", f"http://user:{PASSWORD}/x@127.0.0.1"),
        ("HTTPS_PROXY", "http://[::1"),
        ("SSL_CERT_FILE", "/dev/null/certificates.pem"),
        ("SSL_CERT_FILE", __file__),
        ("SSLKEYLOGFILE", "/dev/null/keys.log"),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(
    kind: Kind, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=variable) as caught:
        CLIENTS[kind](KEY, USER)
    assert PASSWORD not in str(caught.value)


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("unreadable", ["::1/128", "fe80::/10", "[::1]", "[::1", "http://[", "a b", "*.[::1]"])
def test_an_entry_of_no_proxy_that_cannot_be_read_is_passed_over(
    kind: Kind, unreadable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", f"{unreadable},127.0.0.1")
    with hostile(answer(example("SessionComplete"))) as server:
        assert asleep_call(kind, server.url).session.id


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("entry", "host", "proxied"),
    [
        ("", "example.com", True),
        ("example.com", "example.com", False),
        ("example.com", "api.example.com", False),
        (".example.com", "api.example.com", False),
        (".example.com", "example.com", True),
        ("::1", "[::1]", False),
        ("::1", "[::2]", True),
        ("127.0.0.1", "127.0.0.1", False),
        ("localhost", "localhost", False),
        ("http://example.com", "example.com", False),
        ("*", "example.com", False),
    ],
)
def test_proxies_are_those_that_the_http_library_itself_takes(
    kind: Kind, entry: str, host: str, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", entry)
    own = CLIENTS[kind](KEY, USER)._transport._http
    for client in (own, httpx.Client()):
        transport = client._transport_for_url(httpx.URL(f"http://{host}:9"))
        assert (transport is not client._transport) is proxied


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_request_goes_by_the_proxy_of_the_environment(
    kind: Kind, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hostile(answer(example("SessionComplete"))) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        monkeypatch.setenv("NO_PROXY", "::1/128")
        assert asleep_call(kind, "http://asleep.invalid").session.id
        assert proxy.requests[0].startswith("GET http://asleep.invalid/")


@pytest.mark.parametrize("wrong", [5, 0, "http://127.0.0.1", httpx.Client, object()])
def test_what_is_not_an_http_client_is_refused_at_once(kind: Kind, wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="http_client"):
        CLIENTS[kind](KEY, USER, http_client=wrong)


def test_an_http_client_of_the_other_kind_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"httpx\.Client"):
        CLIENTS["sync"](KEY, USER, http_client=httpx.AsyncClient())
    with httpx.Client() as client, pytest.raises(ConfigurationError, match=r"httpx\.AsyncClient"):
        CLIENTS["async"](KEY, USER, http_client=client)


class Raising(httpx.Auth):
    def __init__(self, error: Exception) -> None:
        self._error = error

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        yield request
        raise self._error


@pytest.mark.parametrize("error", [ValueError("no token"), KeyError("token"), NotImplementedError(), RuntimeError("x")])
def test_an_error_of_an_injected_clients_own_code_gets_out_unchanged(kind: Kind, error: Exception) -> None:
    with hostile(answer({})) as server:
        with pytest.raises(type(error)) as caught:
            CALLS[kind](server.url, Raising(error))
        assert caught.value is error
        assert len(server.requests) == 1


def test_an_error_of_the_http_library_is_a_failed_connection(kind: Kind) -> None:
    digest = httpx.DigestAuth("user", "word")
    with hostile(answer({}, 401, "www-authenticate: Digest garbage")) as server:
        with pytest.raises(ConnectionFailed) as caught:
            CALLS[kind](server.url, digest)
        assert caught.value.attempts == 1  # the next would raise the same
        assert caught.value.reason


def call(url: str, auth: httpx.Auth) -> None:
    with httpx.Client(auth=auth) as client:
        Asleep(KEY, USER, base_url=url, http_client=client).get_session(SESSION)


def call_async(url: str, auth: httpx.Auth) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(auth=auth) as client:
            await AsyncAsleep(KEY, USER, base_url=url, http_client=client).get_session(SESSION)

    asyncio.run(run())


CALLS: dict[Kind, Callable[[str, httpx.Auth], None]] = {"sync": call, "async": call_async}
