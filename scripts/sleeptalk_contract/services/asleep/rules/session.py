"""The session's `arithmetic` rules: numbers compared with each other, and values with the request.

They apply only where the values they compare are there, not null and of the right type: the rest is left to
the shape and value rules in the document. Source: Get Single Session, and Callback, 1.3.3.
"""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules.night import EPOCH, RATIOS, instant
from sleeptalk_contract.services.asleep.rules.timezones import requested_timezone, zone

if TYPE_CHECKING:
    from datetime import timedelta

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

_RATIO_STEP: Final = Decimal("0.01")
_SUM_OF_RATIOS_STEP: Final = Decimal("0.02")
_CLOCK_STEP: Final = 1
"""Seconds: timestamps carry no fraction, so a cut one may be this much behind."""


@CHECKS.rule("session.ratio-two-decimals")
def ratio_two_decimals(case: Case) -> Breaches:
    """Ratios and sleep_efficiency carry at most two decimals."""
    return nights.ratio_two_decimals(nights.answered(case))


@CHECKS.rule("session.sleep-period-arithmetic")
def sleep_period_arithmetic(case: Case) -> Breaches:
    """time_in_sleep_period = time_in_bed - sleep_latency - wakeup_latency."""
    return nights.sleep_period_arithmetic(nights.answered(case))


@CHECKS.rule("session.stage-times-sum-to-sleep")
def stage_times_sum_to_sleep(case: Case) -> Breaches:
    """time_in_light + time_in_deep + time_in_rem = time_in_sleep."""
    return nights.stage_times_sum_to_sleep(nights.answered(case))


@CHECKS.rule("session.time-in-bed-is-end-minus-start")
def time_in_bed_is_end_minus_start(case: Case) -> Breaches:
    """time_in_bed = end_time - start_time, within one epoch."""
    night = nights.answered(case)
    if night is None:
        return None
    bed, start, end = night.value("time_in_bed"), instant(night.start), instant(night.end)
    if bed is None or start is None or end is None:
        return None
    lasted = _seconds(end - start)
    if abs(bed - lasted) <= EPOCH:
        return []
    return [(night.at("time_in_bed"), f"is {bed} s, but start_time to end_time is {lasted} s")]


@CHECKS.rule("session.efficiency-arithmetic")
def efficiency_arithmetic(case: Case) -> Breaches:
    """sleep_efficiency = time_in_sleep / time_in_bed, within 0.01."""
    night = nights.answered(case)
    values = night.values("sleep_efficiency", "time_in_sleep", "time_in_bed") if night else None
    if night is None or values is None or values[2] <= 0:
        return None
    efficiency, asleep, bed = values
    if abs(efficiency - asleep / bed) <= _RATIO_STEP:
        return []
    return [(night.at("sleep_efficiency"), f"is {efficiency}, but {asleep} / {bed} = {asleep / bed:.4f}")]


@CHECKS.rule("session.sleep-and-wake-ratio-sum")
def sleep_and_wake_ratio_sum(case: Case) -> Breaches:
    """sleep_ratio + wake_ratio = 1, within 0.02."""
    night = nights.answered(case)
    values = night.values("sleep_ratio", "wake_ratio") if night else None
    if night is None or values is None:
        return None
    asleep, awake = values
    if abs(asleep + awake - 1) <= _SUM_OF_RATIOS_STEP:
        return []
    return [(night.at("sleep_ratio"), f"is {asleep}, and wake_ratio is {awake}: together {asleep + awake}")]


@CHECKS.rule("session.start-not-after-end")
def start_not_after_end(case: Case) -> Breaches:
    """start_time is not after end_time."""
    night = nights.answered(case)
    if night is None:
        return None
    start, end = instant(night.start), instant(night.end)
    if start is None or end is None:
        return None
    return [] if start <= end else [(night.start_at, f"is {night.start}, after end_time {night.end}")]


@CHECKS.rule("session.id-echoed")
def id_echoed(case: Case) -> Breaches:
    """session.id is the id that was asked for."""
    answered = _text(case, "session", "id")
    if answered is None or not case.identifier:
        return None
    if answered == case.identifier:
        return []
    return [("/result/session/id", f"is {answered!r}, but {case.identifier!r} was requested")]


@CHECKS.rule("session.timezone-echoed")
def timezone_echoed(case: Case) -> Breaches:
    """result.timezone is the timezone header, or UTC without one; another spelling in capitals is the same name."""
    asked, answered = requested_timezone(case.exchange.request_headers), _text(case, "timezone")
    if answered is None or zone(asked) is None:
        return None
    if answered.lower() == asked.lower():
        return []
    return [("/result/timezone", f"is {answered!r}, but {asked!r} was requested")]


@CHECKS.rule("session.times-in-requested-timezone")
def times_in_requested_timezone(case: Case) -> Breaches:
    """Every timestamp carries the offset that the requested timezone has at that instant."""
    asked = requested_timezone(case.exchange.request_headers)
    night = nights.answered(case)
    place, stamps = zone(asked), list(night.timestamps()) if night else []
    if place is None or not stamps:
        return None
    found: list[tuple[str, str]] = []
    for where, stamp in stamps:
        try:
            right = stamp.astimezone(UTC).astimezone(place)
        except (OverflowError, ValueError):  # an instant at the very edge of the calendar
            continue
        expected = right.utcoffset()
        whole_minutes = expected is None or expected.total_seconds() % 60 == 0  # local mean time cannot be written
        if whole_minutes and stamp.utcoffset() != expected:
            found.append((where, f"is {stamp.isoformat()}, but {asked} has {right.isoformat()} at that instant"))
    return found


@CHECKS.rule("session.stage-list-lengths")
def stage_list_lengths(case: Case) -> Breaches:
    """sleep_stages and osa_stages are equally long, one entry per 30 s in bed; the last epoch may be partial."""
    night = nights.answered(case)
    if night is None or not isinstance(night.sleep_stages, list):
        return None
    bed, epochs = night.value("time_in_bed"), len(night.sleep_stages)
    breathing = night.osa_stages if isinstance(night.osa_stages, list) else None
    if bed is None and breathing is None:
        return None
    found: list[tuple[str, str]] = []
    if breathing is not None and len(breathing) != epochs:
        found.append(("/result/session/osa_stages", f"has {len(breathing)} entries, sleep_stages {epochs}"))
    if bed is not None and abs(epochs - bed / EPOCH) > 1:
        found.append(("/result/session/sleep_stages", f"has {epochs} entries for {bed} s in bed"))
    return found


@CHECKS.rule("session.onset-and-wake-times")
def onset_and_wake_times(case: Case) -> Breaches:
    """sleep_time = start_time + sleep_latency; wake_time = end_time - wakeup_latency."""
    night = nights.answered(case)
    if night is None or night.stat is None:
        return None
    start, end = instant(night.start), instant(night.end)
    onset, waking = instant(night.stat.get("sleep_time")), instant(night.stat.get("wake_time"))
    falling_asleep, waking_up = night.value("sleep_latency"), night.value("wakeup_latency")
    exercised = False
    found: list[tuple[str, str]] = []
    if start is not None and onset is not None and falling_asleep is not None:
        exercised = True
        if abs(_seconds(onset - start) - falling_asleep) > _CLOCK_STEP:
            found.append(
                (night.at("sleep_time"), f"is {_seconds(onset - start)} s after start_time, not {falling_asleep}")
            )
    if end is not None and waking is not None and waking_up is not None:
        exercised = True
        if abs(_seconds(end - waking) - waking_up) > _CLOCK_STEP:
            found.append((night.at("wake_time"), f"is {_seconds(end - waking)} s before end_time, not {waking_up}"))
    return found if exercised else None


@CHECKS.rule("session.ratios-follow-times")
def ratios_follow_times(case: Case) -> Breaches:
    """Each ratio = its time / time_in_sleep_period, within 0.01."""
    night = nights.answered(case)
    period = night.value("time_in_sleep_period") if night else None
    if night is None or period is None or period <= 0:
        return None
    pairs = {name: values for name, time in RATIOS.items() if (values := night.values(name, time)) is not None}
    if not pairs:
        return None
    return [
        (night.at(name), f"is {ratio}, but {time} / {period} = {time / period:.4f}")
        for name, (ratio, time) in pairs.items()
        if abs(ratio - time / period) > _RATIO_STEP
    ]


@CHECKS.rule("session.wake-plus-sleep-is-period")
def wake_plus_sleep_is_period(case: Case) -> Breaches:
    """time_in_wake + time_in_sleep = time_in_sleep_period."""
    night = nights.answered(case)
    values = night.values("time_in_wake", "time_in_sleep", "time_in_sleep_period") if night else None
    if night is None or values is None:
        return None
    awake, asleep, period = values
    if awake + asleep == period:
        return []
    return [(night.at("time_in_sleep_period"), f"is {period}, but {awake} + {asleep} = {awake + asleep}")]


@CHECKS.rule("session.id-is-start-time")
def id_is_start_time(case: Case) -> Breaches:
    """The id's 14 digits are start_time in UTC."""
    night, identifier = nights.answered(case), _text(case, "session", "id")
    start = instant(night.start) if night else None
    digits = (identifier or "").partition("_")[0]
    if start is None or len(digits) != 14 or not digits.isdecimal():  # noqa: PLR2004  # YYYYMMDDhhmmss
        return None
    try:
        expected = start.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    except (OverflowError, ValueError):
        return None
    return (
        []
        if digits == expected
        else [("/result/session/id", f"begins with {digits}, but start_time is {expected} in UTC")]
    )


def _seconds(lasted: timedelta) -> Decimal:
    return Decimal(str(lasted.total_seconds())).normalize().quantize(Decimal(1))


def _text(case: Case, *keys: str) -> str | None:
    """Return a string under `result` of a 200; None where it is not there or not a string."""
    return text_in(case.success_body, "result", *keys)
