"""The arithmetic that data v3 has added to a night: one rule per function. Source: Asleep Update 231031 and 231109.

Each applies only where the values that it compares are there, not null and of the right type.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.night_arithmetic import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.judging.case import Breaches
    from sleeptalk_contract.services.asleep.rules.night import JudgedNight
    from sleeptalk_contract.services.asleep.rules.night_arithmetic import Arithmetic

_ERROR: Final = -1
_WAKE: Final = 0
_LATENCIES: Final[Mapping[str, int]] = {"light_latency": 1, "deep_latency": 2, "rem_latency": 3}


def wakings_follow_stages(night: JudgedNight) -> Breaches:
    """waso_count and longest_waso are those of the runs of wake between sleep_time and wake_time.

    Not where an epoch in between could not be analysed: the sources do not say what becomes of it.
    """
    slept = _slept(night)
    if not slept or _ERROR in slept:
        return None
    wakings = [len(list(group)) for stage, group in groupby(slept) if stage == _WAKE]
    expected = {"waso_count": len(wakings), "longest_waso": max(wakings, default=0) * EPOCH}
    present = {name: value for name in expected if (value := night.value(name)) is not None}
    if not present:
        return None
    return [
        (night.at(name), f"is {value}, but the stages give {expected[name]}")
        for name, value in present.items()
        if value != expected[name]
    ]


def stage_latencies_from_onset(night: JudgedNight) -> Breaches:
    """Each latency of a stage is counted from the first sleep."""
    slept = _slept(night)
    pairs = {
        name: (value, slept.index(stage) * EPOCH)
        for name, stage in _LATENCIES.items()
        if slept and stage in slept and (value := night.value(name)) is not None
    }
    if not pairs:
        return None
    return [
        (night.at(name), f"is {value}, but from falling asleep the stages give {expected}")
        for name, (value, expected) in pairs.items()
        if value != expected
    ]


def cycle_times_follow_count(night: JudgedNight) -> Breaches:
    """sleep_cycle_time has one timestamp more than there are cycles, in order."""
    count, times = night.value("sleep_cycle_count"), (night.stat or {}).get("sleep_cycle_time")
    if not count or not isinstance(times, list):
        return None
    at = night.at("sleep_cycle_time")
    read = [instant(each) for each in times]
    if None in read:
        index = read.index(None)
        shown = str(times[index]) if isinstance(times[index], Decimal) else repr(times[index])
        return [(f"{at}/{index}", f"is {shown}, not a timestamp")]
    if len(times) != count + 1:
        return [(at, f"has {len(times)} times for {count} cycles, not {count + 1}")]
    moments = [each for each in read if each is not None]
    return [] if moments == sorted(moments) else [(at, "is not in order")]


def _slept(night: JudgedNight) -> Sequence[Any]:
    """Return the stages from the first sleep to the last; empty where there is none."""
    stages = night.sleep_stages if isinstance(night.sleep_stages, list) else []
    asleep = [index for index, stage in enumerate(stages) if stage in _LATENCIES.values()]
    return stages[asleep[0] : asleep[-1] + 1] if asleep else []


ADDED: Final[Mapping[str, Arithmetic]] = {
    "wakings-follow-stages": wakings_follow_stages,
    "stage-latencies-from-onset": stage_latencies_from_onset,
    "cycle-times-follow-count": cycle_times_follow_count,
}
"""Each rule by the part of its id behind the group."""
