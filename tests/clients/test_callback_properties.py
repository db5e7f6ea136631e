"""Whatever bytes and headers arrive, `parse` returns one of its three classes or raises one of its three errors."""

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sleeptalk.callback import InferenceComplete, SessionComplete, UnknownCallback, parse
from sleeptalk.errors import CallbackError, CallbackForbidden, CallbackInvalid, CallbackUnreadable
from tests.clients.bodies import examples

KEY: Final = "callback-key"
HEADERS: Final = {"x-api-key": KEY}
SEEDS: Final = [json.dumps(value).encode() for value in examples("Callback").values()]

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=12)  # lone surrogates included
TELLING = [
    "SESSION_COMPLETE",
    "INFERENCE_COMPLETE",
    "COMPLETE",
    "2022-08-01T01:31:17+09:00",
    10**400,
    -(10**400),
    1e308,
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.sampled_from(TELLING)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["callback_event", "callback_data", "user_id", "session_id", "sleep_data", "stage_list", "x"])
OBJECTS = st.dictionaries(FIELDS, VALUES, max_size=7)


@st.composite
def edited_callbacks(draw: st.DrawFn) -> bytes:
    """Take a callback that keeps the contract, and put something else into its bytes."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        stop = draw(st.integers(start, min(len(body), start + 8)))
        body = body[:start] + draw(st.binary(max_size=6) | st.sampled_from(PIECES)) + body[stop:]
    return body


@st.composite
def replaced_values(draw: st.DrawFn) -> bytes:
    """Take a callback that keeps the contract, and put another value in the place of one of its own."""
    body: Any = json.loads(draw(st.sampled_from(SEEDS)))
    place = body
    while True:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or draw(st.booleans()):
            place[key] = draw(VALUES)
            return as_bytes(body)
        place = place[key]


PIECES: Final = [b'"\\ud800"', b"NaN", b"1e999", b"-Infinity", b'"x":1,', b"\xff", b"\x00", b"[", b"}", b'"', b"\\"]


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def check(body: bytes, headers: Any = HEADERS) -> object:
    try:
        event = parse(body, headers, api_key=KEY)
    except (CallbackForbidden, CallbackInvalid, CallbackUnreadable) as error:
        return answered(error)
    assert isinstance(event, (InferenceComplete, SessionComplete, UnknownCallback))
    json.loads(body)  # what is not JSON must not get through
    return event


def answered(error: CallbackError) -> CallbackError:
    assert (type(error), error.status) in STATUSES
    assert str(error).isprintable()
    return error


STATUSES: Final = {(CallbackForbidden, 401), (CallbackInvalid, 422), (CallbackUnreadable, 400)}

thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@thorough
@given(st.binary(max_size=200) | VALUES.map(as_bytes) | OBJECTS.map(as_bytes))
@example(b'{"callback_event": "SESSION_COMPLETE"}')
@example(b'{"callback_event": "\xed\xa0\x80"}')
@example(b'{"callback_event": "\\ud800"}')
def test_any_body_is_answered(body: bytes) -> None:
    check(body)


@thorough
@given(edited_callbacks())
def test_any_edit_of_a_callback_is_answered(body: bytes) -> None:
    check(body)


@thorough
@given(replaced_values())
def test_any_value_in_the_place_of_another_is_answered(body: bytes) -> None:
    check(body)


ANYTHING = ANY_TEXT | st.binary() | st.none() | st.integers() | st.lists(st.text())
NAMES = st.sampled_from(["x-api-key", "X-API-KEY", b"x-api-key", "x-user-id", "", b"\xff"]) | ANYTHING


PAIRS = st.lists(st.tuples(NAMES, ANYTHING | st.just(KEY)), max_size=5)


@thorough
@given(PAIRS | st.lists(ANYTHING, max_size=3) | ANYTHING | st.dictionaries(ANY_TEXT, ANYTHING, max_size=3))
def test_any_headers_are_answered(headers: Any) -> None:
    outcome = check(SEEDS[0], headers)
    assert isinstance(outcome, CallbackForbidden) or as_pairs_hold_the_key(headers)


def as_pairs_hold_the_key(headers: Any) -> bool:
    """Return whether x-api-key is there, and every time with the right value."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    lower = [(name.lower(), value) for name, value in pairs if isinstance(name, (str, bytes))]
    values = [value for name, value in lower if name in ("x-api-key", b"x-api-key")]
    return bool(values) and all(value in (KEY, KEY.encode()) for value in values)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b" " * 10 * 1024 * 1024, id="blanks"),
        pytest.param(b'{"callback_event": "' + b"x" * 10 * 1024 * 1024 + b'"}', id="one-long-string"),
        pytest.param(b'{"callback_event": ' + b"9" * 10 * 1024 * 1024 + b"}", id="one-long-number"),
        pytest.param(b'{"callback_data": [' + b"0," * 5 * 1024 * 1024 + b"0]}", id="one-long-list"),
        pytest.param(b"[" * 10 * 1024 * 1024, id="ten-million-brackets"),
        pytest.param(b'{"a":' * 2 * 1024 * 1024, id="two-million-objects"),
    ],
)
def test_ten_mebibytes_are_answered(body: bytes) -> None:
    outcome = check(body)
    assert isinstance(outcome, (CallbackError, UnknownCallback))
