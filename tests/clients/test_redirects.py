"""Redirects are off; where a caller turns them on, keys stay at the origin that they are meant for."""

import asyncio

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep, Night
from sleeptalk.errors import CallFailed, UnexpectedStatus
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile

NIGHT = answer(example("SessionComplete"))
SECRETS = ("x-api-key", "x-user-id", "authorization", "cookie")


def test_a_redirect_is_not_followed(asleep: Call) -> None:
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 302, f"location: {elsewhere.url}/")) as server:
        with pytest.raises(UnexpectedStatus) as caught:
            asleep(server.url)
        assert caught.value.status == 302
        assert caught.value.response.headers["location"] == f"{elsewhere.url}/"
        assert not elsewhere.requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_followed_with_the_keys(asleep: Call, status: int) -> None:
    with hostile(answer(b"", status, "location: /moved?to=here"), NIGHT) as server:
        assert isinstance(asleep(server.url, options={"follow_redirects": True}), Night)
        assert server.requests[1].startswith("GET /moved?to=here ")
        assert server.header("x-api-key", request=1) == KEY
        assert server.header("x-user-id", request=1) == USER


def test_keys_do_not_leave_the_origin(asleep: Call) -> None:
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 302, f"location: {elsewhere.url}/night")) as server:
        assert isinstance(asleep(server.url, options={"follow_redirects": True}), Night)
        assert [elsewhere.header(name) for name in SECRETS] == [None] * 4
        assert KEY not in elsewhere.requests[0]


def test_keys_come_back_with_the_way_home(asleep: Call) -> None:
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 302, f"location: {elsewhere.url}/"), NIGHT) as server:
        elsewhere_script = answer(b"", 302, f"location: {server.url}/back")
        with hostile(elsewhere_script) as between, hostile(answer(b"", 302, f"location: {between.url}/")) as first:
            assert isinstance(asleep(first.url, options={"follow_redirects": True}), Night)
            assert between.header("x-api-key") is None
            assert server.header("x-api-key") is None


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_injected_client_that_follows_redirects_gives_away_nothing_of_its_own(kind: str) -> None:
    own = {"authorization": "Bearer secret", "cookie": "session=secret", "x-api-key": "secret"}
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 307, f"location: {elsewhere.url}/")) as server:
        if kind == "sync":
            with httpx.Client(follow_redirects=True, headers=own, auth=("user", "secret")) as http:
                Asleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION)
        else:

            async def run() -> None:
                async with httpx.AsyncClient(follow_redirects=True, headers=own, auth=("user", "secret")) as http:
                    await AsyncAsleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION)

            asyncio.run(run())
        assert [elsewhere.header(name) for name in SECRETS] == [None] * 4
        assert server.header("authorization") is not None


def test_an_option_overrules_the_injected_client() -> None:
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 302, f"location: {elsewhere.url}/")) as server:
        with httpx.Client(follow_redirects=True) as http:
            asleep = Asleep(KEY, USER, base_url=server.url, http_client=http)
            with pytest.raises(UnexpectedStatus):
                asleep.with_options(follow_redirects=False).get_session(SESSION)
        assert not elsewhere.requests


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "file:///etc/passwd", "//"])
def test_a_redirect_to_where_nothing_can_be_asked_is_unexpected(asleep: Call, location: str) -> None:
    with hostile(answer(b"", 302, f"location: {location}")) as server, pytest.raises(UnexpectedStatus):
        asleep(server.url, options={"follow_redirects": True})


@pytest.mark.parametrize(
    "location",
    ["http://[", "http:////]-:/x", "javascript:alert(1)", "http://127.0.0.1:70000/", "http://a..b/", "\xff", "\x7f"],
)
@pytest.mark.parametrize("follow", [True, False])
def test_a_redirect_to_no_address_is_an_error_of_the_family(asleep: Call, location: str, *, follow: bool) -> None:
    with hostile(answer(b"", 302, f"location: {location}")) as server, pytest.raises(CallFailed):
        asleep(server.url, client={"retries": 0}, options={"follow_redirects": follow})


def test_redirects_in_a_circle_end(asleep: Call) -> None:
    with hostile(answer(b"", 302, "location: /again")) as server:
        with pytest.raises(UnexpectedStatus):
            asleep(server.url, options={"follow_redirects": True})
        assert len(server.requests) == 6


def test_parameters_of_an_injected_client_do_not_leave_the_origin() -> None:
    with hostile(NIGHT) as elsewhere, hostile(answer(b"", 302, f"location: {elsewhere.url}/night?a=b")) as server:
        with httpx.Client(follow_redirects=True, params={"token": "secret"}) as http:
            Asleep(KEY, USER, base_url=server.url, http_client=http).get_session(SESSION)
        assert "token=secret" in server.requests[0]
        assert elsewhere.requests[0].startswith("GET /night?a=b ")
        assert "secret" not in elsewhere.requests[0]
