"""The statistics of nights that can be worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from sleeptalk_contract.services.asleep.sandbox.statistics import (
    DEEP,
    ERROR,
    LIGHT,
    REM,
    SLEEP,
    STABLE,
    UNSTABLE,
    WAKE,
    Statistics,
    compute,
    unanalysable,
)

START = datetime(2025, 1, 15, 2, 50, 29, tzinfo=UTC)
BREATHING = {
    "time_in_stable_breath",
    "time_in_unstable_breath",
    "stable_breath_ratio",
    "unstable_breath_ratio",
    "breathing_pattern",
    "estimated_ahi",
}
STAGES = {"time_in_rem", "time_in_light", "time_in_deep", "rem_ratio", "light_ratio", "deep_ratio"}
SLEEP_STATISTICS = {"sleep_latency", "sleep_time", "wakeup_latency", "wake_time", "wake_ratio", "sleep_ratio"}
NEVER_NULL = {"sleep_efficiency", "time_in_wake", "time_in_sleep_period", "time_in_sleep", "time_in_bed"}


def night(
    sleep_stages: list[int], osa_stages: list[int] | None = None, *, leftover: int = 0, two_stages: bool = False
) -> Statistics:
    end = START + timedelta(seconds=30 * len(sleep_stages) + leftover)
    return compute(START, end, sleep_stages, osa_stages, two_stages=two_stages)


def nulls(statistics: Statistics) -> set[str]:
    return {name for name, value in statistics.as_json(UTC).items() if value is None}


def test_the_vendors_own_consistent_sample_comes_out_as_printed() -> None:
    """An hour: 900 s to fall asleep, 1260 s of sleep period with 180 s awake in it, 1440 s awake at the end."""
    statistics = night([WAKE] * 30 + [LIGHT] * 20 + [WAKE] * 6 + [LIGHT] * 16 + [WAKE] * 48)
    assert statistics.as_json(UTC) == {
        "sleep_efficiency": 0.3,
        "sleep_latency": 900,
        "sleep_time": "2025-01-15T03:05:29+00:00",
        "wakeup_latency": 1440,
        "wake_time": "2025-01-15T03:26:29+00:00",
        "time_in_wake": 180,
        "time_in_sleep_period": 1260,
        "time_in_sleep": 1080,
        "time_in_bed": 3600,
        "time_in_rem": 0,
        "time_in_light": 1080,
        "time_in_deep": 0,
        "time_in_stable_breath": None,
        "time_in_unstable_breath": None,
        "wake_ratio": 0.14,
        "sleep_ratio": 0.86,
        "rem_ratio": 0.0,
        "light_ratio": 0.86,
        "deep_ratio": 0.0,
        "stable_breath_ratio": None,
        "unstable_breath_ratio": None,
        "breathing_pattern": None,
        "estimated_ahi": None,
    }


def test_stages_and_breathing_are_counted_within_the_sleep_period() -> None:
    sleep = [WAKE] * 2 + [LIGHT] * 4 + [DEEP] * 2 + [WAKE] + [REM] * 3 + [WAKE] * 4
    breathing = [UNSTABLE] * 2 + [STABLE] * 8 + [UNSTABLE] * 2 + [UNSTABLE] * 4
    statistics = night(sleep, breathing)
    assert (statistics.time_in_light, statistics.time_in_deep, statistics.time_in_rem) == (120, 60, 90)
    assert (statistics.light_ratio, statistics.deep_ratio, statistics.rem_ratio) == (0.4, 0.2, 0.3)
    assert (statistics.time_in_stable_breath, statistics.time_in_unstable_breath) == (240, 60)
    assert (statistics.stable_breath_ratio, statistics.unstable_breath_ratio) == (0.8, 0.2)


@pytest.mark.parametrize(
    ("unstable", "an_hour", "pattern"),
    [
        (0, 0.0, "VERY_STABLE"),
        (4, 4.0, "VERY_STABLE"),
        (5, 5.0, "STABLE"),
        (14, 14.0, "STABLE"),
        (15, 15.0, "UNSTABLE"),
        (30, 30.0, "VERY_UNSTABLE"),
        (120, 120.0, "VERY_UNSTABLE"),
    ],
)
def test_breathing_is_graded_by_the_unstable_epochs_in_an_hour(unstable: int, an_hour: float, pattern: str) -> None:
    statistics = night([LIGHT] * 120, [UNSTABLE] * unstable + [STABLE] * (120 - unstable))
    assert (statistics.estimated_ahi, statistics.breathing_pattern) == (an_hour, pattern)


def test_errors_before_between_and_after_sleep_count_as_wake() -> None:
    with_errors = night([ERROR, WAKE, LIGHT, ERROR, REM, ERROR, ERROR])
    assert with_errors == night([WAKE, WAKE, LIGHT, WAKE, REM, WAKE, WAKE])
    assert (with_errors.sleep_latency, with_errors.time_in_wake, with_errors.wakeup_latency) == (60, 30, 60)


def test_breathing_errors_count_as_neither_stable_nor_unstable() -> None:
    statistics = night([LIGHT] * 10, [STABLE] * 5 + [ERROR] * 3 + [UNSTABLE] * 2)
    assert (statistics.time_in_stable_breath, statistics.time_in_unstable_breath) == (150, 60)
    assert (statistics.stable_breath_ratio, statistics.unstable_breath_ratio) == (0.5, 0.2)


def test_seconds_after_the_last_epoch_are_spent_in_bed_but_not_asleep() -> None:
    statistics = night([LIGHT] * 4, leftover=29)
    assert (statistics.time_in_bed, statistics.time_in_sleep_period, statistics.wakeup_latency) == (149, 120, 29)
    assert statistics.wake_time == START + timedelta(seconds=120)


def test_a_night_asleep_from_beginning_to_end_has_no_latencies() -> None:
    statistics = night([REM] * 10)
    assert (statistics.sleep_latency, statistics.wakeup_latency, statistics.time_in_wake) == (0, 0, 0)
    assert (statistics.sleep_efficiency, statistics.sleep_ratio, statistics.wake_ratio) == (1.0, 1.0, 0.0)


def test_wake_and_sleep_ratio_are_rounded_so_that_they_add_up() -> None:
    for wake in range(1, 200):
        statistics = night([LIGHT] + [WAKE] * wake + [LIGHT] * (200 - wake))
        assert statistics.wake_ratio is not None
        assert statistics.sleep_ratio is not None
        assert round(statistics.wake_ratio + statistics.sleep_ratio, 10) == 1


def test_a_contract_with_two_stages_has_no_stage_statistics() -> None:
    assert nulls(night([WAKE, SLEEP, SLEEP], [STABLE] * 3, two_stages=True)) == STAGES


def test_a_contract_without_breathing_analysis_has_no_breathing_statistics() -> None:
    assert nulls(night([WAKE, LIGHT, DEEP])) == BREATHING


def test_a_night_awake_leaves_times_of_stages_and_breathing_at_zero() -> None:
    statistics = night([WAKE] * 40, [STABLE] * 40)
    never_slept = SLEEP_STATISTICS | {
        *("rem_ratio", "light_ratio", "deep_ratio", "stable_breath_ratio", "unstable_breath_ratio"),
        *("breathing_pattern", "estimated_ahi"),
    }
    assert nulls(statistics) == never_slept
    assert (statistics.time_in_bed, statistics.time_in_sleep, statistics.sleep_efficiency) == (1200, 0, 0.0)


def test_a_night_awake_still_has_the_nulls_of_its_contract() -> None:
    assert nulls(night([WAKE] * 40, two_stages=True)) >= STAGES | BREATHING


def test_a_night_without_sleep_but_with_errors_has_only_what_is_never_null() -> None:
    statistics = night([WAKE, ERROR, WAKE], [STABLE] * 3)
    assert set(statistics.as_json(UTC)) - nulls(statistics) == NEVER_NULL


def test_an_invalid_night_has_only_what_is_never_null() -> None:
    statistics = unanalysable(START, START + timedelta(minutes=15))
    assert set(statistics.as_json(UTC)) - nulls(statistics) == NEVER_NULL
    assert statistics.time_in_bed == 900
