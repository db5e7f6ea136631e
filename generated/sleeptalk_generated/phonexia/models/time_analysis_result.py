# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .channel_analysis import ChannelAnalysis
from .reaction_analysis import ReactionAnalysis


@define(frozen=True, kw_only=True, repr=False)
class TimeAnalysisResult(WireModel):
    """The timing of one conversation."""

    channel_analyses: list[ChannelAnalysis]
    """How much and how fast each channel speaks. Empty for a recording too short to analyse."""
    reaction_analyses: list[ReactionAnalysis]
    """How each channel reacts to the other. Empty if there is only one channel, or a channel without speech."""
