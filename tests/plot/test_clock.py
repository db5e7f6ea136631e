"""Ticks stand where the clock on the wall shows round times: across clock changes, for a minute and for years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from sleeptalk.drawing.clock import Clock

HOUR = 3600


def labels(clock: Clock) -> list[str]:
    return [label for _, label in clock.ticks()]


def clock_in(zone: str, start: str, hours: float) -> Clock:
    return Clock(datetime.fromisoformat(start), ZoneInfo(zone), hours * HOUR)


def test_the_hour_that_autumn_repeats_is_there_twice() -> None:
    clock = clock_in("Europe/Berlin", "2023-10-29T00:00:00+02:00", 8)
    assert labels(clock) == ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00"]
    assert [at / HOUR for at, _ in clock.ticks()] == list(range(9))
    assert clock.offsets() == ["UTC+02:00", "UTC+01:00"]


def test_the_hour_that_spring_leaves_out_is_not_there_and_no_other_is_missing() -> None:
    clock = clock_in("Europe/Berlin", "2024-03-31T00:00:00+01:00", 8)
    assert labels(clock) == ["00:00", "01:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00", "09:00"]
    assert [at / HOUR for at, _ in clock.ticks()] == list(range(9))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2024-03-30T18:00:00+01:00", ["18:00", "21:00", "00:00", "03:00", "06:00", "09:00", "12:00"]),
        ("2023-10-28T18:00:00+02:00", ["18:00", "21:00", "00:00", "03:00", "06:00", "09:00", "12:00"]),
    ],
)
def test_steps_of_hours_stay_on_round_times_across_a_change(start: str, expected: list[str]) -> None:
    assert labels(clock_in("Europe/Berlin", start, 29))[: len(expected)] == expected


def test_a_clock_that_is_changed_by_half_an_hour_keeps_full_hours() -> None:
    clock = clock_in("Australia/Lord_Howe", "2024-04-07T00:30:00+11:00", 7)
    assert [(at / HOUR, label) for at, label in clock.ticks() if label.endswith(":00")] == [
        (0.5, "01:00"),
        (2, "02:00"),
        (3, "03:00"),
        (4, "04:00"),
        (5, "05:00"),
        (6, "06:00"),
        (7, "07:00"),
    ]


@pytest.mark.parametrize("seconds", [30, 90, 600, 3600, 8 * 3600, 20 * 3600, 86_400, 5 * 86_400, 90 * 86_400])
@pytest.mark.parametrize("start", ["2024-03-15T22:37:42+00:00", "2024-03-15T23:59:59.5+00:00"])
def test_any_length_has_some_ticks_and_not_too_many(seconds: int, start: str) -> None:
    clock = Clock(datetime.fromisoformat(start), None, seconds)
    assert 1 <= len(clock.ticks()) <= 15
    assert 1 <= len(clock.dates()) <= 16
    assert all(0 <= at <= seconds for at, _ in (*clock.ticks(), *clock.dates()))


def test_three_epochs_have_ticks_with_seconds() -> None:
    clock = Clock(datetime(2024, 3, 15, 22, 37, 42, tzinfo=UTC), None, 90)
    assert labels(clock)[:2] == ["22:37:50", "22:38:00"]


def test_each_day_stands_where_it_begins() -> None:
    clock = clock_in("Asia/Seoul", "2024-03-15T22:30:00+09:00", 8)
    assert clock.dates() == [(0.0, "2024-03-15"), (1.5 * HOUR, "2024-03-16")]


@pytest.mark.parametrize("start", [datetime.max, datetime.min])  # noqa: DTZ901  # given an offset below
@pytest.mark.parametrize("offset", [-14, 0, 14])
def test_the_ends_of_the_calendar_are_no_trouble(start: datetime, offset: int) -> None:
    time = start.replace(tzinfo=timezone(timedelta(hours=offset)))
    for zone in (None, ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")):
        clock = Clock(time, zone, 8 * HOUR)
        assert clock.dates()[0][0] == 0
        for east in (-12, 12):
            for end in ((1, 1, 1, 0), (9999, 12, 31, 23)):
                shown = datetime(*end, tzinfo=timezone(timedelta(hours=east)))
                assert clock.of(shown) == shown
        assert all(0 <= at <= 8 * HOUR for at, _ in clock.ticks())
