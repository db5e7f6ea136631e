"""`assert_conforms` on the answers of HTTP libraries and of the test clients of frameworks."""

import asyncio
import http.client
from collections.abc import Callable, Mapping
from typing import Any

import flask
import httpx
import pytest
import requests
from django.http import HttpResponse

from sleeptalk_contract.pytest_plugin import AsleepSandbox, assert_conforms
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from tests.django_settings import configure
from tests.pytest_plugin.stand_ins import (
    TEMPLATE,
    Ask,
    Change,
    ask_django,
    ask_django_async,
    ask_flask,
    ask_starlette,
    unchanged,
    zipped,
)

HEADERS = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
NIGHT = SCENARIOS["four-stages"].session_id
UNKNOWN = "20240229235959_zzzzz"
WRONG_KEY = {**HEADERS, "x-api-key": "a-wrong-key"}

STAND_INS: Mapping[str, Callable[[Change], Ask]] = {
    "flask": ask_flask,
    "django": ask_django,
    "django, streaming": lambda change: ask_django(change, streaming=True),
    "starlette": ask_starlette,
}
EVERY_STAND_IN = pytest.mark.parametrize("stand_in", STAND_INS.values(), ids=STAND_INS)


def refusing(status: int, body: Any, content_type: str = "application/json") -> Change:
    def change(answer: Answer) -> Answer:
        answer.status, answer.body, answer.headers = status, body, {"content-type": content_type}
        return answer

    return change


@EVERY_STAND_IN
@pytest.mark.parametrize("change", [unchanged, zipped], ids=["plain", "gzip"])
def test_a_night_of_a_test_client_conforms(stand_in: Callable[[Change], Ask], change: Change) -> None:
    ask = stand_in(change)
    assert_conforms(ask(NIGHT, {**HEADERS, "timezone": "Africa/Cairo"}), api_key=SANDBOX_API_KEY, strict=True)


@EVERY_STAND_IN
def test_what_a_test_client_returns_is_judged(stand_in: Callable[[Change], Ask]) -> None:
    def without_timezone(answer: Answer) -> Answer:
        answer.body["result"].pop("timezone")
        return answer

    response = stand_in(without_timezone)(NIGHT, HEADERS)
    for _ in range(2):  # a body that streams is read once, and is there again
        with pytest.raises(AssertionError, match=r"session\.shape: ") as caught:
            assert_conforms(response)
        assert f"{TEMPLATE}{NIGHT} breaks the contract" in str(caught.value)


@EVERY_STAND_IN
def test_the_headers_of_a_test_clients_request_are_read(stand_in: Callable[[Change], Ask]) -> None:
    response = stand_in(unchanged)(NIGHT, {**HEADERS, "timezone": "Asia/Seoul"})
    assert_conforms(response, strict=True)
    with pytest.raises(AssertionError, match=r"session\.api-key-required"):
        assert_conforms(response, api_key="another-key")


def test_an_answer_of_an_asynchronous_test_client_conforms() -> None:
    assert_conforms(asyncio.run(ask_django_async(NIGHT, HEADERS)), api_key=SANDBOX_API_KEY, strict=True)


@pytest.mark.parametrize(
    "get",
    [
        pytest.param(lambda url, headers: httpx.get(url, headers=headers), id="httpx"),
        pytest.param(lambda url, headers: requests.get(url, headers=headers, timeout=5), id="requests"),
        pytest.param(lambda url, headers: requests.get(url, headers=headers, timeout=5, stream=True), id="streamed"),
    ],
)
def test_what_an_http_library_returns_is_judged(get: Callable[..., Any], asleep_sandbox: AsleepSandbox) -> None:
    url = f"{asleep_sandbox.url}{TEMPLATE}"
    assert_conforms(get(f"{url}{NIGHT}", HEADERS), api_key=SANDBOX_API_KEY, strict=True)
    assert_conforms(get(f"{url}{UNKNOWN}", HEADERS), api_key=SANDBOX_API_KEY, strict=True)
    assert_conforms(get(f"{url}0", HEADERS), api_key=SANDBOX_API_KEY, strict=True)
    assert_conforms(get(f"{url}{NIGHT}", WRONG_KEY), strict=True)
    assert_conforms(get(f"{url}{NIGHT}", WRONG_KEY), api_key=SANDBOX_API_KEY, strict=True)
    assert_conforms(get(f"{url}{NIGHT}", {"x-api-key": SANDBOX_API_KEY}), api_key=SANDBOX_API_KEY, strict=True)


@pytest.mark.parametrize("key", [None, SANDBOX_API_KEY], ids=["key not given", "key given"])
@pytest.mark.parametrize("identifier", [NIGHT, UNKNOWN, "0", "세션"])
@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (401, {"detail": "Unauthorized"}, "application/json"),
        (401, {"message": "Unauthorized"}, "application/json"),
        (403, {"detail": "Plan is expired"}, "application/json"),
        (403, b"<h1>Forbidden</h1>", "text/html"),
        (401, b"", "text/plain"),
    ],
)
def test_a_right_refusal_of_a_key_is_right(
    key: str | None, identifier: str, status: int, body: Any, content_type: str
) -> None:
    ask = ask_flask(refusing(status, body, content_type))
    assert_conforms(ask(identifier, WRONG_KEY), api_key=key, strict=True)
    assert_conforms(ask(identifier, {"x-user-id": SANDBOX_USER_ID}), api_key=key, strict=True)


def test_a_documented_refusal_of_the_right_key_is_right() -> None:
    assert_conforms(ask_flask(refusing(403, {"detail": "Plan is expired"}))(UNKNOWN, HEADERS), api_key=SANDBOX_API_KEY)


@pytest.mark.parametrize("headers", [WRONG_KEY, {"x-user-id": SANDBOX_USER_ID}], ids=["wrong", "missing"])
@pytest.mark.parametrize("identifier", [NIGHT, UNKNOWN])
@pytest.mark.parametrize("status", [200, 302, 400, 404, 422])
def test_any_other_answer_to_a_wrong_key_is_a_breach(status: int, identifier: str, headers: dict[str, str]) -> None:
    response = ask_flask(refusing(status, {"detail": "no"}))(identifier, headers)
    with pytest.raises(AssertionError, match=r"session\.api-key-required"):
        assert_conforms(response, api_key=SANDBOX_API_KEY)


def test_a_request_that_is_wrong_in_its_id_as_well_may_be_refused_for_that() -> None:
    response = ask_flask(refusing(422, {"detail": "The format of sleep session id 0 is not valid"}))("0", WRONG_KEY)
    assert_conforms(response, api_key=SANDBOX_API_KEY, strict=True)


def test_a_malformed_id_that_is_served_does_not_conform() -> None:
    served = ask_flask(refusing(200, {"detail": "ok"}))("0", HEADERS)
    with pytest.raises(AssertionError, match=r"session\.malformed-id-422"):
        assert_conforms(served)


def test_a_gateway_that_does_its_own_authentication_ignores_the_rules_about_keys_and_users() -> None:
    night = ask_flask()(NIGHT, HEADERS).get_data()

    def signed_in(_refused: Answer) -> Answer:
        return Answer(200, body=night)

    response = ask_flask(signed_in)(NIGHT, {"authorization": "Bearer of-a-user"})
    with pytest.raises(AssertionError, match=r"session\.api-key-required") as caught:
        assert_conforms(response)
    assert "session.user-id-required" in str(caught.value)
    with pytest.raises(AssertionError, match=r"session\.user-id-required"):
        assert_conforms(response, ignore="session.api-key-required")
    assert_conforms(response, ignore=["session.api-key-required", "session.user-id-required"], strict=True)


def test_a_rule_to_ignore_that_does_not_exist_is_named() -> None:
    response = ask_flask()(NIGHT, HEADERS)
    with pytest.raises(ValueError, match=r"'session\.api-key': did you mean|did you mean session\.api-key-required\?"):
        assert_conforms(response, ignore="session.api-key-require")


class TestUnreadable:
    def test_what_is_not_a_response_is_told_what_is(self) -> None:
        for value in (None, 200, b"{}", {"detail": "ok"}, http.client.HTTPResponse.__new__(http.client.HTTPResponse)):
            with pytest.raises(TypeError, match=r"Cannot judge a \w+ of \w+: pass a response of httpx or requests, or"):
                assert_conforms(value)

    def test_a_response_without_a_request_is_told_what_is_missing(self) -> None:
        configure()
        for response in (httpx.Response(200, json={}), requests.Response(), flask.Response("{}"), HttpResponse("{}")):
            response.status_code = 200
            with pytest.raises(ValueError, match=r"Cannot tell which request a \w+ of \w+ answers: pass"):
                assert_conforms(response)

    def test_a_body_that_was_not_read_is_told_to_be_read(self, asleep_sandbox: AsleepSandbox) -> None:
        url = f"{asleep_sandbox.url}{TEMPLATE}{NIGHT}"
        with (
            httpx.stream("GET", url, headers=HEADERS) as response,
            pytest.raises(
                ValueError, match=r"The body of a Response of httpx cannot be read \(.*\): read it to its end"
            ),
        ):
            assert_conforms(response)

    @pytest.mark.parametrize("stand_in", [ask_flask, ask_django])
    def test_an_encoding_that_cannot_be_read_is_named(self, stand_in: Callable[[Change], Ask]) -> None:
        def brotli(answer: Answer) -> Answer:
            answer.body, answer.headers["content-encoding"] = b"\x8b\x00\x80", "br"
            return answer

        with pytest.raises(ValueError, match="its content-encoding is br: send the request without accept-encoding"):
            assert_conforms(stand_in(brotli)(NIGHT, HEADERS))
