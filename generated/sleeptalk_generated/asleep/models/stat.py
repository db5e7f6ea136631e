# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from attrs import define

from ...types import Timestamp, WireModel
from .breathing_pattern import BreathingPattern


@define(frozen=True, kw_only=True, repr=False)
class Stat(WireModel):
    """The statistics of a session that has been analysed. Every key is present; each says when it is null."""

    sleep_efficiency: float
    """The share of `time_in_bed` that was sleep: `time_in_sleep` / `time_in_bed`. A ratio from 0 to 1."""
    sleep_latency: int | None
    """Seconds from the start of the recording to the first sleep. Null in a session without sleep."""
    sleep_time: Timestamp | None
    """When the user fell asleep: the start plus `sleep_latency`. Null in a session without sleep."""
    wakeup_latency: int | None
    """Seconds from the last waking to the end of the recording. Null in a session without sleep."""
    wake_time: Timestamp | None
    """When the user woke for the last time: the end minus `wakeup_latency`. Null in a session without sleep."""
    time_in_wake: int
    """Seconds awake within the sleep period; falling asleep and lying awake at the end do not count."""
    time_in_sleep_period: int
    """Seconds from falling asleep to the last waking: `time_in_bed` - `sleep_latency` - `wakeup_latency`."""
    time_in_sleep: int
    """Seconds asleep: light, deep and REM sleep together."""
    time_in_bed: int
    """Seconds from the start to the end of the recording."""
    time_in_rem: int | None
    """Seconds in REM sleep. Null in a two-stage contract."""
    time_in_light: int | None
    """Seconds in light sleep. Null in a two-stage contract."""
    time_in_deep: int | None
    """Seconds in deep sleep. Null in a two-stage contract."""
    time_in_stable_breath: int | None
    """Seconds of stable breathing. Null without breathing analysis."""
    time_in_unstable_breath: int | None
    """Seconds of unstable breathing. Null without breathing analysis."""
    wake_ratio: float | None
    """The share of the sleep period spent awake. A ratio from 0 to 1. Null in a session without sleep."""
    sleep_ratio: float | None
    """The share of the sleep period spent asleep. A ratio from 0 to 1. Null in a session without sleep."""
    rem_ratio: float | None
    """The share of the sleep period spent in REM sleep. A ratio from 0 to 1. Null in a session without sleep, and
    in a two-stage contract.
    """
    light_ratio: float | None
    """The share of the sleep period spent in light sleep. A ratio from 0 to 1. Null in a session without sleep,
    and in a two-stage contract.
    """
    deep_ratio: float | None
    """The share of the sleep period spent in deep sleep. A ratio from 0 to 1. Null in a session without sleep, and
    in a two-stage contract.
    """
    stable_breath_ratio: float | None
    """The share of the sleep period with stable breathing. A ratio from 0 to 1. Null in a session without sleep,
    and without breathing analysis.
    """
    unstable_breath_ratio: float | None
    """The share of the sleep period with unstable breathing. A ratio from 0 to 1. Null in a session without sleep,
    and without breathing analysis.
    """
    breathing_pattern: BreathingPattern | None
    """How stable breathing was over the night. Null in a session without sleep, and without breathing analysis."""
    estimated_ahi: float | None
    """An estimate of the number of breathing disturbances in an hour of sleep, by which `breathing_pattern` is
    chosen. Not a ratio: 29.7 is a printed value. Null in a session without sleep, and without breathing
    analysis.
    """
