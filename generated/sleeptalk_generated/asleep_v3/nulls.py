# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
"""The fields that are null under one condition, a set for each condition."""

from __future__ import annotations

from typing import Final

NULL_BREATHING_STATS: Final = frozenset(
    {
        "breathing_index",
        "breathing_pattern",
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
        "breathing_index",
        "breathing_pattern",
        "deep_ratio",
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
"""The statistics that are null in a session that is NEVER_SLEPT."""
