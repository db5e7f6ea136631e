"""A traceback that shows the variables of its frames, as error trackers make them, shows no key."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import SleeptalkError
from tests.clients.calling import KEY, SESSION, USER, Call
from tests.clients.hostile import answer, hostile, raw


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
