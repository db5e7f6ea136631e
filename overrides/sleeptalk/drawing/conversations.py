"""The picture of a conversation: a lane per channel, its reactions, and where both talk at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from sleeptalk.drawing.picture import Box, Lane, Picture, Text, sample
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.picture import Colour
    from sleeptalk_generated.phonexia.models import ChannelAnalysis, ReactionAnalysis, TimeRange

_COLOURS: Final[tuple[Colour, Colour]] = ("first", "second")
_LINE: Final = 1.4
_BAR: Final = 1.5
_MOST_TICKS: Final = 10
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


class AnalysedTask(Protocol):
    """A TimeAnalysisTask."""

    @property
    def result(self) -> TimeAnalysisResult | None: ...  # noqa: D102  # see the task


Analysed: TypeAlias = TimeAnalysisResult | AnalysedTask


def conversation_picture(analysis: Analysed) -> Picture:
    """Lay out a time analysis, or a task that may have one; the unit of its time axis is one second."""
    result = analysis if isinstance(analysis, TimeAnalysisResult) else analysis.result
    if result is None or not result.channel_analyses:
        empty = "There is no analysis to show."
        text = Text(x=0, y=_LINE, words=empty)
        return Picture(title="", summary=empty, length=1, height=2 * _LINE, ticks=(), lanes=(), shapes=[text])
    lanes: list[Lane] = []
    shapes: list[Box | Text] = []
    summary: list[str] = []
    reactions = {each.reacting_channel: each for each in result.reaction_analyses}
    y = 0.0
    for number, channel in enumerate(result.channel_analyses):
        reacting = reactions.get(channel.channel_number)
        lines = _in_words(channel, reacting)
        shapes += [Text(x=0, y=y + _LINE * (1 + line), words=words) for line, words in enumerate(lines)]
        top = y + _LINE * len(lines) + 0.6
        lanes.append(Lane(name=f"Channel {channel.channel_number}", y=top, height=_BAR))
        colour = _COLOURS[number % len(_COLOURS)]
        length = max(channel.total_duration, 0)
        shapes.append(Box(x=0, y=top, width=length, height=_BAR, colour=colour, opacity=0.25))
        names = [] if reacting is None else list(_reactions(reacting, top))
        shapes += names
        # Two names that would stand on each other go one below the other.
        y = top + _BAR + 0.2 + _LINE * 2 * any(isinstance(shape, Text) for shape in names)
        summary.append(f"Channel {channel.channel_number} {', '.join(lines)}.")
    length = max((shape.x + shape.width for shape in shapes if isinstance(shape, Box)), default=0) or 1
    return Picture(
        title=f"Conversation of {clock(length)} min",
        summary=" ".join(["Conversation.", *summary]),
        length=length,
        height=y,
        ticks=[(mark, clock(mark)) for mark in ticks(length)],
        lanes=lanes,
        shapes=shapes,
        legend=((sample("wake"), "reaction"), (sample("bad"), "both talk")),
    )


def _reactions(reactions: ReactionAnalysis, y: float) -> Iterator[Box | Text]:
    """Yield the slowest and the fastest reaction with their names, and where both talk."""
    if reactions.reactions_count:
        extremes = (
            ("slowest", reactions.slowest_reaction_position),
            ("fastest", reactions.fastest_reaction_position),
        )
        for name, position in extremes:
            start, duration, extent = _extent(position)
            hint = f"{name} reaction, {extent}"
            yield Box(x=start, y=y, width=duration, height=_BAR, colour="wake", hint=hint)
            yield Text(x=start + duration / 2, y=y + _BAR + 1.2, words=name, centred=True)
    for position in reactions.crosstalks:
        start, duration, extent = _extent(position)
        hint = f"both talk, {extent}"
        yield Box(x=start, y=y - 0.2, width=duration, height=_BAR + 0.4, colour="bad", hint=hint)


def _extent(position: TimeRange) -> tuple[float, float, str]:
    """Return start and duration in seconds, and both in words. Some positions end before they start."""
    start, end = sorted((max(position.start_time, 0.0), max(position.end_time, 0.0)))
    return start, end - start, f"{clock(start)} to {clock(end)}, {end - start:g} s"


def _in_words(channel: ChannelAnalysis, reactions: ReactionAnalysis | None) -> list[str]:
    """Return a lane in words, line by line: speech, its share and its rate, and the reactions."""
    share = f" ({channel.speech_duration / channel.total_duration:.0%})" if channel.total_duration else ""
    lines = [f"speaks {channel.speech_duration:g} s of {channel.total_duration:g} s{share}"]
    if channel.speech_rate is not None:
        lines.append(f"{channel.speech_rate:g} phonemes/s")
    if reactions is not None and reactions.reactions_count:
        count = reactions.reactions_count
        lines.append(f"{count} reaction{'s' * (count != 1)}, {reactions.average_reaction_time:g} s on average")
    return lines


def clock(position: float) -> str:
    """Return a position in seconds as minutes and seconds, "1:05"."""
    minutes, rest = divmod(round(position), 60)
    return f"{minutes}:{rest:02}"


def ticks(length: float) -> list[float]:
    """Return positions in seconds for about ten marks, a round number apart."""
    hours = math.ceil(length / 3600 / _MOST_TICKS) * 3600
    step = next((step for step in _STEPS if length / step <= _MOST_TICKS), hours)
    return [float(step * number) for number in range(_MOST_TICKS + 1) if step * number <= length]
