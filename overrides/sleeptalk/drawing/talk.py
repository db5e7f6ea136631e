"""What the picture of a conversation shows: a lane a channel, its reactions, and where both talk at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from sleeptalk.phonexia import TimeAnalysisTask
    from sleeptalk_generated.phonexia.models import ChannelAnalysis, ReactionAnalysis, TimeRange

Analysed: TypeAlias = "TimeAnalysisResult | TimeAnalysisTask"


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel: how long it speaks of how long it is (seconds), and its reactions, None where there are none."""

    channel: ChannelAnalysis
    reactions: ReactionAnalysis | None

    @property
    def label(self) -> str:
        """Names the channel: the analysis counts from 0."""
        return f"Channel {self.channel.channel_number}"

    @property
    def says(self) -> str:
        """Tells the lane in words: speech, its share and its rate."""
        channel = self.channel
        share = channel.speech_duration / channel.total_duration if channel.total_duration else 0
        speech = f"speaks {channel.speech_duration:g} s of {channel.total_duration:g} s ({share:.0%})"
        rate = "" if channel.speech_rate is None else f", {channel.speech_rate:g} phonemes/s"
        if self.reactions is None or not self.reactions.reactions_count:
            return f"{speech}{rate}"
        many = self.reactions.reactions_count
        mean = self.reactions.average_reaction_time
        return f"{speech}{rate}; {many} reaction{'s' * (many != 1)} after {mean:g} s on average"

    @property
    def marks(self) -> list[tuple[str, TimeRange]]:
        """The slowest and the fastest reaction with their names; none without reactions."""
        if self.reactions is None or not self.reactions.reactions_count:
            return []
        return [
            ("slowest", self.reactions.slowest_reaction_position),
            ("fastest", self.reactions.fastest_reaction_position),
        ]

    @property
    def crosstalks(self) -> list[TimeRange]:
        """Where this channel began while the other still spoke."""
        return [] if self.reactions is None else self.reactions.crosstalks


def lanes(analysis: Analysed) -> list[Lane]:
    """Give the lanes of an analysis, or of a task that has one; none for a task without a result."""
    result = analysis if isinstance(analysis, TimeAnalysisResult) else analysis.result
    if result is None:
        return []
    by_channel = {reaction.reacting_channel: reaction for reaction in result.reaction_analyses}
    return [Lane(channel, by_channel.get(channel.channel_number)) for channel in result.channel_analyses]


def seconds(shown: list[Lane]) -> float:
    """Give the length of the recording: that of its longest channel, at least 1 s."""
    return max((lane.channel.total_duration for lane in shown), default=1.0) or 1.0


def summary(shown: list[Lane]) -> str:
    """Say in words what the picture shows, for those who cannot see it."""
    if not shown:
        return "There is no analysis to show."
    return "Conversation. " + " ".join(f"{lane.label} {lane.says}." for lane in shown)


def clock(position: float) -> str:
    """Write a position in seconds as minutes and seconds, "1:05"."""
    minutes, rest = divmod(round(position), 60)
    return f"{minutes}:{rest:02}"


def ticks(length: float) -> list[float]:
    """Give positions in seconds for about ten marks, a round number apart."""
    steps = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((step for step in steps if length / step <= 10), 7200)  # noqa: PLR2004  # about ten marks
    return [float(mark) for mark in range(0, int(length) + 1, step)]
