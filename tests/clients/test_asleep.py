"""Reading nights: what comes back, what is refused, what a client does with its connections and its keys."""

import asyncio
import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import httpx
import pytest

from sleeptalk.asleep import (
    Asleep,
    AsyncAsleep,
    BreathingPattern,
    Night,
    OsaStage,
    SessionState,
    SleepStage,
    ValidityStatus,
)
from sleeptalk.errors import (
    CallFailed,
    ConfigurationError,
    ContractViolation,
    InvalidHeaderValue,
    InvalidSessionId,
    InvalidTimezone,
    InvalidUserId,
    QuotaExceeded,
    RequestRefused,
    SessionNotFound,
    Unauthorized,
)
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile

SANDBOX = {"api_key": SANDBOX_API_KEY, "user_id": SANDBOX_USER_ID}
NIGHT = answer(example("SessionComplete"), 200, "x-request-id: abc", "x-correlation-id: def")


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_night_of_the_sandbox_is_read(asleep: Call, asleep_url: str, scenario: str) -> None:
    given = SCENARIOS[scenario]
    night = asleep(asleep_url, "get_session", given.session_id, timezone="Asia/Seoul", client=SANDBOX)
    assert isinstance(night, Night)
    assert night.session.id == given.session_id
    assert night.session.state.value == given.state
    assert night.timezone == "Asia/Seoul"
    assert night.session.start_time.utcoffset().total_seconds() == 9 * 3600
    if night.session.sleep_stages is not None:
        assert {type(stage) for stage in night.session.sleep_stages} == {SleepStage}


@pytest.mark.parametrize("method", ["get_session", "wait_for_session"])
def test_a_time_zone_may_be_a_zoneinfo(asleep: Call, method: str) -> None:
    with hostile(NIGHT) as server:
        asleep(server.url, method, timezone=ZoneInfo("America/Argentina/Buenos_Aires"))
        assert [server.header("timezone")] == ["America/Argentina/Buenos_Aires"]
    with (resources.files("tzdata") / "zoneinfo" / "Asia" / "Seoul").open("rb") as file:
        nameless = ZoneInfo.from_file(file)
    with pytest.raises(InvalidHeaderValue, match="timezone"):
        asleep("http://127.0.0.1:9", method, timezone=nameless)


def test_values_have_the_types_that_programs_want(asleep: Call, asleep_url: str) -> None:
    night = asleep(asleep_url, "get_session", SCENARIOS["four-stages"].session_id, client=SANDBOX)
    assert night.session.state is SessionState.COMPLETE
    assert night.session.sleep_stages[0] is SleepStage.WAKE
    assert night.session.osa_stages[0] is OsaStage.STABLE
    assert isinstance(night.stat.sleep_efficiency, float)
    assert isinstance(night.stat.breathing_pattern, BreathingPattern)
    assert night.stat.time_in_bed == (night.session.end_time - night.session.start_time).total_seconds()


def test_the_raw_answer_comes_with_the_night(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        response = asleep(server.url).response
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content.startswith(b'{"detail": "ok"')
    assert (response.request_id, response.correlation_id, response.retry_after) == ("abc", "def", None)


def test_a_night_equals_the_same_night_read_again(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        night, again = asleep(server.url), asleep(server.url)
    assert night == again
    assert night != attrs.evolve(night, stat=None)
    assert night.response != again.response
    assert "response=" not in repr(night)


def test_a_night_can_be_copied_pickled_and_taken_apart(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        night = asleep(server.url)
    for twin in (copy.copy(night), copy.deepcopy(night), pickle.loads(pickle.dumps(night))):
        assert twin == night
        assert twin.response.content == night.response.content
    taken_apart = attrs.asdict(night)
    assert taken_apart["stat"]["sleep_efficiency"] == night.stat.sleep_efficiency
    assert Night(**taken_apart | {"session": night.session, "stat": night.stat}) == night


def test_what_the_vendor_adds_is_kept_or_passed_over(asleep: Call) -> None:
    body = example("SessionComplete")
    body["result"] |= {"validity": "PERHAPS:LATER", "peculiarities": []}
    body["result"]["session"] |= {"state": "ARCHIVED", "snoring_stages": [1], "sleep_stages": [0, 9]}
    body["result"]["stat"]["breathing_pattern"] = "STORMY"
    with hostile(answer(body)) as server:
        night = asleep(server.url)
    assert (night.session.state, night.stat.breathing_pattern) == ("ARCHIVED", "STORMY")
    assert night.session.sleep_stages == [0, 9]
    assert night.validity == "PERHAPS:LATER"
    assert night.validity.status is ValidityStatus.UNKNOWN


@pytest.mark.parametrize("method", ["get_session", "wait_for_session"])
def test_the_night_of_another_session_is_never_taken_for_the_one_that_was_asked_for(asleep: Call, method: str) -> None:
    with hostile(NIGHT) as server, pytest.raises(ContractViolation, match="20240310130000_k3x9q") as caught:
        asleep(server.url, method, "20240310130000_k3x9q")
    assert caught.value.path == "$.result.session.id"
    assert (caught.value.status, caught.value.attempts) == (200, 1)


def test_a_whole_number_may_be_written_with_a_point(asleep: Call) -> None:
    body = example("SessionComplete")
    body["result"]["stat"]["time_in_bed"] = 28800.0
    with hostile(answer(body)) as server:
        time_in_bed = asleep(server.url).stat.time_in_bed
    assert time_in_bed == 28800
    assert isinstance(time_in_bed, int)


def test_the_request_is_the_documented_one(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        asleep(f"{server.url}/gateway/", timezone="Asia/Seoul")
        assert server.requests[0].startswith(f"GET /gateway/data/v2/sessions/{SESSION} HTTP/1.1")
        sent = [server.header(name) for name in ("x-api-key", "x-user-id", "timezone", "accept")]
        assert sent == [KEY, USER, "Asia/Seoul", "application/json"]
        assert (server.header("user-agent") or "").startswith("sleeptalk/")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"session_id": "20220821093117_zzzzz"}, SessionNotFound),
        ({"timezone": "Mars/Olympus"}, InvalidTimezone),
        ({"session_id": "20230608020315_hz82", "options": {"check_ids": False}}, InvalidSessionId),
        ({"client": SANDBOX | {"api_key": "wrong"}}, Unauthorized),
        ({"client": SANDBOX | {"user_id": "G-20220821093117-SomebodyElse12345678"}}, SessionNotFound),
    ],
)
def test_each_refusal_of_the_sandbox_has_its_class(
    asleep: Call, asleep_url: str, change: dict[str, Any], error: type[CallFailed]
) -> None:
    asked = {"session_id": SCENARIOS["four-stages"].session_id, "client": SANDBOX} | change
    with pytest.raises(error) as caught:
        asleep(asleep_url, "get_session", asked.pop("session_id"), **asked)
    assert caught.value.detail
    assert caught.value.response.status == caught.value.status


@pytest.mark.parametrize(
    ("status", "detail", "error"),
    [
        (403, "Quota exceeded", QuotaExceeded),
        (400, "Invalid timezone format", InvalidTimezone),
        (404, "Session not found", SessionNotFound),
        (400, "The format of sleep session id x is not valid", InvalidSessionId),
        (400, "The format of x-user-id is invalid", InvalidUserId),
    ],
)
def test_other_words_of_the_vendor_mean_the_same(
    asleep: Call, status: int, detail: str, error: type[CallFailed]
) -> None:
    with hostile(answer({"detail": detail}, status)) as server, pytest.raises(error) as caught:
        asleep(server.url)
    assert caught.value.detail == detail


def test_a_list_of_errors_is_readable(asleep: Call) -> None:
    errors = [{"loc": ["header", "x-user-id"], "msg": "field required", "type": "missing"}, {"msg": "and more"}]
    with hostile(answer({"detail": errors}, 422)) as server, pytest.raises(RequestRefused) as caught:
        asleep(server.url)
    assert caught.value.detail == "header.x-user-id: field required; and more"


@pytest.mark.parametrize("session_id", ["", "x", "20220821093117_hz82", f"{SESSION}\n", "../../etc", None, 7])
def test_a_malformed_id_is_refused_before_anything_is_sent(asleep: Call, session_id: Any) -> None:
    with hostile(NIGHT) as server:
        with pytest.raises(InvalidSessionId) as caught:
            asleep(server.url, "get_session", session_id)
        assert not server.requests
        assert (caught.value.status, caught.value.attempts) == (None, 0)


@pytest.mark.parametrize("session_id", ["..", "", "%2e%2e", "a/../b"])
def test_an_id_never_changes_the_path_even_unchecked(asleep: Call, session_id: str) -> None:
    with hostile(NIGHT) as server:
        with pytest.raises(InvalidSessionId):
            asleep(server.url, "get_session", session_id, options={"check_ids": False})
        assert not server.requests


@pytest.mark.parametrize("value", ["Asia/Seoul\r\nx-api-key: other", "Asia/\x00", "서울", " UTC", "UTC\t", "\ud800"])
def test_a_header_value_that_cannot_be_sent_is_refused(asleep: Call, value: str) -> None:
    with hostile(NIGHT) as server:
        with pytest.raises(InvalidHeaderValue) as caught:
            asleep(server.url, timezone=value)
        assert caught.value.header == "timezone"
        with pytest.raises(InvalidHeaderValue) as caught:
            asleep(server.url, client={"api_key": value})
        assert caught.value.header == "x-api-key"
        assert not server.requests


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, asleep: Call) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", "from-the-environment")
    monkeypatch.setenv("ASLEEP_USER_ID", "its-user")
    with hostile(NIGHT) as server:
        asleep(server.url, client={"api_key": None, "user_id": None})
        assert (server.header("x-api-key"), server.header("x-user-id")) == ("from-the-environment", "its-user")


@pytest.mark.parametrize("variable", ["ASLEEP_API_KEY", "ASLEEP_USER_ID"])
def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", KEY)
    monkeypatch.setenv("ASLEEP_USER_ID", USER)
    monkeypatch.delenv(variable)
    with pytest.raises(ConfigurationError, match=variable):
        Asleep()


@pytest.mark.parametrize(
    "wrong",
    [
        *[{"timeout": value} for value in (0, -1, float("nan"), float("inf"), "30", None)],
        *[{"retries": value} for value in (-1, 1.5, None)],
        *[{"base_url": value} for value in ("", "api.asleep.ai", "ftp://x", "http://", "http://x:99999")],
        *[{"base_url": value} for value in ("http://x/?q", "http://x/#f", "http://x y", "http://수면", "http://x\n")],
    ],
)
@pytest.mark.parametrize("client", [Asleep, AsyncAsleep])
def test_an_option_that_cannot_be_used_is_refused_at_once(client: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        client(KEY, USER, **wrong)


def test_a_copy_with_options_leaves_the_client_as_it_is(asleep_url: str) -> None:
    with Asleep(**SANDBOX, base_url=asleep_url) as asleep:
        with asleep.with_options(timeout=1.5, retries=0) as quick:
            assert "timeout=1.5, retries=0" in repr(quick)
        assert "timeout=30.0, retries=2" in repr(asleep)
        assert asleep.get_session(SCENARIOS["closed"].session_id).session.state is SessionState.CLOSED


def test_one_client_reads_the_sessions_of_several_users(asleep_url: str) -> None:
    with Asleep(**SANDBOX, base_url=asleep_url) as asleep:
        with pytest.raises(SessionNotFound):
            asleep.for_user("G-1").get_session(SCENARIOS["closed"].session_id)
        assert asleep.for_user("G-1").for_user(SANDBOX_USER_ID).get_session(SCENARIOS["closed"].session_id)


def test_a_closed_client_says_so() -> None:
    with Asleep(KEY, USER) as asleep:
        pass
    with pytest.raises(ConfigurationError, match="closed"):
        asleep.get_session(SESSION)


def test_an_injected_client_is_used_and_left_as_it_was() -> None:
    with hostile(NIGHT) as server, httpx.Client(headers={"x-mine": "1"}) as http:
        before = (dict(http.headers), http.timeout, http.follow_redirects)
        with Asleep(KEY, USER, base_url=server.url, http_client=http) as asleep:
            asleep.get_session(SESSION)
        assert not http.is_closed
        assert (dict(http.headers), http.timeout, http.follow_redirects) == before
        assert server.header("x-mine") == "1"


def test_a_mocked_transport_does_for_a_users_tests() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=example("SessionComplete")))
    with httpx.Client(transport=transport) as http:
        assert isinstance(Asleep(KEY, USER, http_client=http).get_session(SESSION), Night)


def test_many_threads_share_one_client(asleep_url: str) -> None:
    ids = [night.session_id for night in SCENARIOS.values()] * 4
    with Asleep(**SANDBOX, base_url=asleep_url) as asleep, ThreadPoolExecutor(8) as threads:
        nights = list(threads.map(asleep.get_session, ids))
    assert [night.session.id for night in nights] == ids


def test_many_calls_share_one_async_client(asleep_url: str) -> None:
    async def run() -> list[Night]:
        async with AsyncAsleep(**SANDBOX, base_url=asleep_url) as asleep:
            return await asyncio.gather(*(asleep.get_session(night.session_id) for night in SCENARIOS.values()))

    assert [night.session.id for night in asyncio.run(run())] == [night.session_id for night in SCENARIOS.values()]
