"""The options of a client, and its errors for arguments that it cannot use."""

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from sleeptalk.asleep import Asleep, Night
from sleeptalk.errors import ConfigurationError, InvalidHeaderValue, SleeptalkError
from sleeptalk.phonexia import Phonexia
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile

NIGHT = answer(example("SessionComplete"))
TASK_PENDING = answer(example("TimeAnalysisPending", "phonexia"))


@pytest.mark.parametrize("seconds", [1_000_001, sys.maxsize, 10**400, 10**5000, 1e10, True, "30"], ids=type)
def test_a_time_that_no_clock_counts_is_refused(seconds: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout must be a number of seconds above 0, at most 1000000, "):
        Asleep(KEY, USER, timeout=seconds)
    with Phonexia("http://appliance:8000") as phonexia, pytest.raises(ConfigurationError, match="poll must be"):
        phonexia.wait_for_time_analysis(UUID(int=1), poll=seconds)


def test_the_longest_time_is_a_time(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        assert isinstance(asleep(server.url, client={"timeout": 1_000_000}), Night)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("retries", True, "retries must be a whole number, 0 or more, not True."),
        ("body_limit", True, "body_limit must be a whole number of bytes above 0, not True."),
        ("body_limit", 1e6, "body_limit must be a whole number of bytes above 0, not 1000000.0."),
        ("check_ids", "no", "check_ids must be True or False, not 'no'."),
        ("follow_redirects", "yes", "follow_redirects must be True or False, not 'yes'."),
        ("follow_redirects", 1, "follow_redirects must be True or False, not 1."),
    ],
)
def test_an_option_of_another_type_is_refused(option: str, value: Any, message: str) -> None:
    with Asleep(KEY, USER) as asleep, pytest.raises(ConfigurationError) as caught:
        asleep.with_options(**{option: value})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "url",
    [
        "http://h/?",
        "http://h#",
        "http://h/base?#",
        "http://999.1.1.1:8000",
        "http://[v1.a]:80",
        "http://[::1",
        f"http://h/{'a' * 70_000}",
    ],
)
def test_an_address_that_no_request_could_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url is not the URL of a server"):
        Phonexia(url)


@pytest.mark.parametrize(("url", "kind"), [(httpx.URL("http://h"), "URL"), (Path("h"), "PosixPath"), (5, "int")])
def test_an_address_that_is_not_text_is_called_so(url: Any, kind: str) -> None:
    for make in (lambda: Phonexia(url), lambda: Asleep(KEY, USER, base_url=url)):
        with pytest.raises(ConfigurationError, match=f"^base_url must be a str, not {kind}"):
            make()


def test_a_user_that_is_not_text_is_called_so() -> None:
    user: Any = 5
    with pytest.raises(ConfigurationError, match="user_id must be a str, not int"):
        Asleep(KEY, user)


@pytest.mark.parametrize("user", ["", None, 5])
def test_another_user_must_be_named(user: Any) -> None:
    with (
        Asleep(KEY, USER) as asleep,
        pytest.raises(ConfigurationError, match="user_id must be a non-empty str"),
    ):
        asleep.for_user(user)


def test_an_empty_header_is_not_sent(asleep: Call, phonexia: Call) -> None:
    with hostile(NIGHT) as server:
        with pytest.raises(InvalidHeaderValue, match="at least one character") as caught:
            asleep(server.url, timezone="")
        assert caught.value.header == "timezone"
        with pytest.raises(InvalidHeaderValue) as caught:
            phonexia(server.url, request_id="")
        assert caught.value.header == "x-request-id"
        assert not server.requests


def test_a_header_that_is_not_text_is_called_so(asleep: Call) -> None:
    with hostile(NIGHT) as server, pytest.raises(InvalidHeaderValue, match="it must be a str, not int"):
        asleep(server.url, timezone=5)


def test_ids_of_a_request_may_be_uuids(phonexia: Call) -> None:
    with hostile(TASK_PENDING) as server:
        phonexia(server.url, request_id=UUID(int=1), correlation_id=UUID(int=2))
        assert server.header("x-request-id") == str(UUID(int=1))
        assert server.header("x-correlation-id") == str(UUID(int=2))


def test_an_unchecked_id_that_is_too_long_for_an_address_is_an_error_of_the_family(asleep: Call) -> None:
    with hostile(NIGHT) as server:
        with pytest.raises(SleeptalkError, match="URL too long"):
            asleep(server.url, "get_session", "a" * 70_000, options={"check_ids": False})
        assert not server.requests
        asleep(server.url, "get_session", SESSION)


def test_user_and_password_of_an_address_are_sent_and_not_shown(asleep: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with hostile(NIGHT) as server:
        asleep(server.url.replace("http://", "http://us:pass%40word@"))
        assert server.header("authorization") == "Basic dXM6cGFzc0B3b3Jk"
    assert server.url in caplog.text
    assert "pass%40word" not in caplog.text
    assert "dXM6cGFzc0B3b3Jk" not in caplog.text
