"""The nights of the sandbox keep every rule, whatever the timezone."""

from datetime import UTC, datetime

import pytest

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.time_zones import known_timezones
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.sandbox.answers import Request
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.nights import (
    SANDBOX_API_KEY,
    SANDBOX_USER_ID,
    SCENARIOS,
    VALID,
    SandboxNight,
    scenarios_of,
)
from tests.sandbox_ids import known_ids
from tests.targets import target_named

PROVIDER = AsleepProvider()
KNOWLEDGE = Knowledge({"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}, frozenset(known_ids("asleep")))
FAR_APART = (
    "UTC",
    "Asia/Seoul",
    "Europe/London",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Etc/GMT+12",
)


def asked_for(night: SandboxNight, timezone: str) -> Exchange:
    headers = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID, "timezone": timezone}
    path = f"/data/v2/sessions/{night.session_id}"
    answer = PROVIDER.answer(
        Request(
            implementation=PROVIDER,
            method="GET",
            path=path,
            path_parameters={"session_id": night.session_id},
            headers=headers,
        )
    )
    return Exchange.sent(
        target_named("asleep").operation("getSession"),
        "known-id",
        f"http://127.0.0.1{path}",
        headers.items(),
        None,
        Answer(answer.status, tuple(answer.headers.items()), answer.content),
        path_parameters={"session_id": night.session_id},
    )


@pytest.mark.parametrize("night", SCENARIOS.values(), ids=SCENARIOS)
def test_a_night_keeps_every_rule_in_timezones_that_are_far_apart(night: SandboxNight) -> None:
    judge = Judge(target_named("asleep"), KNOWLEDGE)
    for timezone in FAR_APART:
        verdict = judge.judge(asked_for(night, timezone))
        assert verdict.checked
        assert (verdict.breaches, verdict.beyond) == ((), ()), timezone


@pytest.mark.parametrize("name", ["autumn-clock-change", "spring-clock-change"])
def test_a_night_with_a_clock_change_keeps_every_rule_in_every_timezone(name: str) -> None:
    judge = Judge(target_named("asleep"), KNOWLEDGE)
    for timezone in sorted(known_timezones()):
        exchange = asked_for(SCENARIOS[name], timezone)
        assert exchange.status == 200, timezone
        verdict = judge.judge(exchange)
        assert (verdict.breaches, verdict.beyond) == ((), ()), timezone


@pytest.mark.parametrize(
    ("name", "timezone", "start", "sleep_time", "end"),
    [
        ("autumn-clock-change", "Europe/London", "28T23:30:00+01:00", "28T23:45:00+01:00", "29T02:00:00+00:00"),
        ("autumn-clock-change", "Europe/Paris", "29T00:30:00+02:00", "29T00:45:00+02:00", "29T03:00:00+01:00"),
        ("autumn-clock-change", "Asia/Seoul", "29T07:30:00+09:00", "29T07:45:00+09:00", "29T11:00:00+09:00"),
        ("autumn-clock-change", "Asia/Kolkata", "29T04:00:00+05:30", "29T04:15:00+05:30", "29T07:30:00+05:30"),
        ("spring-clock-change", "America/New_York", "09T23:45:00-05:00", "10T00:00:00-05:00", "10T04:15:00-04:00"),
        ("spring-clock-change", "Europe/London", "10T04:45:00+00:00", "10T05:00:00+00:00", "10T08:15:00+00:00"),
    ],
)
def test_offsets_follow_the_clock_change_within_the_night(
    name: str, timezone: str, start: str, sleep_time: str, end: str
) -> None:
    result = asked_for(SCENARIOS[name], timezone).response_json["result"]
    written = result["session"]["start_time"], result["stat"]["sleep_time"], result["session"]["end_time"]
    assert tuple(text[8:] for text in written) == (start, sleep_time, end)


def test_a_clock_change_does_not_make_the_night_longer_or_shorter() -> None:
    for name in ("autumn-clock-change", "spring-clock-change"):
        stat = asked_for(SCENARIOS[name], "America/New_York").response_json["result"]["stat"]
        assert stat["time_in_bed"] == 3.5 * 3600


def test_there_is_a_night_for_each_state_contract_and_validity() -> None:
    nights = SCENARIOS.values()
    assert {night.state for night in nights} == {"OPEN", "CLOSED", "COMPLETE"}
    assert {night.sleep_stages is None for night in nights if night.state == "OPEN"} == {True, False}
    complete = [night for night in nights if night.state == "COMPLETE"]
    assert {night.validity.partition(":")[0] for night in complete} == {"VALID", "INVALID"}
    contracts = {(night.two_stages, night.osa_stages is None) for night in complete if night.validity == VALID}
    assert contracts == {(False, False), (False, True), (True, False), (True, True)}
    assert any(set(night.sleep_stages or ()) == {0} for night in complete)
    assert any(-1 in (night.sleep_stages or ()) for night in complete if night.validity == VALID)


def test_each_id_is_the_start_of_its_night_in_utc() -> None:
    for night in SCENARIOS.values():
        assert night.start == datetime.strptime(night.session_id[:14] + "+0000", "%Y%m%d%H%M%S%z").astimezone(UTC)
    assert len({night.session_id for night in SCENARIOS.values()}) == len(SCENARIOS)


def test_ids_have_not_changed_since_they_were_published() -> None:
    assert known_ids("asleep")[:3] == ("20220821093117_hz82a", "20240311133000_twost", "20240312141500_nobre")


def test_lists_of_different_length_are_not_a_night() -> None:
    with pytest.raises(ValueError, match="two sleep lists: 3 sleep stages, 2 osa stages"):
        SandboxNight(
            name="two sleep lists",
            summary="",
            session_id="20240311133000_twost",
            sleep_stages=(0, 0, 0),
            osa_stages=(0, 0),
        )


def test_another_user_has_the_same_nights() -> None:
    theirs = scenarios_of("somebody-else")
    assert theirs.keys() == SCENARIOS.keys()
    assert {night.user_id for night in theirs.values()} == {"somebody-else"}
    assert theirs["four-stages"].statistics == SCENARIOS["four-stages"].statistics
