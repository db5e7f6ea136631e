"""The averages of nights, as the sandbox computes them: the mean of each statistic, times of day on a clock's face.

Source: Get User's Average Stats.
"""

from __future__ import annotations

import cmath
from datetime import datetime
from math import pi, tau
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOCK_TIMES: Final = ("start_time", "end_time", "sleep_time", "wake_time")
_SECONDS: Final = (
    "sleep_latency",
    "wakeup_latency",
    "time_in_bed",
    "time_in_sleep_period",
    "time_in_sleep",
    "time_in_wake",
    "time_in_light",
    "time_in_deep",
    "time_in_rem",
    "time_in_stable_breath",
    "time_in_unstable_breath",
    "time_in_snoring",
    "time_in_no_snoring",
    "longest_waso",
)
_RATIOS: Final = (
    "sleep_efficiency",
    "wake_ratio",
    "sleep_ratio",
    "light_ratio",
    "deep_ratio",
    "rem_ratio",
    "stable_breath_ratio",
    "unstable_breath_ratio",
    "snoring_ratio",
    "no_snoring_ratio",
)
_NUMBERS: Final = ("breathing_index", "waso_count", "sleep_cycle_count", "snoring_count", "unstable_breath_count")
_DAY: Final = 86_400


def average(nights: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return `average_stats` of the nights as averages list them; a statistic that all have as null is null."""
    found: dict[str, Any] = {name: mean_clock_time([night[name] for night in nights]) for name in _CLOCK_TIMES}
    for names, digits in ((_SECONDS, 0), (_RATIOS, 3), (_NUMBERS, 1)):
        for name in names:
            values = [night[name] for night in nights if night[name] is not None]
            found[name] = round(fmean(values), digits or None) if values else None
    return found


def mean_clock_time(times: Sequence[str]) -> str:
    """Return the mean time of day of timestamps as `hh:mm:ss`: 23:00 and 01:00 have the mean 00:00, not noon."""
    angles = [tau * _second_of_day(each) / _DAY for each in times]
    mean = cmath.phase(sum(cmath.exp(1j * angle) for angle in angles)) % tau
    seconds = round(mean * _DAY / (2 * pi)) % _DAY
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _second_of_day(time: str) -> int:
    read = datetime.fromisoformat(time)
    return read.hour * 3600 + read.minute * 60 + read.second
