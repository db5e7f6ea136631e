"""A traceback that shows the variables of its frames, as error trackers make them, shows no key."""

import json
import logging
import sys
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.callback import asgi, parse
from sleeptalk.errors import SleeptalkError
from sleeptalk.phonexia import AsyncPhonexia, Phonexia
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_contract.sandbox.server import running
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile, raw

PASSWORD = "the-password-that-nobody-may-see"
OTHER = "another-key-that-nobody-may-see"
WINDOW = json.dumps(example("CallbackWindow")).encode()


class Kettle(SyncClient):
    """A client of a service that needs nothing but an address."""


def shown(error: BaseException) -> str:
    """Write the traceback below the test's own functions, with the variables of each frame."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.endswith(("test_tracebacks.py", "calling.py")):
        frames = frames.tb_next
    written = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join(written.format())


def failing(call: Callable[[], object]) -> str:
    with pytest.raises(SleeptalkError) as caught:
        call()
    return shown(caught.value)


def refused(body: bytes, headers: Any, api_key: Any) -> str:
    with pytest.raises(SleeptalkError) as caught:
        parse(body, headers, api_key=api_key)
    return shown(caught.value)


@pytest.mark.parametrize(
    ("body", "headers", "api_key"),
    [
        pytest.param(b"{}", {"x-api-key": OTHER}, KEY, id="another key"),
        pytest.param(b"{}", {"authorization": OTHER}, [KEY, "x"], id="no key"),
        pytest.param(b"{}", [("x-api-key", KEY), ("x-api-key", OTHER)], KEY, id="two keys"),
        pytest.param(b"{}", [(KEY, OTHER, "three")], KEY, id="headers that cannot be read"),
        pytest.param(b"{}", {"x-api-key": KEY}, KEY, id="another form"),
        pytest.param(b"no JSON", {"x-api-key": KEY}, KEY, id="no JSON"),
        pytest.param("text", {"x-api-key": KEY}, KEY, id="no bytes"),
        pytest.param(b"{}", {"x-api-key": KEY}, f"{KEY}\n", id="a key that no header carries"),
        pytest.param(b"{}", {"x-api-key": KEY}, [KEY, 5], id="a key that is not a str"),
        pytest.param(b"{}", {"x-api-key": KEY}, [KEY, ""], id="an empty key"),
    ],
)
def test_a_refused_callback_shows_neither_key_nor_headers(body: Any, headers: Any, api_key: Any) -> None:
    text = refused(body, headers, api_key)
    assert "parsing.py" in text
    assert KEY not in text
    assert OTHER not in text


@pytest.mark.parametrize("options", [{"api_key": f"{KEY}\n"}, {"api_key": [KEY, 5]}, {"api_key": KEY, "body_limit": 0}])
def test_a_receiver_that_cannot_be_made_shows_no_key(options: dict[str, Any]) -> None:
    text = failing(lambda: asgi(print, **options))
    assert "receiver.py" in text
    assert KEY not in text


class Tracker(logging.Handler):
    """Keeps the traceback of what is being handled when a line is logged, with the variables of each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        self.texts.append(record.getMessage() + ("" if error is None else shown(error)))


@pytest.mark.parametrize(
    ("key", "body"),
    [(KEY, WINDOW), (KEY, b"{}"), (KEY, b"no JSON"), (OTHER, WINDOW)],
    ids=["handler", "form", "JSON", "key"],
)
def test_a_callback_that_is_answered_with_an_error_shows_no_key(key: str, body: bytes) -> None:
    def handler(_: Any) -> None:
        raise LookupError

    tracker = Tracker()
    logger = logging.getLogger("sleeptalk")
    logger.addHandler(tracker)
    try:
        with running(asgi(handler, api_key=KEY)) as server:
            answered = httpx.post(server.url, content=body, headers={"x-api-key": key}, trust_env=False)
    finally:
        logger.removeHandler(tracker)
    assert answered.is_error
    (text,) = tracker.texts
    assert KEY not in text
    assert OTHER not in text


UNUSABLE = [
    {"timeout": 0},
    {"retries": -1},
    {"base_url": "nope"},
    {"base_url": 5},
    {"user_id": ""},
    {"user_id": 5},
]


@pytest.mark.parametrize("make", [Asleep, AsyncAsleep])
@pytest.mark.parametrize("unusable", UNUSABLE, ids=str)
def test_a_constructor_that_fails_shows_no_key(
    make: Callable[..., object], unusable: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"api_key": KEY, "user_id": USER, **unusable}
    text = failing(lambda: make(**given))
    assert "__init__" in text
    assert KEY not in text
    monkeypatch.setenv("ASLEEP_API_KEY", KEY)
    assert KEY not in failing(lambda: make(**{**given, "api_key": None}))


@pytest.mark.parametrize("make", [Asleep, AsyncAsleep, Phonexia, AsyncPhonexia, Kettle])
@pytest.mark.parametrize(
    "unusable",
    [
        {"timeout": 0},
        {"retries": -1},
        {"base_url": f"ftp://user:{PASSWORD}@appliance"},
        {"base_url": f"http://user:{PASSWORD}@appliance:99999"},
        {"base_url": f"http://user:{PASSWORD}@appliance/?x"},
        {"base_url": f"http://user:{PASSWORD}@[appliance"},
        {"base_url": f"http://user:{PASSWORD}@appliance".encode()},
        {"http_client": 5},
    ],
    ids=str,
)
def test_a_constructor_that_fails_shows_no_password_of_the_address(
    make: Callable[..., object], unusable: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", KEY)
    monkeypatch.setenv("ASLEEP_USER_ID", USER)
    text = failing(lambda: make(**{"base_url": f"http://user:{PASSWORD}@appliance", **unusable}))
    assert "__init__" in text
    assert PASSWORD not in text


def test_the_address_of_an_environment_that_cannot_be_used_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONEXIA_URL", f"ftp://user:{PASSWORD}@appliance")
    text = failing(Phonexia)
    assert "__init__" in text
    assert PASSWORD not in text


@pytest.mark.parametrize("make", [Asleep, AsyncAsleep])
def test_a_key_of_the_wrong_type_is_not_shown(make: Callable[..., object]) -> None:
    text = failing(lambda: make(KEY.encode(), USER))
    assert "api_key must be a str, not bytes" in text
    assert KEY not in text


@pytest.mark.parametrize("key", [KEY, f"{KEY}\n", f"서울{KEY}"])
@pytest.mark.parametrize(
    "arguments",
    [{"timezone": "a\nb"}, {"timezone": ""}, {"timezone": 5}, {"options": {"check_ids": False}, "session_id": ".."}],
    ids=str,
)
def test_a_call_that_is_refused_before_sending_shows_no_key(asleep: Call, key: str, arguments: dict[str, Any]) -> None:
    session_id = arguments.get("session_id", SESSION)
    more = {name: value for name, value in arguments.items() if name != "session_id"}
    url = "http://127.0.0.1:9"
    text = failing(lambda: asleep(url, "get_session", session_id, client={"api_key": key}, **more))
    assert KEY not in text


@pytest.mark.parametrize("script", [answer(b"", 401), answer(b"{}"), answer({"detail": KEY}, 404), raw()])
def test_a_call_that_fails_shows_no_key(asleep: Call, script: Any) -> None:
    with hostile(script) as server:
        text = failing(lambda: asleep(server.url, client={"retries": 0}))
    assert "_call" in text
    assert KEY not in text


@pytest.mark.parametrize("unusable", UNUSABLE, ids=str)
def test_a_client_that_could_not_be_made_can_still_be_shown(unusable: dict[str, Any]) -> None:
    text = failing(lambda: Asleep(**{"api_key": KEY, "user_id": USER, **unusable}))
    assert "self = <Asleep, not configured>" in text
    assert "repr() failed" not in text
    assert "AttributeError" not in text
