# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .time_range import TimeRange


@define(frozen=True, kw_only=True, repr=False)
class ReactionAnalysis(WireModel):
    """How the speaker in one channel reacts to the speaker in the other."""

    reacting_channel: int
    """The number of the channel whose reactions these are."""
    reactions_count: int
    """How often the speaker began to speak after the other had stopped."""
    average_reaction_time: float
    """The mean time in seconds from the other speaker's stop to this speaker's start. 0 without reactions."""
    slowest_reaction_position: TimeRange
    """Where the longest reaction is, from the other speaker's stop to this speaker's start. 0 to 0 without
    reactions.
    """
    fastest_reaction_position: TimeRange
    """Where the shortest reaction is, from the other speaker's stop to this speaker's start. 0 to 0 without
    reactions.
    """
    crosstalks: list[TimeRange]
    """Where this speaker began while the other was still speaking, each for as long as both speak."""
