# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .average_stats import AverageStats
from .never_slept_session import NeverSleptSession
from .peculiarity import Peculiarity
from .period import Period
from .slept_session import SleptSession


@define(frozen=True, kw_only=True, repr=False)
class AverageStatsResult(WireModel):
    """The averages of a period and the sessions in it."""

    period: Period
    """The period that was asked for."""
    peculiarities: list[Peculiarity]
    """What is special about the averages, often nothing. `NO_BREATHING_STABILITY`: the contract is without
    breathing analysis.
    """
    average_stats: AverageStats | None
    """The averages over the sessions with sleep. Null when there are none, which no page says."""
    never_slept_sessions: list[NeverSleptSession]
    """The sessions without sleep, which no average counts."""
    slept_sessions: list[SleptSession]
    """The sessions that the averages count."""
