"""The arithmetic of a night, which a session's answer and a callback share: one rule per function.

Each applies only where the values that it compares are there, not null and of the right type. Source: Callback, 1.3.3,
and Get Single Session, 2.1.
"""

from __future__ import annotations

from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.judging.case import of_body
from sleeptalk_contract.services.asleep.rules.night import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from sleeptalk_contract.judging.case import Breaches, Case, Check
    from sleeptalk_contract.services.asleep.rules.night import JudgedNight

    Arithmetic = Callable[[JudgedNight], Breaches]

EPOCH: Final = 30
"""The length of one stage, in seconds."""

RATIOS: Final[Mapping[str, str]] = {
    "wake_ratio": "time_in_wake",
    "sleep_ratio": "time_in_sleep",
    "rem_ratio": "time_in_rem",
    "light_ratio": "time_in_light",
    "deep_ratio": "time_in_deep",
    "stable_breath_ratio": "time_in_stable_breath",
    "unstable_breath_ratio": "time_in_unstable_breath",
}
"""Each ratio of the sleep period, with its time."""

_TENTH: Final = Decimal("0.1")
_HUNDREDTH: Final = Decimal("0.01")
_RATIO_STEP: Final = _HUNDREDTH
_SUM_OF_RATIOS_STEP: Final = Decimal("0.02")
_CLOCK_STEP: Final = 1
"""Seconds: timestamps carry no fraction, so a cut one may be this much behind."""


def checks_of(
    group: str, read: Callable[[Case], JudgedNight | None], rules: Mapping[str, Arithmetic] | None = None
) -> dict[str, Check]:
    """Return the rule functions of one group, by rule id, about the night that `read` finds in a case.

    `rules` are those functions by the part of the id behind the group, by default those that all versions have.
    """

    def check_of(arithmetic: Arithmetic) -> Check:
        @of_body
        @wraps(arithmetic)
        def check(case: Case) -> Breaches:
            night = read(case)
            return None if night is None else arithmetic(night)

        return check

    return {
        f"{group}.{name}": check_of(arithmetic) for name, arithmetic in (ARITHMETIC if rules is None else rules).items()
    }


def ratio_two_decimals(night: JudgedNight) -> Breaches:
    """Ratios and sleep_efficiency carry at most two decimals, read from the digits that were sent."""
    present = {name: value for name in ("sleep_efficiency", *RATIOS) if (value := night.value(name)) is not None}
    if not present:
        return None
    return [
        (night.at(name), f"is {value}, which has more than two decimals")
        for name, value in present.items()
        if not (value.same_quantum(_HUNDREDTH) or value.same_quantum(_TENTH))  # as nearly all are
        and value.normalize().as_tuple().exponent < -2  # type: ignore[operator]  # noqa: PLR2004  # finite; two decimals
    ]


def sleep_period_arithmetic(night: JudgedNight) -> Breaches:
    """time_in_sleep_period = time_in_bed - sleep_latency - wakeup_latency."""
    values = night.values("time_in_bed", "sleep_latency", "wakeup_latency", "time_in_sleep_period")
    if values is None:
        return None
    bed, falling_asleep, waking_up, period = values
    expected = bed - falling_asleep - waking_up
    if period == expected:
        return []
    return [(night.at("time_in_sleep_period"), f"is {period}, but {bed} - {falling_asleep} - {waking_up} = {expected}")]


def stage_times_sum_to_sleep(night: JudgedNight) -> Breaches:
    """time_in_light + time_in_deep + time_in_rem = time_in_sleep."""
    values = night.values("time_in_light", "time_in_deep", "time_in_rem", "time_in_sleep")
    if values is None:
        return None
    light, deep, rem, asleep = values
    if light + deep + rem == asleep:
        return []
    return [(night.at("time_in_sleep"), f"is {asleep}, but {light} + {deep} + {rem} = {light + deep + rem}")]


def time_in_bed_is_end_minus_start(night: JudgedNight) -> Breaches:
    """time_in_bed = the recording's end - its start, within one epoch."""
    bed, start, end = night.value("time_in_bed"), instant(night.start), instant(night.end)
    if bed is None or start is None or end is None:
        return None
    lasted = _seconds(end - start)
    if abs(bed - lasted) <= EPOCH:
        return []
    return [(night.at("time_in_bed"), f"is {bed} s, but {night.times[0]} to {night.times[1]} is {lasted} s")]


def efficiency_arithmetic(night: JudgedNight) -> Breaches:
    """sleep_efficiency = time_in_sleep / time_in_bed, within 0.01."""
    values = night.values("sleep_efficiency", "time_in_sleep", "time_in_bed")
    if values is None or values[2] <= 0:
        return None
    efficiency, asleep, bed = values
    if abs(efficiency - asleep / bed) <= _RATIO_STEP:
        return []
    return [(night.at("sleep_efficiency"), f"is {efficiency}, but {asleep} / {bed} = {asleep / bed:.4f}")]


def sleep_and_wake_ratio_sum(night: JudgedNight) -> Breaches:
    """sleep_ratio + wake_ratio = 1, within 0.02."""
    values = night.values("sleep_ratio", "wake_ratio")
    if values is None:
        return None
    asleep, awake = values
    if abs(asleep + awake - 1) <= _SUM_OF_RATIOS_STEP:
        return []
    return [(night.at("sleep_ratio"), f"is {asleep}, and wake_ratio is {awake}: together {asleep + awake}")]


def start_not_after_end(night: JudgedNight) -> Breaches:
    """The recording's start is not after its end."""
    start, end = instant(night.start), instant(night.end)
    if start is None or end is None:
        return None
    if start <= end:
        return []
    return [(night.recorded_at(night.times[0]), f"is {night.start}, after {night.times[1]} {night.end}")]


def stage_list_lengths(night: JudgedNight) -> Breaches:
    """The stage lists are equally long, one entry per 30 s in bed; the last epoch may be partial."""
    if not isinstance(night.sleep_stages, list):
        return None
    bed, epochs = night.value("time_in_bed"), len(night.sleep_stages)
    others = {night.breathing_name: night.breathing_stages, "snoring_stages": night.snoring_stages}
    lists = {name: stages for name, stages in others.items() if isinstance(stages, list)}
    if bed is None and not lists:
        return None
    found = [
        (night.recorded_at(name), f"has {len(stages)} entries, sleep_stages {epochs}")
        for name, stages in lists.items()
        if len(stages) != epochs
    ]
    if bed is not None and abs(epochs - bed / EPOCH) > 1:
        found.append((night.recorded_at("sleep_stages"), f"has {epochs} entries for {bed} s in bed"))
    return found


def onset_and_wake_times(night: JudgedNight) -> Breaches:
    """sleep_time = the start + sleep_latency; wake_time = the end - wakeup_latency."""
    stat = night.stat or {}
    start, end = instant(night.start), instant(night.end)
    onset, waking = instant(stat.get("sleep_time")), instant(stat.get("wake_time"))
    falling_asleep, waking_up = night.value("sleep_latency"), night.value("wakeup_latency")
    exercised = False
    found: list[tuple[str, str]] = []
    if start is not None and onset is not None and falling_asleep is not None:
        exercised, came = True, _seconds(onset - start)
        if abs(came - falling_asleep) > _CLOCK_STEP:
            found.append((night.at("sleep_time"), f"is {came} s after {night.times[0]}, not {falling_asleep}"))
    if end is not None and waking is not None and waking_up is not None:
        exercised, left = True, _seconds(end - waking)
        if abs(left - waking_up) > _CLOCK_STEP:
            found.append((night.at("wake_time"), f"is {left} s before {night.times[1]}, not {waking_up}"))
    return found if exercised else None


def ratios_follow_times(night: JudgedNight) -> Breaches:
    """Each ratio = its time / time_in_sleep_period, within 0.01."""
    period = night.value("time_in_sleep_period")
    if period is None or period <= 0:
        return None
    pairs = {name: values for name, time in RATIOS.items() if (values := night.values(name, time)) is not None}
    if not pairs:
        return None
    return [
        (night.at(name), f"is {ratio}, but {time} / {period} = {time / period:.4f}")
        for name, (ratio, time) in pairs.items()
        if abs(ratio - time / period) > _RATIO_STEP
    ]


def wake_plus_sleep_is_period(night: JudgedNight) -> Breaches:
    """time_in_wake + time_in_sleep = time_in_sleep_period."""
    values = night.values("time_in_wake", "time_in_sleep", "time_in_sleep_period")
    if values is None:
        return None
    awake, asleep, period = values
    if awake + asleep == period:
        return []
    return [(night.at("time_in_sleep_period"), f"is {period}, but {awake} + {asleep} = {awake + asleep}")]


def _seconds(lasted: timedelta) -> Decimal:
    return Decimal(round(lasted.total_seconds()))


ARITHMETIC: Final[Mapping[str, Arithmetic]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        ratio_two_decimals,
        sleep_period_arithmetic,
        stage_times_sum_to_sleep,
        time_in_bed_is_end_minus_start,
        efficiency_arithmetic,
        sleep_and_wake_ratio_sum,
        start_not_after_end,
        stage_list_lengths,
        onset_and_wake_times,
        ratios_follow_times,
        wake_plus_sleep_is_period,
    )
}
"""Each rule by the part of its id behind the group."""
