# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, Timestamp, UnsetType, WireModel
from .breathing_pattern import BreathingPattern


@define(frozen=True, kw_only=True, repr=False)
class Stat(WireModel):
    """The statistics of a session that has been analysed; each says when it is null. The last four may be absent:
    no copy of the vendor's page shows how they are printed.
    """

    sleep_time: Timestamp | None
    """When the user fell asleep: the start plus `sleep_latency`. Null in a session without sleep."""
    wake_time: Timestamp | None
    """When the user woke for the last time: the end minus `wakeup_latency`. Null in a session without sleep."""
    sleep_index: int | None
    """A score of the night in points, the more the better. Pages of the vendor give 0 or 50 as the least and 100
    as the most. Null where it could not be computed, for example in a session without sleep.
    """
    sleep_latency: int | None
    """Seconds from the start of the recording to the first sleep. Null in a session without sleep."""
    wakeup_latency: int | None
    """Seconds from the last waking to the end of the recording. Null in a session without sleep."""
    light_latency: int | None
    """Seconds from falling asleep, not from the start, to the first light sleep. Null without light sleep, and in
    a two-stage contract.
    """
    deep_latency: int | None
    """Seconds from falling asleep, not from the start, to the first deep sleep. Null without deep sleep, and in a
    two-stage contract.
    """
    rem_latency: int | None
    """Seconds from falling asleep, not from the start, to the first REM sleep. Null without REM sleep, and in a
    two-stage contract.
    """
    time_in_bed: int
    """Seconds from the start to the end of the recording."""
    time_in_sleep_period: int
    """Seconds from falling asleep to the last waking: `time_in_bed` - `sleep_latency` - `wakeup_latency`."""
    time_in_sleep: int
    """Seconds asleep: light, deep and REM sleep together."""
    time_in_wake: int
    """Seconds awake within the sleep period; falling asleep and lying awake at the end do not count."""
    time_in_light: int | None
    """Seconds in light sleep. Null in a two-stage contract."""
    time_in_deep: int | None
    """Seconds in deep sleep. Null in a two-stage contract."""
    time_in_rem: int | None
    """Seconds in REM sleep. Null in a two-stage contract."""
    time_in_stable_breath: int | None
    """Seconds of stable breathing. Null without breathing analysis."""
    time_in_unstable_breath: int | None
    """Seconds of unstable breathing. Null without breathing analysis."""
    time_in_snoring: int | None
    """Seconds with snoring. Null without snoring analysis."""
    time_in_no_snoring: int | None
    """Seconds without snoring. Null without snoring analysis."""
    sleep_efficiency: float
    """The share of `time_in_bed` that was sleep: `time_in_sleep` / `time_in_bed`. A ratio from 0 to 1, not a
    percentage.
    """
    sleep_ratio: float | None
    """The share of the sleep period spent asleep. A ratio from 0 to 1. Null in a session without sleep."""
    wake_ratio: float | None
    """The share of the sleep period spent awake. A ratio from 0 to 1. Null in a session without sleep."""
    light_ratio: float | None
    """The share of the sleep period spent in light sleep. A ratio from 0 to 1. Null in a session without sleep,
    and in a two-stage contract.
    """
    deep_ratio: float | None
    """The share of the sleep period spent in deep sleep. A ratio from 0 to 1. Null in a session without sleep, and
    in a two-stage contract.
    """
    rem_ratio: float | None
    """The share of the sleep period spent in REM sleep. A ratio from 0 to 1. Null in a session without sleep, and
    in a two-stage contract.
    """
    stable_breath_ratio: float | None
    """The share of the sleep period with stable breathing. A ratio from 0 to 1. Null without breathing analysis,
    and in a session without sleep.
    """
    unstable_breath_ratio: float | None
    """The share of the sleep period with unstable breathing. A ratio from 0 to 1. Null without breathing analysis,
    and in a session without sleep.
    """
    snoring_ratio: float | None
    """The share of time with snoring. A ratio from 0 to 1. Null in a session without sleep, and without snoring
    analysis.
    """
    no_snoring_ratio: float | None
    """The share of time without snoring. A ratio from 0 to 1. Null in a session without sleep, and without snoring
    analysis.
    """
    breathing_index: float | None
    """An estimate of the number of breathing disturbances in an hour of sleep, by which `breathing_pattern` is
    chosen; `estimated_ahi` of data v2. Not a ratio. Null without breathing analysis, and in a session without
    sleep.
    """
    breathing_pattern: BreathingPattern | None
    """How stable breathing was over the night. Null without breathing analysis, and in a session without sleep."""
    waso_count: int | None
    """How often the user woke after falling asleep and fell asleep again: runs of wake between `sleep_time` and
    `wake_time`. Null in a session without sleep.
    """
    longest_waso: int | None
    """Seconds of the longest waking between `sleep_time` and `wake_time`. Null in a session without sleep."""
    sleep_cycle_count: int | None
    """The number of sleep cycles (beta). Null in a session without sleep."""
    sleep_cycle: int | None | UnsetType = UNSET
    """The mean length of a sleep cycle in seconds (beta). Null or absent without a cycle."""
    sleep_cycle_time: list[str | float] | None | UnsetType = UNSET
    """The start of the first sleep cycle, and the end of each (beta): one timestamp more than `sleep_cycle_count`.
    Null, empty or absent without a cycle. An SDK of the vendor types its items as numbers, so numbers are
    accepted too.
    """
    unstable_breath_count: int | None | UnsetType = UNSET
    """How often breathing became unstable. Null or absent without breathing analysis."""
    snoring_count: int | None | UnsetType = UNSET
    """How often snoring began. Null or absent without snoring analysis."""
