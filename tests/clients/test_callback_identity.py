"""What a receiver knows of each callback: its bytes, its headers, its time, and whether it has seen it before."""

import hashlib
import json
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleeptalk.callback import InferenceComplete, SessionComplete, Subject, UnknownCallback, parse
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.clients.bodies import example

KEY = "callback-key"
HEADERS = {"X-Api-Key": KEY, "X-User-Id": "G-1"}
COMPLETE = json.dumps(example("CallbackComplete")).encode()
WINDOW = json.dumps(example("CallbackWindow")).encode()
NEW = b'{"callback_event": "SNORING_COMPLETE", "callback_data": {"session_id": "s", "inference_seq_num": 4}}'
DEEP = b"[" * 700 + b"]" * 700


def identity(body: bytes) -> str:
    return parse(body, HEADERS, api_key=KEY).identity


def shuffled(value: Any) -> Any:
    """Return the value with the names of every object in reverse order."""
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("body", [COMPLETE, WINDOW, NEW])
def test_a_callback_has_its_bytes_and_when_it_came(body: bytes) -> None:
    before = datetime.now(UTC)
    callback = parse(bytearray(body), HEADERS, api_key=KEY)
    assert callback.raw == body
    assert type(callback.raw) is bytes
    assert before <= callback.received <= datetime.now(UTC)
    assert pickle.loads(pickle.dumps(callback)) == callback


@pytest.mark.parametrize("body", [COMPLETE, WINDOW, NEW])
def test_a_callback_has_its_headers_without_any_key(body: bytes) -> None:
    secrets = [("AUTHORIZATION", "Basic eHg="), ("cookie", "a=b"), ("x-copy", f"Bearer {KEY}")]
    headers = [*HEADERS.items(), *secrets, ("via", "one"), ("Via", "two"), ("x-name", "é")]
    callback = parse(body, headers, api_key=KEY)
    assert callback.headers == {"x-user-id": "G-1", "via": "one, two", "x-name": "é"}
    assert KEY not in repr(callback)


def test_headers_may_be_read_only_once() -> None:
    assert parse(WINDOW, iter(HEADERS.items()), api_key=KEY).headers == {"x-user-id": "G-1"}


def test_a_callback_says_what_it_is_about() -> None:
    session = example("CallbackComplete")["callback_data"]["session_id"]
    window = example("CallbackWindow")["callback_data"]
    assert parse(COMPLETE, HEADERS, api_key=KEY).subject == Subject("SESSION_COMPLETE", session, None)
    expected = Subject("INFERENCE_COMPLETE", window["session_id"], window["inference_seq_num"])
    assert parse(WINDOW, HEADERS, api_key=KEY).subject == expected
    assert parse(NEW, HEADERS, api_key=KEY).subject == Subject("SNORING_COMPLETE", "s", 4)


@pytest.mark.parametrize("data", [b"null", b"[]", b"7", b'{"session_id": 7, "inference_seq_num": true}', b"1e999"])
def test_an_event_that_is_not_documented_may_be_about_nothing_known(data: bytes) -> None:
    callback = parse(b'{"callback_event": "NEW", "callback_data": %s}' % data, HEADERS, api_key=KEY)
    assert callback.subject == Subject("NEW", None, None)
    assert len(callback.identity) == 64


@pytest.mark.parametrize("value", [example("CallbackComplete"), example("CallbackWindow"), json.loads(NEW)])
def test_a_redelivery_has_the_same_identity_however_its_json_is_written(value: Any) -> None:
    plain = json.dumps(value).encode()
    written = [
        json.dumps(value, indent=2).encode() + b"\n",
        json.dumps(value, separators=(",", ":")).encode(),
        json.dumps(shuffled(value)).encode(),
        plain.replace(b'"callback_event"', b'"callback_\\u0065vent"'),
        plain.replace(b"{", b'{"callback_event": "OTHER", ', 1),
    ]
    assert {identity(body) for body in written} == {identity(plain)}


def test_a_number_may_be_written_in_any_form() -> None:
    bodies = [WINDOW.replace(b"{", b'{"more": %s, ' % number, 1) for number in (b"34", b"34.0", b"3.40e1")]
    assert len({identity(body) for body in bodies}) == 1


def test_headers_and_time_do_not_count() -> None:
    other = parse(WINDOW, {**HEADERS, "x-request-id": "2", "x-user-id": "G-2"}, api_key=KEY)
    assert other.identity == identity(WINDOW)


@pytest.mark.parametrize(
    ("name", "value"), [("stage_list", [0]), ("session_id", "another"), ("inference_seq_num", 77), ("added", None)]
)
def test_another_body_is_another_callback(name: str, value: Any) -> None:
    body = json.loads(WINDOW)
    body["callback_data"][name] = value
    assert identity(json.dumps(body).encode()) != identity(WINDOW)


def test_a_revision_has_the_subject_of_what_it_revises() -> None:
    body = json.loads(COMPLETE)
    body["callback_data"]["sleep_data"]["sleep_efficiency"] = 0.01
    revision = parse(json.dumps(body).encode(), HEADERS, api_key=KEY)
    assert revision.subject == parse(COMPLETE, HEADERS, api_key=KEY).subject
    assert revision.identity != identity(COMPLETE)


def test_every_callback_of_every_night_is_one_of_its_own() -> None:
    sent = [delivery.body for scenario in SCENARIOS.values() for delivery in deliveries(scenario)]
    assert len({identity(body) for body in sent}) == len(set(sent))


@pytest.mark.parametrize("value", [b"1e999", b"9" * 5000, DEEP, b'"\\u0000"'])
def test_what_is_not_documented_never_costs_the_identity(value: bytes) -> None:
    body = WINDOW.replace(b"{", b'{"more": %s, ' % value, 1)
    assert len({identity(body), identity(body), identity(WINDOW)}) == 2


@given(
    st.dictionaries(
        st.text(max_size=5), st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False) | st.integers()
    )
)
def test_any_two_bodies_are_one_callback_only_if_they_are_equal(more: dict[str, Any]) -> None:
    try:
        body = json.dumps({"callback_event": "NEW", "more": more}).encode()
        body.decode().encode()
    except UnicodeError:
        return
    assert (identity(body) == identity(b'{"callback_event": "NEW", "more": {}}')) == (not more)
    assert identity(body) == identity(json.dumps(shuffled(json.loads(body))).encode())


def test_an_identity_is_the_same_for_ever() -> None:
    body = b'{"callback_event": "NEW", "callback_data": {"session_id": "s"}, "seconds": 1.50}'
    canonical = b'{"callback_data":{"session_id":"s"},"callback_event":"NEW","seconds":1.5}'
    assert identity(body) == hashlib.sha256(b'["NEW","s",null]\n' + canonical).hexdigest()


@pytest.mark.parametrize("body", [COMPLETE, WINDOW])
def test_a_callback_that_a_program_made_has_the_identity_of_the_one_that_is_sent(body: bytes) -> None:
    sent = parse(body, HEADERS, api_key=KEY)
    assert not isinstance(sent, UnknownCallback)
    made = type(sent)(sent.data)  # type: ignore[arg-type]
    assert (made.raw, made.headers, made) == (b"", {}, sent)
    assert made.identity == sent.identity


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (COMPLETE, r"<SessionComplete \S+, \S+ to \S+, efficiency 0\.\d+>"),
        (WINDOW, r"<InferenceComplete \S+, window \d+ of \d+ epochs>"),
        (NEW, r"<UnknownCallback SNORING_COMPLETE, \d+ bytes>"),
        (b'{"callback_event": "a\\nb\\u202e"}', r"<UnknownCallback a\?b\?, \d+ bytes>"),
    ],
)
def test_a_callback_is_shown_on_one_line(body: bytes, shown: str) -> None:
    assert re.fullmatch(shown, repr(parse(body, HEADERS, api_key=KEY)))


def test_the_classes_match_by_their_data_as_they_did() -> None:
    assert InferenceComplete.__match_args__ == SessionComplete.__match_args__ == ("data",)
    assert UnknownCallback.__match_args__ == ("raw", "event")
    assert UnknownCallback(b"{}", "NEW") == UnknownCallback(b"{}", "NEW", headers={"a": "b"})
