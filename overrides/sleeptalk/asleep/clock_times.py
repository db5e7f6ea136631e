"""Computing with times of day, which go round: the mean of 23:30 and 00:30 is midnight, not noon."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from sleeptalk.errors import ConfigurationError

_DAY: Final = 86_400  # seconds
_HALF: Final = _DAY // 2
_UNDECIDED: Final = 1e-9
"""The length of the mean direction below which the times point everywhere."""


def mean_clock_time(times: Iterable[time | datetime | None]) -> time | None:
    """Return the circular mean of times of day: the direction in which they point together on a clock of 24 hours.

        from datetime import time

        print(mean_clock_time([time(23, 30), time(0, 30)]))

    - `times`: of a datetime, the time that it shows in its own zone counts; None, as of a night without sleep, is left
      out.

    Returns a time in whole seconds without a zone. None without any time, and where the times point in no common
    direction, as 06:00 and 18:00. Raises ConfigurationError for anything else.
    """
    angles = [math.tau * _seconds(each) / _DAY for each in times if each is not None]
    if not angles:
        return None
    x, y = math.fsum(map(math.cos, angles)) / len(angles), math.fsum(map(math.sin, angles)) / len(angles)
    if math.hypot(x, y) < _UNDECIDED:
        return None
    minutes, second = divmod(round(math.atan2(y, x) / math.tau * _DAY) % _DAY, 60)
    return time(*divmod(minutes, 60), second)


def clock_difference(later: time | datetime, earlier: time | datetime) -> timedelta:
    """Return how far one time of day is behind another the shorter way round: 20 minutes from 23:50 to 00:10.

    - `later`, `earlier`: as in `mean_clock_time`.

    Returns a timedelta from -12 hours, not included, to 12 hours: negative where `later` comes first. Raises
    ConfigurationError for anything else.
    """
    seconds = (_seconds(later) - _seconds(earlier)) % _DAY
    return timedelta(seconds=seconds if seconds <= _HALF else seconds - _DAY)


def _seconds(value: object) -> float:
    if not isinstance(value, (time, datetime)):
        raise ConfigurationError(f"A time of day must be a datetime.time or a datetime, not a {type(value).__name__}.")
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1_000_000
