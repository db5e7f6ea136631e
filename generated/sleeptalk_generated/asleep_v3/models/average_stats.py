# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, LocalTime, UnsetType, WireModel


@define(frozen=True, kw_only=True, repr=False)
class AverageStats(WireModel):
    """The averages over the sessions with sleep: the mean of each statistic by itself, so that they need not add
    up. There is no `sleep_index`. The fields that may be absent stand after the cut of every stored copy of the
    page.
    """

    start_time: LocalTime
    """The mean time of day at which recordings began, `hh:mm:ss`."""
    end_time: LocalTime
    """The mean time of day at which recordings ended, `hh:mm:ss`."""
    sleep_time: LocalTime
    """The mean time of day at which the user fell asleep, `hh:mm:ss`. A time of day, although a session has a
    timestamp under this name.
    """
    wake_time: LocalTime
    """The mean time of day at which the user woke for the last time, `hh:mm:ss`. A time of day, although a session
    has a timestamp under this name.
    """
    sleep_latency: float
    """The mean of the seconds from the start to the first sleep."""
    wakeup_latency: float
    """The mean of the seconds from the last waking to the end."""
    time_in_bed: float
    """The mean of the seconds in bed."""
    time_in_sleep_period: float
    """The mean of the seconds from falling asleep to the last waking."""
    time_in_sleep: float
    """The mean of the seconds asleep."""
    time_in_wake: float
    """The mean of the seconds awake within the sleep period."""
    time_in_light: float | None
    """The mean of the seconds in light sleep. Null in a two-stage contract."""
    time_in_deep: float | None
    """The mean of the seconds in deep sleep. Null in a two-stage contract."""
    time_in_rem: float | None
    """The mean of the seconds in REM sleep. Null in a two-stage contract."""
    time_in_stable_breath: float | None
    """The mean of the seconds of stable breathing. Null without breathing analysis."""
    time_in_unstable_breath: float | None
    """The mean of the seconds of unstable breathing. Null without breathing analysis."""
    time_in_snoring: float | None
    """The mean of the seconds with snoring. Null without snoring analysis."""
    time_in_no_snoring: float | None
    """The mean of the seconds without snoring. Null without snoring analysis."""
    sleep_efficiency: float
    """The mean share of the time in bed that was sleep. A ratio from 0 to 1."""
    wake_ratio: float
    """The mean share of the sleep period spent awake. A ratio from 0 to 1."""
    sleep_ratio: float
    """The mean share of the sleep period spent asleep. A ratio from 0 to 1."""
    light_ratio: float | None
    """The mean share of the sleep period spent in light sleep. A ratio from 0 to 1. Null in a two-stage contract."""
    deep_ratio: float | None | UnsetType = UNSET
    """The mean share of the sleep period spent in deep sleep. A ratio from 0 to 1. Null in a two-stage contract."""
    rem_ratio: float | None | UnsetType = UNSET
    """The mean share of the sleep period spent in REM sleep. A ratio from 0 to 1. Null in a two-stage contract."""
    stable_breath_ratio: float | None | UnsetType = UNSET
    """The mean share of the sleep period with stable breathing. A ratio from 0 to 1. Null without breathing
    analysis.
    """
    unstable_breath_ratio: float | None | UnsetType = UNSET
    """The mean share of the sleep period with unstable breathing. A ratio from 0 to 1. Null without breathing
    analysis.
    """
    snoring_ratio: float | None | UnsetType = UNSET
    """The mean share of time with snoring. A ratio from 0 to 1. Null without snoring analysis."""
    no_snoring_ratio: float | None | UnsetType = UNSET
    """The mean share of time without snoring. A ratio from 0 to 1. Null without snoring analysis."""
    breathing_index: float | None | UnsetType = UNSET
    """The mean number of breathing disturbances in an hour of sleep. Not a ratio. Null without breathing analysis."""
    waso_count: float | None | UnsetType = UNSET
    """The mean number of wakings after falling asleep, possibly a fraction. Null where it was not computed."""
    longest_waso: float | None | UnsetType = UNSET
    """The mean of the seconds of the longest waking. Null where it was not computed."""
    sleep_cycle_count: float | None | UnsetType = UNSET
    """The mean number of sleep cycles, possibly a fraction (beta). Null where it was not computed."""
    snoring_count: float | None | UnsetType = UNSET
    """The mean number of times that snoring began, possibly a fraction. Null without snoring analysis."""
    unstable_breath_count: float | None | UnsetType = UNSET
    """The mean number of times that breathing became unstable, possibly a fraction. Null without breathing
    analysis.
    """
