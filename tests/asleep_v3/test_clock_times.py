"""Means and differences of times of day, about midnight too."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sleeptalk.asleep_v3 import clock_difference, mean_clock_time
from sleeptalk.errors import ConfigurationError

seconds = st.integers(0, 86_399)


def at(second: int) -> time:
    return time(second // 3600, second // 60 % 60, second % 60)


@pytest.mark.parametrize(
    ("times", "mean"),
    [
        ([], None),
        ([None], None),
        ([time(23, 30), time(0, 30)], time(0, 0)),
        ([time(23, 30), None, time(0, 30)], time(0, 0)),
        ([time(23), time(23), time(2)], time(23, 58, 33)),
        ([time(6), time(18)], None),
        ([time(0), time(8), time(16)], None),
        ([time(7, 28, 3)], time(7, 28, 3)),
        ([time(23, 59, 59, 999_999)], time(0, 0)),
        ([datetime(2024, 3, 9, 23, 30, tzinfo=timezone(timedelta(hours=9))), time(0, 30)], time(0, 0)),
    ],
)
def test_the_mean_is_where_the_times_point_together(times: list[Any], mean: time | None) -> None:
    assert mean_clock_time(times) == mean


@given(seconds, st.integers(0, 21_000), seconds)
def test_the_mean_of_two_is_between_them_and_turns_with_them(first: int, apart: int, turn: int) -> None:
    times = [at(first), at((first + 2 * apart) % 86_400)]
    mean = mean_clock_time(times)
    assert mean is not None
    assert mean == at((first + apart) % 86_400)
    turned = mean_clock_time([at((first + turn) % 86_400), at((first + 2 * apart + turn) % 86_400)])
    assert turned is not None
    assert clock_difference(turned, mean) == clock_difference(at(turn), time())


@pytest.mark.parametrize(
    ("later", "earlier", "difference"),
    [
        (time(0, 10), time(23, 50), 20 * 60),
        (time(23, 50), time(0, 10), -20 * 60),
        (time(12), time(0), 12 * 3600),
        (time(0), time(12), 12 * 3600),
        (time(7), time(7), 0),
        (datetime(2024, 3, 10, 0, 10), time(23, 50), 20 * 60),  # noqa: DTZ001  # the time on the clock counts
    ],
)
def test_the_difference_goes_the_shorter_way_round(later: time, earlier: time, difference: int) -> None:
    assert clock_difference(later, earlier) == timedelta(seconds=difference)


@pytest.mark.parametrize("value", ["23:50:00", 7, timedelta(hours=1)])
def test_what_is_not_a_time_of_day_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"must be a datetime\.time"):
        mean_clock_time([value])
    with pytest.raises(ConfigurationError, match=r"must be a datetime\.time"):
        clock_difference(value, time())
