"""Reading one callback: what it is, whether it may be believed, and where it breaks the contract."""

import base64
import gzip
import json
from email import message_from_string
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers

from sleeptalk.callback import InferenceComplete, SessionComplete, UnknownCallback, parse
from sleeptalk.errors import CallbackForbidden, CallbackInvalid, CallbackUnreadable, ConfigurationError
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from tests.clients.bodies import example, examples

KEY = "callback-key"
HEADERS = {"x-api-key": KEY, "x-user-id": "G-1"}
COMPLETE = json.dumps(example("CallbackComplete")).encode()
NESTED = b"[" * 100_000 + b"]" * 100_000
WINDOW = json.dumps(example("CallbackWindow")).encode()


@pytest.mark.parametrize("name", examples("Callback"))
def test_every_example_of_the_document_is_read(name: str) -> None:
    given = example(name)
    event = parse(json.dumps(given).encode(), HEADERS, api_key=KEY)
    assert isinstance(event, InferenceComplete if "stage_list" in given["callback_data"] else SessionComplete)
    assert event.data.session_id == given["callback_data"]["session_id"]


def test_the_fields_of_a_callback_are_typed() -> None:
    match parse(COMPLETE, HEADERS, api_key=KEY):
        case SessionComplete(data):
            assert data.sleep_data.session_start_time.utcoffset() is not None
            assert isinstance(data.sleep_data.sleep_efficiency, float)
        case _:
            pytest.fail("The callback is a SESSION_COMPLETE.")
    match parse(WINDOW, HEADERS, api_key=KEY):
        case InferenceComplete(data):
            assert len(data.stage_list) <= 40
        case _:
            pytest.fail("The callback is an INFERENCE_COMPLETE.")


def test_an_event_that_is_not_documented_is_kept_as_it_came() -> None:
    body = b'{"callback_event": "SNORING_COMPLETE", "callback_data": {"loud": true}}'
    assert parse(body, HEADERS, api_key=KEY) == UnknownCallback(body, "SNORING_COMPLETE")


def test_an_event_may_name_another_in_its_data() -> None:
    body = json.loads(WINDOW)
    body["callback_data"]["follows"] = "SESSION_COMPLETE"
    assert isinstance(parse(json.dumps(body).encode(), HEADERS, api_key=KEY), InferenceComplete)


def test_fields_and_values_that_the_vendor_adds_do_not_matter() -> None:
    body = json.loads(COMPLETE)
    body |= {"callback_version": "V1", "callback_event": "SESSION_COMPLETE"}
    body["callback_data"]["sleep_data"] |= {"snoring_stages": [1, 2], "breathing_pattern": "STORMY"}
    event = parse(json.dumps(body).encode(), HEADERS, api_key=KEY)
    assert isinstance(event, SessionComplete)
    assert event.data.sleep_data.breathing_pattern == "STORMY"


@pytest.mark.parametrize("first", [b"1", b'"x"', b"1e999"])
def test_of_a_key_that_is_there_twice_the_last_counts(first: bytes) -> None:
    body = WINDOW.replace(b'"seq_num":', b'"seq_num": %s, "seq_num":' % first, 1)
    assert parse(body, HEADERS, api_key=KEY) == parse(WINDOW, HEADERS, api_key=KEY)


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 5000, b"1.5"])
def test_a_number_that_does_not_fit_says_where(number: bytes) -> None:
    body = WINDOW.replace(b'"seq_num": ', b'"seq_num": %s, "was": ' % number, 1)
    assert body != WINDOW
    with pytest.raises(CallbackInvalid) as caught:
        parse(body, HEADERS, api_key=KEY)
    assert caught.value.path == "$.callback_data.seq_num"


@pytest.mark.parametrize("extra", [b'"more": 1e999,', b'"more": %s1%s,' % (b"[" * 700, b"]" * 700)])
def test_what_is_not_documented_may_hold_anything_beside_a_whole_number_with_a_fraction(extra: bytes) -> None:
    sequence = json.loads(WINDOW)["callback_data"]["seq_num"]
    body = WINDOW.replace(b'"seq_num": %d' % sequence, b'%s"seq_num": %d.0' % (extra, sequence), 1)
    assert body != WINDOW
    assert parse(body, HEADERS, api_key=KEY) == parse(WINDOW, HEADERS, api_key=KEY)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_body_may_be_any_kind_of_bytes(kind: Any) -> None:
    assert parse(kind(WINDOW), HEADERS, api_key=KEY) == parse(WINDOW, HEADERS, api_key=KEY)


def test_a_body_that_is_text_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ConfigurationError, match="the bytes as received, not str"):
        parse(WINDOW.decode(), HEADERS, api_key=KEY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"callback_event": None}, "$.callback_event"),
        ({"callback_event": 7}, "$.callback_event"),
        ({"callback_data": []}, "$.callback_data"),
        ({"callback_data": {"user_id": "u"}}, "$.callback_data"),
        ({"callback_event": "INFERENCE_COMPLETE"}, "$.callback_data"),
    ],
)
def test_a_callback_of_the_wrong_shape_says_where(change: dict[str, Any], path: str) -> None:
    with pytest.raises(CallbackInvalid) as caught:
        parse(json.dumps(json.loads(COMPLETE) | change).encode(), HEADERS, api_key=KEY)
    assert (caught.value.path, caught.value.status) == (path, 422)


def test_the_path_leads_to_one_value_of_a_list() -> None:
    body = json.loads(COMPLETE)
    body["callback_data"]["sleep_data"]["sleep_stages"][3] = "deep"
    with pytest.raises(CallbackInvalid) as caught:
        parse(json.dumps(body).encode(), HEADERS, api_key=KEY)
    assert caught.value.path == "$.callback_data.sleep_data.sleep_stages[3]"


def test_a_time_without_an_offset_is_not_a_time() -> None:
    body = json.loads(COMPLETE)
    body["callback_data"]["sleep_data"]["session_start_time"] = "2022-08-01T01:31:17"
    with pytest.raises(CallbackInvalid) as caught:
        parse(json.dumps(body).encode(), HEADERS, api_key=KEY)
    assert caught.value.path == "$.callback_data.sleep_data.session_start_time"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"  \n", id="blank"),
        pytest.param(COMPLETE[:-1], id="truncated"),
        pytest.param(COMPLETE + b"}", id="too-long"),
        pytest.param(b"\xef\xbb\xbf" + COMPLETE, id="byte-order-mark"),
        pytest.param(COMPLETE.decode().encode("utf-16"), id="utf-16"),
        pytest.param(COMPLETE.replace(b"{", b'{"note": "\xff",', 1), id="not-utf-8-in-an-added-field"),
        pytest.param(COMPLETE.replace(b"{", b'{"note": "\xed\xa0\x80",', 1), id="surrogate-in-utf-8"),
        pytest.param(COMPLETE.replace(b"{", b'{"note": "\\ud800",', 1), id="lone-surrogate"),
        pytest.param(COMPLETE.replace(b"{", b'{"note": NaN,', 1), id="nan"),
        pytest.param(COMPLETE.replace(b"{", b"{'note': 1,", 1), id="single-quotes"),
        pytest.param(b"[" * 100_000, id="nested-too-deeply"),
        pytest.param(COMPLETE.replace(b"{", b'{"note": ' + NESTED + b",", 1), id="deep-in-a-field"),
        pytest.param(b"callback_event=SESSION_COMPLETE", id="form"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(CallbackUnreadable) as caught:
        parse(body, HEADERS, api_key=KEY)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (gzip.compress(COMPLETE), "compressed with gzip"),
        (base64.b64encode(COMPLETE), "looks like base64"),
        (b"\xef\xbb\xbf" + COMPLETE, "byte order mark"),
        (COMPLETE.decode().encode("utf-16"), "UTF-16"),
    ],
)
def test_a_body_in_another_notation_is_told_as_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(CallbackUnreadable, match=words):
        parse(body, HEADERS, api_key=KEY)


@pytest.mark.parametrize(
    ("body", "version", "path"),
    [
        (
            {"callback_event": "SESSION_COMPLETE", "callback_version": "V4", "callback_data": {}},
            "V4",
            "$.callback_version",
        ),
        ({"callback_event": "INFERENCE_COMPLETE", "callback_version": "V20"}, "V20", "$.callback_version"),
        ({"event": "SESSION_COMPLETE", "version": "V5", "data": {"session": {}}}, "V5", "$.version"),
        ({"event": "NEW", "version": "v4.1"}, "v4.1", "$.version"),
    ],
)
def test_a_callback_of_a_later_format_is_told_as_what_it_is(body: Any, version: str, path: str) -> None:
    with pytest.raises(CallbackInvalid, match=f"has the format {version} ") as caught:
        parse(json.dumps(body).encode(), HEADERS, api_key=KEY)
    assert caught.value.path == path


@pytest.mark.parametrize("version", ["V1", "v1", "V2", "V3", "7", "V", "V4\n", 2, None])
def test_a_callback_that_is_broken_is_not_told_as_a_later_format(version: object) -> None:
    body = json.dumps({"callback_event": "SESSION_COMPLETE", "callback_version": version, "version": version}).encode()
    with pytest.raises(CallbackInvalid, match="breaks the contract at"):
        parse(body, HEADERS, api_key=KEY)


@pytest.mark.parametrize("body", [b"null", b"[]", b'"SESSION_COMPLETE"', b"7", b"{}", b"[" + WINDOW + b"]"])
def test_json_that_is_not_a_callback_is_invalid(body: bytes) -> None:
    with pytest.raises(CallbackInvalid):
        parse(body, HEADERS, api_key=KEY)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-KEY": KEY},
        {b"X-Api-Key": KEY.encode()},
        [("host", "x"), ("X-Api-Key", KEY)],
        [(b"x-api-key", KEY.encode())],
        [("x-api-key", KEY), ("X-Api-Key", KEY)],
        httpx.Headers({"X-Api-Key": KEY}),
        Headers(raw=[(b"x-api-key", KEY.encode())]),
        message_from_string(f"X-Api-Key: {KEY}\n\n"),
    ],
)
def test_the_key_is_found_however_a_framework_keeps_headers(headers: Any) -> None:
    assert isinstance(parse(WINDOW, headers, api_key=KEY), InferenceComplete)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": KEY.upper()},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": f"{KEY} "},
        {"x-api-key": f"{KEY}, {KEY}"},
        {"x-api-key": f"{KEY}é"},
        {"x-api-key": "\ud800"},
        {"x-user-id": KEY},
        [("x-api-key", KEY), ("X-API-KEY", "another")],
        httpx.Headers([("x-api-key", KEY), ("x-api-key", "another")]),
        Headers(raw=[(b"x-api-key", KEY.encode()), (b"x-api-key", b"another")]),
        {"x-api-key": None},
        {"x-api-key": [KEY]},
        None,
        7,
        ["x-api-key"],
    ],
)
def test_a_callback_without_the_one_right_key_is_forbidden(headers: Any) -> None:
    with pytest.raises(CallbackForbidden) as caught:
        parse(WINDOW, headers, api_key=KEY)
    assert caught.value.status == 401
    assert KEY not in str(caught.value)


def test_the_key_is_looked_at_before_the_body() -> None:
    with pytest.raises(CallbackForbidden):
        parse(b"not JSON", {}, api_key=KEY)


@pytest.mark.parametrize("key", ["old", "new"])
def test_several_keys_are_accepted_while_they_are_changed(key: str) -> None:
    assert parse(WINDOW, {"x-api-key": key}, api_key=["old", "new"])


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLEEPTALK_CALLBACK_KEY", KEY)
    assert parse(WINDOW, HEADERS)
    monkeypatch.delenv("SLEEPTALK_CALLBACK_KEY")
    with pytest.raises(ConfigurationError, match="SLEEPTALK_CALLBACK_KEY"):
        parse(WINDOW, HEADERS)


NO_KEYS = ["", [], [""], ["good", ""], ["good", None], 5, b"good", [b"good"], "line\n", "schlüssel", " padded "]


@pytest.mark.parametrize("api_key", NO_KEYS)
def test_a_key_that_could_let_anybody_in_is_refused(api_key: Any) -> None:
    with pytest.raises(ConfigurationError):
        parse(WINDOW, HEADERS, api_key=api_key)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_the_sandbox_sends_is_read(scenario: str) -> None:
    for delivery in deliveries(SCENARIOS[scenario]):
        event = parse(delivery.body, delivery.headers, api_key=SANDBOX_API_KEY)
        assert isinstance(event, SessionComplete if delivery.event == "SESSION_COMPLETE" else InferenceComplete)
