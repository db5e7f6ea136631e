"""Get Single Session as the sandbox answers it over HTTP."""

import httpx
import pytest

from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from tests.sandbox_ids import known_ids

KNOWN = SCENARIOS["four-stages"].session_id
BAD_TIMEZONE = (400, {"detail": "The invalid timezone is provided"})


def answer(response: httpx.Response) -> tuple[int, object]:
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()


def test_every_known_id_is_answered_200(sessions: httpx.Client) -> None:
    for session_id in known_ids("asleep"):
        status, body = answer(sessions.get(session_id))
        assert status == 200
        assert isinstance(body, dict)
        assert body["detail"] == "ok"
        assert body["result"]["session"]["id"] == session_id


def test_times_are_in_utc_without_a_timezone_header(sessions: httpx.Client) -> None:
    result = sessions.get(KNOWN).json()["result"]
    assert result["timezone"] == "UTC"
    assert result["session"]["start_time"] == "2022-08-21T09:31:17+00:00"


def test_times_are_in_the_timezone_of_the_header(sessions: httpx.Client) -> None:
    result = sessions.get(KNOWN, headers={"timezone": "Asia/Seoul"}).json()["result"]
    assert result["timezone"] == "Asia/Seoul"
    assert result["session"]["start_time"] == "2022-08-21T18:31:17+09:00"
    assert result["stat"]["sleep_time"] == "2022-08-21T18:46:17+09:00"


@pytest.mark.parametrize(
    "timezone",
    [
        "Mars/Olympus",
        "../etc/passwd",
        "/etc/passwd",
        "Asia",
        "Asia/",
        "asia/seoul",
        "localtime",
        "",
        "x" * 20_000,
        "%00",
    ],
)
def test_a_timezone_that_iana_does_not_name_is_answered_400(sessions: httpx.Client, timezone: str) -> None:
    assert answer(sessions.get(KNOWN, headers={"timezone": timezone})) == BAD_TIMEZONE


def test_a_timezone_that_is_not_ascii_is_answered_400(sessions: httpx.Client) -> None:
    assert answer(sessions.get(KNOWN, headers=[(b"timezone", "서울".encode())])) == BAD_TIMEZONE


@pytest.mark.parametrize(
    ("raw", "session_id"),
    [
        ("20230608020315_hz82", "20230608020315_hz82"),
        ("20220821093117_HZ82A", "20220821093117_HZ82A"),
        ("20220821093117_hz82a%0A", "20220821093117_hz82a\n"),
        ("20220821093117_hz82a/", "20220821093117_hz82a/"),
        ("a%2Fb", "a/b"),
        ("%00", "\x00"),
        ("%EC%84%9C%EC%9A%B8", "서울"),
        ("%FF", "\N{REPLACEMENT CHARACTER}"),
        ("%22%7B%7D%22", '"{}"'),
        ("٢" * 14 + "_abcde", "٢" * 14 + "_abcde"),
        ("x" * 20_000, "x" * 20_000),
    ],
)
def test_a_malformed_id_is_answered_422_and_repeated(sessions: httpx.Client, raw: str, session_id: str) -> None:
    detail = f"The format of sleep session id {session_id} is not valid"
    assert answer(sessions.get(raw)) == (422, {"detail": detail})


def test_an_unknown_id_is_answered_404_and_repeated(sessions: httpx.Client) -> None:
    detail = "Unable to find the sleep session of id 20220821093117_zzzzz"
    assert answer(sessions.get("20220821093117_zzzzz")) == (404, {"detail": detail})


def test_a_night_of_somebody_else_is_not_found(sessions: httpx.Client) -> None:
    detail = f"Unable to find the sleep session of id {KNOWN}"
    assert answer(sessions.get(KNOWN, headers={"x-user-id": "somebody-else"})) == (404, {"detail": detail})


@pytest.mark.parametrize("key", [None, "", "sandbox-api-ke", "sandbox-api-keyx", "Sandbox-Api-Key"])
def test_a_missing_or_wrong_key_is_answered_401(http: httpx.Client, sandbox_url: str, key: str | None) -> None:
    headers = {"x-user-id": SANDBOX_USER_ID} | ({} if key is None else {"x-api-key": key})
    response = http.get(f"{sandbox_url}/data/v2/sessions/{KNOWN}", headers=headers)
    assert answer(response) == (401, {"detail": "The API key is missing or not valid"})


def test_a_key_that_is_not_ascii_is_answered_401(http: httpx.Client, sandbox_url: str) -> None:
    headers = [(b"x-api-key", "열쇠".encode()), (b"x-user-id", SANDBOX_USER_ID.encode())]
    assert http.get(f"{sandbox_url}/data/v2/sessions/{KNOWN}", headers=headers).status_code == 401


@pytest.mark.parametrize("user_id", [None, ""])
def test_a_missing_user_id_is_answered_422_with_a_sentence(
    http: httpx.Client, sandbox_url: str, user_id: str | None
) -> None:
    headers = {"x-api-key": SANDBOX_API_KEY} | ({} if user_id is None else {"x-user-id": user_id})
    response = http.get(f"{sandbox_url}/data/v2/sessions/{KNOWN}", headers=headers)
    assert answer(response) == (422, {"detail": "The header x-user-id is missing"})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_answered_405_whether_they_bring_a_body_or_not(sessions: httpx.Client, method: str) -> None:
    for content in (None, b"x" * 200_000):
        response = sessions.request(method, KNOWN, content=content)
        assert answer(response) == (405, {"detail": "Method Not Allowed"})
        assert response.headers["allow"] == "GET"


def test_head_is_answered_405_without_a_body(sessions: httpx.Client) -> None:
    response = sessions.head(KNOWN)
    assert (response.status_code, response.content) == (405, b"")


def test_a_path_that_is_nothing_is_answered_404(http: httpx.Client, sandbox_url: str) -> None:
    for path in ("/", "/data/v2/sessions", "/data/v3", "/data/v4/sessions/x"):
        assert answer(http.get(f"{sandbox_url}{path}")) == (404, {"detail": "Not Found"})


def test_it_can_expect_another_key_and_user(http: httpx.Client) -> None:
    with running(asleep_app(api_key="key-of-mine", user_id="user-of-mine")) as server:
        address = f"{server.url}/data/v2/sessions/{KNOWN}"
        mine = {"x-api-key": "key-of-mine", "x-user-id": "user-of-mine"}
        assert http.get(address, headers=mine).status_code == 200
        assert http.get(address, headers=mine | {"x-api-key": SANDBOX_API_KEY}).status_code == 401
        assert http.get(address, headers=mine | {"x-user-id": SANDBOX_USER_ID}).status_code == 404
