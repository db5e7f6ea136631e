"""Why a field is null: the answer for every field of every night, and of every callback that tells of it."""

import json
import typing
from typing import Any

import attrs
import httpx
import pytest

from sleeptalk.asleep import (
    Asleep,
    Night,
    NightField,
    NullReason,
    Session,
    SessionResult,
    Stat,
    Validity,
    ValidityStatus,
    why_null,
)
from sleeptalk.callback import InferenceComplete, SessionComplete, parse
from sleeptalk.errors import ConfigurationError, UnknownField
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_generated.asleep.models import InferenceCompleteData, SessionCompleteData, SleepData
from tests.clients.bodies import example
from tests.clients.calling import KEY, SESSION, USER

STATS: list[Any] = [attribute.name for attribute in attrs.fields(Stat)]
STAGE = {"time_in_rem", "time_in_light", "time_in_deep", "rem_ratio", "light_ratio", "deep_ratio"}
BREATHING = {
    "time_in_stable_breath",
    "time_in_unstable_breath",
    "stable_breath_ratio",
    "unstable_breath_ratio",
    "breathing_pattern",
    "estimated_ahi",
}
SLEEP = {"sleep_latency", "sleep_time", "wakeup_latency", "wake_time", "wake_ratio", "sleep_ratio"}
NEVER_SLEPT = SLEEP | {name for name in STAGE | BREATHING if not name.startswith("time_in")}
ALWAYS = set(STATS) - STAGE - BREATHING - SLEEP


def night_of(body: Any) -> Night:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    with httpx.Client(transport=transport) as http:
        return Asleep(KEY, USER, http_client=http).get_session(SESSION)


def completion_of(scenario: str) -> SessionComplete:
    delivery = deliveries(SCENARIOS[scenario])[-1]
    event = parse(delivery.body, delivery.headers, api_key=SANDBOX_API_KEY)
    assert isinstance(event, SessionComplete)
    return event


def reasons(data: Any, fields: list[Any] = STATS) -> dict[NullReason, set[str]]:
    """Return the fields of each reason."""
    found: dict[NullReason, set[str]] = {}
    for field in fields:
        reason = why_null(data, field)
        if reason is not None:
            found.setdefault(reason, set()).add(field)
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Complete", {}),
        ("TwoStages", {NullReason.TWO_STAGE: STAGE}),
        ("WithoutBreathingAnalysis", {NullReason.NO_BREATHING: BREATHING}),
        ("NeverSlept", {NullReason.NEVER_SLEPT: NEVER_SLEPT}),
    ],
)
def test_a_night_and_its_callback_give_the_same_reasons(name: str, expected: dict[NullReason, set[str]]) -> None:
    body = json.dumps(example(f"Callback{name}")).encode()
    event = parse(body, {"x-api-key": KEY}, api_key=KEY)
    assert isinstance(event, SessionComplete)
    assert reasons(night_of(example(f"Session{name}"))) == expected
    assert reasons(event) == reasons(event.data) == reasons(event.data.sleep_data) == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SessionInvalid", NullReason.INVALID),
        ("SessionClosed", NullReason.NOT_COMPLETE),
        ("SessionOpenWithRealTimeAnalysis", NullReason.NOT_COMPLETE),
    ],
)
def test_without_statistics_every_one_of_them_has_the_same_reason(name: str, reason: NullReason) -> None:
    assert reasons(night_of(example(name)), ["stat", *STATS]) == {reason: {"stat", *STATS}}


def test_a_callback_of_an_invalid_session_is_recognised() -> None:
    event = parse(json.dumps(example("CallbackInvalid")).encode(), {"x-api-key": KEY}, api_key=KEY)
    assert isinstance(event, SessionComplete)
    assert reasons(event) == {NullReason.INVALID: set(STATS) - ALWAYS}


def test_a_callback_of_a_session_under_20_minutes_is_invalid_although_nobody_slept() -> None:
    body = example("CallbackInvalid")
    body["callback_data"]["sleep_data"] |= {"sleep_stages": [0] * 10, "osa_stages": [0] * 10, "time_in_bed": 300}
    event = parse(json.dumps(body).encode(), {"x-api-key": KEY}, api_key=KEY)
    assert isinstance(event, SessionComplete)
    assert reasons(event) == {NullReason.INVALID: set(STATS) - ALWAYS}


def test_a_callback_with_some_of_its_statistics_is_not_taken_for_invalid() -> None:
    body = example("CallbackInvalid")
    body["callback_data"]["sleep_data"] |= {"sleep_stages": [0] * 60 + [-1], "time_in_light": 0, "time_in_bed": 1830}
    event = parse(json.dumps(body).encode(), {"x-api-key": KEY}, api_key=KEY)
    assert isinstance(event, SessionComplete)
    assert why_null(event, "sleep_latency") is NullReason.UNEXPLAINED


def test_what_stands_around_the_sleep_data_is_known_too() -> None:
    event = completion_of("four-stages")
    assert [why_null(event, name) for name in ("user_id", "session_id", "sleep_data")] == [None] * 3


def test_a_contract_that_lacks_both_comes_before_the_night() -> None:
    assert reasons(completion_of("two-stages-without-breathing")) == {
        NullReason.TWO_STAGE: STAGE,
        NullReason.NO_BREATHING: BREATHING,
    }


def test_fields_of_the_session_have_reasons_too() -> None:
    night = night_of(example("SessionOpenWithoutRealTimeAnalysis"))
    assert why_null(night, "end_time") is NullReason.NOT_COMPLETE
    assert why_null(night, "stat") is NullReason.NOT_COMPLETE
    assert why_null(night, "sleep_stages") is NullReason.NO_REAL_TIME
    assert why_null(night, "osa_stages") is NullReason.NO_REAL_TIME
    assert why_null(night, "start_time") is None
    assert why_null(night, "timezone") is None


def test_an_open_session_with_sleep_stages_alone_is_without_breathing_analysis() -> None:
    body = example("SessionOpenWithRealTimeAnalysis")
    body["result"]["session"]["osa_stages"] = None
    night = night_of(body)
    assert night.session.sleep_stages is not None
    assert why_null(night, "osa_stages") is NullReason.NO_BREATHING


@pytest.mark.parametrize(
    ("state", "validity", "reason"),
    [
        ("COMPLETE", "IN_PROGRESS", NullReason.NOT_COMPLETE),
        ("CLOSED", "INVALID:TOO_SHORT", NullReason.NOT_COMPLETE),
        ("COMPLETE", "INVALID:TOO_SHORT", NullReason.INVALID),
        ("COMPLETE", "PERHAPS", NullReason.INVALID),
        ("ARCHIVED", "PERHAPS", NullReason.NOT_COMPLETE),
    ],
)
def test_state_and_validity_together_show_why_there_are_no_statistics(
    state: str, validity: str, reason: NullReason
) -> None:
    body = example("SessionInvalid")
    body["result"]["validity"] = validity
    body["result"]["session"]["state"] = state
    assert reasons(night_of(body), ["stat", "sleep_efficiency"]) == {reason: {"stat", "sleep_efficiency"}}


def test_data_without_the_reason_is_an_error_that_says_what_to_pass() -> None:
    night = night_of(example("SessionNeverSlept"))
    unknown = parse(b'{"callback_version": "V1", "callback_event": "NEW"}', {"x-api-key": KEY}, api_key=KEY)
    data: Any
    for data in (night.stat, night.session, unknown, None, {}):
        with pytest.raises(ConfigurationError, match="pass what get_session returned"):
            why_null(data, "sleep_latency")


def test_a_window_without_breathing_analysis_says_so() -> None:
    body = example("CallbackWindow")
    body["callback_data"]["osa_stage_list"] = None
    event = parse(json.dumps(body).encode(), {"x-api-key": KEY}, api_key=KEY)
    assert isinstance(event, InferenceComplete)
    assert why_null(event, "osa_stage_list") is why_null(event.data, "osa_stage_list") is NullReason.NO_BREATHING
    assert why_null(event, "stage_list") is None


def test_a_null_that_no_rule_explains_is_not_explained_away() -> None:
    body = example("SessionComplete")
    body["result"]["stat"]["wake_time"] = None
    assert why_null(night_of(body), "wake_time") is NullReason.UNEXPLAINED
    body["result"]["stat"] = None
    assert why_null(night_of(body), "stat") is NullReason.UNEXPLAINED


@pytest.mark.parametrize("reason", [*NullReason, *ValidityStatus])
def test_every_reason_and_every_status_has_a_sentence_for_people(reason: NullReason | ValidityStatus) -> None:
    assert reason.sentence[0].isupper()
    assert reason.sentence.endswith(".")
    assert reason.sentence.count(".") == 1
    assert str(reason) not in reason.sentence


def test_the_names_that_a_type_checker_knows_are_those_of_the_data() -> None:
    kinds = (Night, SessionResult, Session, Stat, SessionCompleteData, SleepData, InferenceCompleteData)
    names = {attribute.name for kind in kinds for attribute in attrs.fields(kind)}
    assert set(typing.get_args(NightField)) == names - {"response", "detail"}


@pytest.mark.parametrize("field", ["rem_ration", "", "response", "detail", "__class__", "_anything"])
def test_an_unknown_field_is_an_error_that_lists_the_known_ones(field: str) -> None:
    data: Any
    for data in (night_of(example("SessionComplete")), night_of(example("SessionClosed")), completion_of("two-stages")):
        with pytest.raises(UnknownField, match="rem_ratio") as caught:
            why_null(data, field)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("VALID", "VALID", None),
        ("IN_PROGRESS", "IN_PROGRESS", None),
        ("INVALID:TOO_MANDY_DEFECTS_IN_SLEEP_STAGES", "INVALID", "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"),
        ("INVALID:TOO_MANY_DEFECTS_IN_SLEEP_STAGES", "INVALID", "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"),
        ("INVALID: TOO_MANY_DEFECTS_IN_OSA_STAGES", "INVALID", "TOO_MANY_DEFECTS_IN_OSA_STAGES"),
        ("INVALID", "INVALID", None),
        ("valid", "UNKNOWN", None),
        ("PERHAPS:LATER", "UNKNOWN", "LATER"),
        ("", "UNKNOWN", None),
    ],
)
def test_a_validity_is_its_text_and_its_meaning(text: str, status: str, reason: str | None) -> None:
    validity = Validity(text)
    assert validity == text
    assert validity.status is ValidityStatus(status)
    assert validity.reason == reason
