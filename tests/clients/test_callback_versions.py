"""Callbacks of V1, V2 and V3 are read alike: which version it is, is told by what it says, or by its shape."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from sleeptalk.asleep import NullReason, epochs, why_null
from sleeptalk.callback import Callback, InferenceComplete, SessionComplete, Subject, UnknownCallback, parse
from sleeptalk.drawing import hypnogram
from sleeptalk.errors import CallbackInvalid
from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.services.asleep.callbacks import CallbackFormat, body_of
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.service import V1
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from tests.clients.bodies import example, examples

KEY: Final = "callback-key"
NIGHT: Final = "four-stages"
VERSIONS: Final = pytest.mark.parametrize("written", [V1, V2, V3], ids=lambda written: written.version)

FLAT: Final = {
    "event": "INFERENCE_COMPLETE",
    "version": "V3",
    "timestamp": "2024-01-21T06:15:00Z",
    "user_id": "550e8400-e29b-41d4-a716-446655440000",
    "session_id": "session123",
    "seq_num": 60,
    "inference_seq_num": 12,
    "sleep_stages": [1, 1, 2, 2, 2],
    "breath_stages": [0, 0, 0, 0, 0],
    "snoring_stages": [0, 0, 1, 1, 0],
    "time_window": {"start": "2024-01-21T06:10:00Z", "end": "2024-01-21T06:15:00Z"},
}
"""The form that material of the vendor prints, and no page of its documentation."""


def read(body: Any) -> Callback:
    return parse(json.dumps(body).encode(), {"x-api-key": KEY}, api_key=KEY)


def received(delivery: Delivery) -> Callback:
    return parse(delivery.body, delivery.headers, api_key=SANDBOX_API_KEY)


def made(written: CallbackFormat, scenario: str = NIGHT) -> list[Delivery]:
    return written.deliver(written.nights[scenario])


def told(event: Callback) -> str:
    """Read any callback with one match statement, as a user does."""
    match event:
        case InferenceComplete() as window:
            return f"{window.session_id} {window.window} {[*map(int, window.sleep_stages)]}"
        case SessionComplete() as night:
            return f"{night.session_id} {night.start_time} {night.stat and night.stat.sleep_efficiency}"
        case UnknownCallback(raw, name):
            return f"{name} {len(raw)}"


@VERSIONS
def test_one_match_statement_reads_the_same_of_every_version(written: CallbackFormat) -> None:
    for before, now in zip(made(V1), made(written), strict=True):
        assert told(received(now)) == told(received(before))
        assert received(now).version == written.version


@VERSIONS
def test_a_window_has_its_stages_whatever_their_names_are(written: CallbackFormat) -> None:
    window = received(made(written)[7])
    assert isinstance(window, InferenceComplete)
    night = written.nights[NIGHT]
    assert tuple(window.sleep_stages) == (night.sleep_stages or ())[40:80]
    assert tuple(window.breath_stages or ()) == (night.osa_stages or ())[40:80]
    assert (window.snoring_stages is not None) == (written is V3)
    assert (window.user_id, window.window) == (night.user_id, 7)


@VERSIONS
def test_a_night_has_its_stages_times_and_statistics_wherever_they_stand(written: CallbackFormat) -> None:
    event = received(made(written)[-1])
    assert isinstance(event, SessionComplete)
    night = written.nights[NIGHT]
    assert (event.user_id, event.session_id) == (night.user_id, night.session_id)
    assert (event.start_time, event.end_time) == (night.start, night.end)
    assert tuple(event.sleep_stages or ()) == night.sleep_stages
    assert tuple(event.breath_stages or ()) == night.osa_stages
    assert (event.snoring_stages is None) == (written is V1)
    assert event.stat is not None
    assert night.statistics is not None
    assert event.stat.sleep_efficiency == night.statistics.as_json(night.start.tzinfo)["sleep_efficiency"]  # type: ignore[arg-type]


@pytest.mark.parametrize("written", [V2, V3], ids=lambda written: written.version)
def test_a_night_that_could_not_be_analysed_has_no_statistics(written: CallbackFormat) -> None:
    event = received(made(written, "too-short")[-1])
    assert isinstance(event, SessionComplete)
    assert event.stat is None
    assert "efficiency" not in repr(event)


@VERSIONS
def test_contracts_without_breathing_analysis_have_no_breathing_stages(written: CallbackFormat) -> None:
    for delivery in made(written, "without-breathing"):
        event = received(delivery)
        assert not isinstance(event, UnknownCallback)
        assert event.breath_stages is None


@pytest.mark.parametrize("name", examples("Callback", "asleep-v3"))
def test_every_example_of_the_document_is_read(name: str) -> None:
    given = example(name, "asleep-v3")
    event = read(given)
    kind = SessionComplete if "SESSION_COMPLETE" in given.values() else InferenceComplete
    assert isinstance(event, kind)
    assert event.version == ("V2" if name.startswith("CallbackV2") else "V3")


@pytest.mark.parametrize("written", [V2, V3], ids=lambda written: written.version)
def test_the_forms_that_the_pages_have_are_the_same_callback(written: CallbackFormat) -> None:
    for delivery in (made(written)[7], made(written)[-1]):
        for other in written.other_forms(body_of(delivery)):
            event = read(other)
            assert told(event) == told(received(delivery))
            assert event.version == written.version
            assert event.subject == received(delivery).subject


@VERSIONS
def test_what_is_delivered_again_is_known_however_it_is_written(written: CallbackFormat) -> None:
    identities = [received(delivery).identity for delivery in made(written)]
    assert len(set(identities)) == len(identities)
    for delivery, identity in zip(made(written), identities, strict=True):
        body = body_of(delivery)
        again = dict(reversed(body.items()))
        assert read(again).identity == identity
        escaped = json.dumps(body).replace("version", "versio\\u006e").encode()
        assert parse(escaped, {"x-api-key": KEY}, api_key=KEY).identity == identity


@VERSIONS
def test_a_callback_that_a_program_makes_has_the_identity_of_the_one_that_comes(written: CallbackFormat) -> None:
    for delivery in (made(written)[7], made(written)[-1]):
        event = received(delivery)
        assert not isinstance(event, UnknownCallback)
        assert replace(event, raw=b"").identity == event.identity
        assert type(event.data).from_json(event.data.to_json()) == event.data


@VERSIONS
def test_tables_pictures_and_reasons_take_a_night_of_every_version(written: CallbackFormat) -> None:
    event = received(made(written, "without-breathing")[-1])
    assert isinstance(event, SessionComplete)
    assert [row["stage"] for row in epochs(event)] == list(written.nights["without-breathing"].sleep_stages or ())
    assert why_null(event, "breathing_pattern") is NullReason.NO_BREATHING
    assert event.session_id in hypnogram(event)


def test_the_flat_form_is_accepted_as_one_that_is_not_documented() -> None:
    event = read(FLAT)
    assert isinstance(event, UnknownCallback)
    assert json.loads(event.raw) == FLAT
    assert (event.event, event.version) == ("INFERENCE_COMPLETE", "V3")
    assert event.subject == Subject("INFERENCE_COMPLETE", "session123", 12)


@pytest.mark.parametrize("without", ["session_id", "version", "event"])
def test_less_than_the_flat_form_is_refused(without: str) -> None:
    with pytest.raises(CallbackInvalid):
        read({name: value for name, value in FLAT.items() if name != without})


@pytest.mark.parametrize(
    "body",
    [
        {"event": "SNORING_COMPLETE", "version": "V3", "data": {"session": {"id": "s"}, "user_id": "u"}},
        {"callback_event": "SNORING_COMPLETE", "callback_version": "V3", "callback_data": {"session_id": "s"}},
        {"callback_event": "SNORING_COMPLETE", "callback_version": "V2", "callback_data": {"session_id": "s"}},
    ],
)
def test_an_event_that_the_vendor_adds_is_kept_as_it_came(body: dict[str, Any]) -> None:
    event = read(body)
    assert isinstance(event, UnknownCallback)
    assert event.subject == Subject("SNORING_COMPLETE", "s", None)


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("name", "spoil", "path"),
    [
        ("CallbackV3Window", lambda body: body.update(version="v3"), "$.version"),
        ("CallbackV3Window", lambda body: body.update(event=None), "$.event"),
        ("CallbackV3Window", lambda body: body["data"].pop("sleep_stages"), "$.data"),
        ("CallbackV3Window", lambda body: body["data"].pop("breath_stages"), "$.data"),
        ("CallbackV3Complete", lambda body: body["data"].pop("user_id"), "$.data"),
        ("CallbackV3Complete", lambda body: body["data"]["session"].update(id=7), "$.data.session.id"),
        ("CallbackV3WindowOfTables", lambda body: body["callback_data"].update(seq_num="7"), "$.callback_data.seq_num"),
        ("CallbackV2Window", lambda body: body["callback_data"].pop("sleep_stages"), "$.callback_data"),
        ("CallbackV2Complete", lambda body: body["callback_data"].pop("sleep_data"), "$.callback_data"),
        ("CallbackV2Complete", lambda body: body.pop("callback_event"), "$.callback_event"),
    ],
)  # fmt: skip
def test_a_callback_of_the_wrong_shape_says_where(name: str, spoil: Spoil, path: str) -> None:
    body = example(name, "asleep-v3")
    spoil(body)
    with pytest.raises(CallbackInvalid) as caught:
        read(body)
    assert (caught.value.path, caught.value.status) == (path, 422)


def test_a_receiver_of_v1_reads_on() -> None:
    """A handler that was written for V1 alone gets the data that it knows."""
    match received(made(V1)[0]):
        case InferenceComplete(data):
            assert len(data.stage_list) == 10  # type: ignore[arg-type]  # V1 always has it
            assert data.osa_stage_list is not None  # type: ignore[union-attr]
        case other:
            pytest.fail(f"{other!r} is a window.")
