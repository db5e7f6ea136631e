"""The 23 statistics of a night, computed from its epochs.

An epoch is 30 s of the night and has one sleep stage and, with breathing analysis, one osa stage.

The source leaves four things open. The sandbox settles them so that every rule of the contract holds at once:

- Epochs with an error (-1). The rules want `time_in_wake + time_in_sleep = time_in_sleep_period` and
  `light + deep + rem = time_in_sleep`, so an epoch of the sleep period has to be either sleep or wake. Sleep is only
  what was seen to be sleep: an error counts as wake. Before the first sleep it is part of the sleep latency, after the
  last sleep part of the wakeup latency, in between part of `time_in_wake`. An osa error counts neither as stable nor
  as unstable breathing; no rule asks those two times to add up.
- A last epoch that is not complete. `time_in_bed` is the end minus the start; what is left over after the last whole
  epoch goes into the wakeup latency.
- A night in which nobody slept has no sleep period: its five numbers that are never null are 0, except `time_in_bed`.
  Where some epochs are errors, it is not known that the sleeper was awake all night, and every nullable one is null.
- How breathing is graded: `estimated_ahi` is the number of unstable epochs in an hour of the sleep period, rounded to
  one decimal, and `breathing_pattern` follows from it at 5, 15 and 30, the steps by which clinics grade the index of
  the same name. Both are the sandbox's own definition; the vendor publishes none.

Source: Callback, 1.3.3; Get Single Session, 2.1.5; Asleep REST API Reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sleeptalk_generated.asleep.nulls import (
    NULL_BREATHING_STATS,
    NULL_INVALID_STATS,
    NULL_NEVER_SLEPT_STATS,
    NULL_STAGE_STATS,
)

EPOCH_SECONDS = 30
ERROR = -1
WAKE, LIGHT, DEEP, REM = 0, 1, 2, 3
SLEEP = LIGHT  # a contract with two stages writes sleep as 1
STABLE, UNSTABLE = 0, 1

_ASLEEP = frozenset({LIGHT, DEEP, REM})
_UNSTABLE_EPOCHS_AN_HOUR = ((5.0, "VERY_STABLE"), (15.0, "STABLE"), (30.0, "UNSTABLE"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The statistics in the order in which the service prints them.

    Times are whole seconds, ratios and `sleep_efficiency` are between 0 and 1 with two decimals, `sleep_time` and
    `wake_time` are aware instants. None is a null of the contract.
    """

    sleep_efficiency: float
    sleep_latency: int | None = None
    sleep_time: datetime | None = None
    wakeup_latency: int | None = None
    wake_time: datetime | None = None
    time_in_wake: int
    time_in_sleep_period: int
    time_in_sleep: int
    time_in_bed: int
    time_in_rem: int | None = None
    time_in_light: int | None = None
    time_in_deep: int | None = None
    time_in_stable_breath: int | None = None
    time_in_unstable_breath: int | None = None
    wake_ratio: float | None = None
    sleep_ratio: float | None = None
    rem_ratio: float | None = None
    light_ratio: float | None = None
    deep_ratio: float | None = None
    stable_breath_ratio: float | None = None
    unstable_breath_ratio: float | None = None
    breathing_pattern: str | None = None
    estimated_ahi: float | None = None

    def as_json(self, zone: tzinfo) -> dict[str, Any]:
        """Return the 23 keys with their JSON values; instants are written with the offset that `zone` has then."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: timestamp(value, zone) if isinstance(value, datetime) else value for name, value in values.items()
        }


def compute(
    start: datetime,
    end: datetime,
    sleep_stages: Sequence[int],
    osa_stages: Sequence[int] | None,
    *,
    two_stages: bool = False,
) -> Statistics:
    """Compute the statistics of a night from its epochs.

    `start` and `end` are aware instants. `osa_stages` is None in a contract without breathing analysis. With
    `two_stages` the stages are 0 and 1 and the six stage statistics are None.
    """
    asleep = [index for index, stage in enumerate(sleep_stages) if stage in _ASLEEP]
    nulls: set[str] = set()
    if two_stages:
        nulls |= NULL_STAGE_STATS
    if osa_stages is None:
        nulls |= NULL_BREATHING_STATS
    if not asleep:
        nulls |= NULL_INVALID_STATS if ERROR in sleep_stages else NULL_NEVER_SLEPT_STATS
    first, after = (asleep[0], asleep[-1] + 1) if asleep else (0, 0)
    time_in_bed = _seconds(end - start)
    period = (after - first) * EPOCH_SECONDS
    time_in_sleep = len(asleep) * EPOCH_SECONDS
    sleep_latency = first * EPOCH_SECONDS
    wakeup_latency = time_in_bed - after * EPOCH_SECONDS
    wake_ratio = _ratio(period - time_in_sleep, period)
    computed = Statistics(
        sleep_efficiency=_ratio(time_in_sleep, time_in_bed),
        sleep_latency=sleep_latency,
        sleep_time=start + timedelta(seconds=sleep_latency),
        wakeup_latency=wakeup_latency,
        wake_time=end - timedelta(seconds=wakeup_latency),
        time_in_wake=period - time_in_sleep,
        time_in_sleep_period=period,
        time_in_sleep=time_in_sleep,
        time_in_bed=time_in_bed,
        wake_ratio=wake_ratio,
        sleep_ratio=round(1 - wake_ratio, 2),
        **_stage_statistics(sleep_stages, period),
        **_breathing_statistics((osa_stages or ())[first:after], period),
    )
    absent: dict[str, Any] = dict.fromkeys(nulls)
    return replace(computed, **absent)


def unanalysable(start: datetime, end: datetime) -> Statistics:
    """Return the statistics of an INVALID night: every nullable one is None, the others 0 except `time_in_bed`.

    Source: Callback, 1.3.3.
    """
    return compute(start, end, [ERROR], None)


def timestamp(instant: datetime, zone: tzinfo) -> str:
    """Write an instant as the service does: `YYYY-MM-DDThh:mm:ss` and the offset that the zone has at that instant."""
    return instant.astimezone(zone).isoformat(timespec="seconds")


def _stage_statistics(sleep_stages: Sequence[int], period: int) -> dict[str, Any]:
    rem, light, deep = (sum(stage == wanted for stage in sleep_stages) * EPOCH_SECONDS for wanted in (REM, LIGHT, DEEP))
    return {
        "time_in_rem": rem,
        "time_in_light": light,
        "time_in_deep": deep,
        "rem_ratio": _ratio(rem, period),
        "light_ratio": _ratio(light, period),
        "deep_ratio": _ratio(deep, period),
    }


def _breathing_statistics(osa_stages: Sequence[int], period: int) -> dict[str, Any]:
    stable, unstable = (sum(stage == wanted for stage in osa_stages) * EPOCH_SECONDS for wanted in (STABLE, UNSTABLE))
    unstable_an_hour = unstable / EPOCH_SECONDS / (period / 3600) if period else 0.0
    steps = (pattern for limit, pattern in _UNSTABLE_EPOCHS_AN_HOUR if unstable_an_hour < limit)
    return {
        "time_in_stable_breath": stable,
        "time_in_unstable_breath": unstable,
        "stable_breath_ratio": _ratio(stable, period),
        "unstable_breath_ratio": _ratio(unstable, period),
        "breathing_pattern": next(steps, "VERY_UNSTABLE"),
        "estimated_ahi": round(unstable_an_hour, 1),
    }


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 2) if whole else 0.0


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
