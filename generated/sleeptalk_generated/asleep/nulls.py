# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""The fields that are null under one condition, a set for each condition."""

from __future__ import annotations

from typing import Final

NULL_BREATHING_STATS: Final = frozenset(
    {
        "breathing_pattern",
        "estimated_ahi",
        "stable_breath_ratio",
        "time_in_stable_breath",
        "time_in_unstable_breath",
        "unstable_breath_ratio",
    }
)
"""The statistics that are null without breathing analysis."""

NULL_STAGE_STATS: Final = frozenset(
    {
        "deep_ratio",
        "light_ratio",
        "rem_ratio",
        "time_in_deep",
        "time_in_light",
        "time_in_rem",
    }
)
"""The statistics that are null in a two-stage contract."""

NULL_NEVER_SLEPT_STATS: Final = frozenset(
    {
        "breathing_pattern",
        "deep_ratio",
        "estimated_ahi",
        "light_ratio",
        "rem_ratio",
        "sleep_latency",
        "sleep_ratio",
        "sleep_time",
        "stable_breath_ratio",
        "unstable_breath_ratio",
        "wake_ratio",
        "wake_time",
        "wakeup_latency",
    }
)
"""The statistics that are null when every sleep stage is wake."""

NULL_SLEEP_STATS: Final = frozenset(
    {
        "sleep_latency",
        "sleep_ratio",
        "sleep_time",
        "wake_ratio",
        "wake_time",
        "wakeup_latency",
    }
)
"""The statistics of falling asleep and waking up, which are either all null or all set."""

NULL_INVALID_STATS: Final = frozenset(
    {
        "breathing_pattern",
        "deep_ratio",
        "estimated_ahi",
        "light_ratio",
        "rem_ratio",
        "sleep_latency",
        "sleep_ratio",
        "sleep_time",
        "stable_breath_ratio",
        "time_in_deep",
        "time_in_light",
        "time_in_rem",
        "time_in_stable_breath",
        "time_in_unstable_breath",
        "unstable_breath_ratio",
        "wake_ratio",
        "wake_time",
        "wakeup_latency",
    }
)
"""The statistics that are null in an INVALID session, that is, all that may be null."""
