"""A night's callbacks: windows of its stages in order, then the whole night."""

import json
from typing import Any

import pytest

from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.contract.service import Delivery, Fault
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.answers import Answer, Request
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import (
    SANDBOX_API_KEY,
    SANDBOX_USER_ID,
    SCENARIOS,
    SandboxNight,
)
from tests.targets import target_named


def data(delivery: Delivery) -> dict[str, Any]:
    body = json.loads(delivery.body)
    assert body["callback_event"] == delivery.event
    callback_data: dict[str, Any] = body["callback_data"]
    return callback_data


def exchange(delivery: Delivery) -> Exchange:
    operation = target_named("callback").operation("receiveCallback")
    return Exchange.delivered(operation, "http://127.0.0.1/", delivery.headers.items(), delivery.body)


@pytest.mark.parametrize("night", SCENARIOS.values(), ids=SCENARIOS)
def test_the_callbacks_of_a_night_keep_every_rule(night: SandboxNight) -> None:
    judge = Judge(target_named("callback"), Knowledge({"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}))
    for delivery in deliveries(night, timezone="America/St_Johns"):
        verdict = judge.judge(exchange(delivery))
        assert verdict.checked
        assert (verdict.breaches, verdict.beyond) == ((), ()), delivery


def test_a_window_covers_the_last_four_blocks_of_five_minutes() -> None:
    night = SCENARIOS["four-stages"]
    assert night.sleep_stages is not None
    windows = [data(delivery) for delivery in deliveries(night)[:7]]
    assert [window["seq_num"] for window in windows] == [9, 19, 29, 39, 49, 59, 69]
    assert [window["inference_seq_num"] for window in windows] == [0, 1, 2, 3, 4, 5, 6]
    assert [len(window["stage_list"]) for window in windows] == [10, 20, 30, 40, 40, 40, 40]
    assert windows[6]["stage_list"] == list(night.sleep_stages[30:70])


def test_the_whole_night_comes_last_and_repeats_what_the_session_says() -> None:
    night = SCENARIOS["four-stages"]
    *windows, completion = deliveries(night, timezone="Asia/Seoul")
    assert {window.event for window in windows} == {"INFERENCE_COMPLETE"}
    zone = timezone_named("Asia/Seoul")
    assert zone is not None
    result = night.as_result("Asia/Seoul", zone)
    session = result["session"]
    assert data(completion)["sleep_data"] == {
        "session_id": session["id"],
        "state": "COMPLETE",
        "session_start_time": session["start_time"],
        "session_end_time": session["end_time"],
        "sleep_stages": session["sleep_stages"],
        "osa_stages": session["osa_stages"],
        **result["stat"],
    }


def test_a_night_that_is_not_complete_has_windows_only() -> None:
    assert {delivery.event for delivery in deliveries(SCENARIOS["closed"])} == {"INFERENCE_COMPLETE"}
    assert {delivery.event for delivery in deliveries(SCENARIOS["open-with-real-time"])} == {"INFERENCE_COMPLETE"}
    assert deliveries(SCENARIOS["open-without-real-time"]) == []


def test_a_contract_without_breathing_analysis_has_null_in_every_callback() -> None:
    *windows, completion = map(data, deliveries(SCENARIOS["without-breathing"]))
    assert {window["osa_stage_list"] for window in windows} == {None}
    assert completion["sleep_data"]["osa_stages"] is None


@pytest.mark.parametrize("name", ["invalid", "invalid-breathing"])
def test_an_invalid_night_ends_with_every_nullable_value_null(name: str) -> None:
    sleep_data = data(deliveries(SCENARIOS[name])[-1])["sleep_data"]
    assert {key for key, value in sleep_data.items() if value is not None} == {
        *("session_id", "state", "session_start_time", "session_end_time", "sleep_stages"),
        *("sleep_efficiency", "time_in_wake", "time_in_sleep_period", "time_in_sleep", "time_in_bed"),
    }


def test_headers_carry_the_key_the_user_and_the_content_type() -> None:
    delivery = deliveries(SCENARIOS["never-slept"], api_key="key-of-mine")[0]
    assert delivery.headers == {
        "x-api-key": "key-of-mine",
        "x-user-id": SANDBOX_USER_ID,
        "content-type": "application/json",
    }
    assert "key-of-mine" not in repr(delivery)


def test_deliveries_become_due_when_their_sound_has_been_recorded() -> None:
    seconds = [delivery.second for delivery in deliveries(SCENARIOS["lost-audio"])]
    assert seconds[:2] == [300, 600]
    assert seconds[-1] == 445 * 30 + 29
    assert seconds == sorted(seconds)


def test_a_timezone_that_iana_does_not_name_is_a_valueerror() -> None:
    with pytest.raises(ValueError, match="'Mars' is not an IANA timezone"):
        deliveries(SCENARIOS["never-slept"], timezone="Mars")


def swapped(request: Request, answer: Answer) -> Answer:
    return request.honest_answer(count=1 - request.count) if request.count < 2 else answer


def out_of_place(request: Request, answer: Answer) -> Answer:
    raise AssertionError("a session's fault has no place in a callback")


def test_faults_of_callback_rules_change_single_callbacks_and_their_order() -> None:
    made = deliveries(
        SCENARIOS["never-slept"],
        faults=[
            Fault("callback.delivery-order", "swapped", "swaps the first two", swapped),
            Fault("session.state-values", "out-of-place", "is of another role", out_of_place),
        ],
    )
    assert [data(delivery)["inference_seq_num"] for delivery in made[:4]] == [1, 0, 2, 3]
