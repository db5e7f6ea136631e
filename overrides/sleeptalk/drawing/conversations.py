"""The picture of a conversation: a lane per channel, its reactions, and where both talk at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from sleeptalk.drawing.picture import Box, Lane, Picture, Text
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.picture import Colour
    from sleeptalk_generated.phonexia.models import ChannelAnalysis, ReactionAnalysis, TimeRange

_COLOURS: Final[tuple[Colour, Colour]] = ("first", "second")
_LANE: Final = 66.0
_BAR: Final = 22.0
_BAR_TOP: Final = 26.0
_MOST_TICKS: Final = 10


class AnalysedTask(Protocol):
    """A TimeAnalysisTask."""

    @property
    def result(self) -> TimeAnalysisResult | None: ...  # noqa: D102  # see the task


Analysed: TypeAlias = TimeAnalysisResult | AnalysedTask


def conversation_picture(analysis: Analysed) -> Picture:
    """Lay out a time analysis, or a task that may have one; the unit of its time axis is one second."""
    result = analysis if isinstance(analysis, TimeAnalysisResult) else analysis.result
    channels = [] if result is None else result.channel_analyses
    reactions = {} if result is None else {each.reacting_channel: each for each in result.reaction_analyses}
    length = max((channel.total_duration for channel in channels), default=1.0) or 1.0
    if not channels:
        empty = "There is no analysis to show."
        shapes = [Text(x=0, y=20, words=empty)]
        return Picture(title="", note="", summary=empty, length=length, ticks=(), lanes=(), shapes=shapes)
    names = [f"Channel {channel.channel_number}" for channel in channels]
    words = [_in_words(channel, reactions.get(channel.channel_number)) for channel in channels]
    return Picture(
        title="",
        note="",
        summary="Conversation. " + " ".join(f"{name} {text}." for name, text in zip(names, words, strict=True)),
        length=length,
        ticks=[(mark, clock(mark)) for mark in ticks(length)],
        lanes=[Lane(name=name, y=_LANE * number, height=_LANE) for number, name in enumerate(names)],
        shapes=[
            shape
            for number, (channel, text) in enumerate(zip(channels, words, strict=True))
            for shape in _lane(number, channel, reactions.get(channel.channel_number), text)
        ],
        legend=(("wake", "reaction"), ("bad", "both talk")),
    )


def _lane(
    number: int, channel: ChannelAnalysis, reactions: ReactionAnalysis | None, words: str
) -> Iterator[Box | Text]:
    y = _LANE * number + _BAR_TOP
    colour = _COLOURS[number % len(_COLOURS)]
    yield Text(x=0, y=y - 6, words=words)
    yield Box(x=0, y=y, width=channel.total_duration, height=_BAR, colour=colour, opacity=0.25)
    if reactions is None:
        return
    if reactions.reactions_count:
        extremes = (
            ("slowest", reactions.slowest_reaction_position),
            ("fastest", reactions.fastest_reaction_position),
        )
        for name, position in extremes:
            start, duration, extent = _extent(position)
            hint = f"{name} reaction, {extent}"
            yield Box(x=start, y=y, width=duration, height=_BAR, colour="wake", hint=hint)
            yield Text(x=start + duration / 2, y=y + _BAR + 12, words=name, centred=True)
    for position in reactions.crosstalks:
        start, duration, extent = _extent(position)
        hint = f"both talk, {extent}"
        yield Box(x=start, y=y - 3, width=duration, height=_BAR + 6, colour="bad", hint=hint)


def _extent(position: TimeRange) -> tuple[float, float, str]:
    """Return start and duration in seconds, and both in words. Some positions end before they start."""
    start, end = sorted((position.start_time, position.end_time))
    return start, end - start, f"{clock(start)} to {clock(end)}, {end - start:g} s"


def _in_words(channel: ChannelAnalysis, reactions: ReactionAnalysis | None) -> str:
    """Return a lane in words: speech, its share and its rate, and the reactions."""
    share = channel.speech_duration / channel.total_duration if channel.total_duration else 0
    words = f"speaks {channel.speech_duration:g} s of {channel.total_duration:g} s ({share:.0%})"
    if channel.speech_rate is not None:
        words += f", {channel.speech_rate:g} phonemes/s"
    if reactions is None or not reactions.reactions_count:
        return words
    count = reactions.reactions_count
    return f"{words}; {count} reaction{'s' * (count != 1)} after {reactions.average_reaction_time:g} s on average"


def clock(position: float) -> str:
    """Return a position in seconds as minutes and seconds, "1:05"."""
    minutes, rest = divmod(round(position), 60)
    return f"{minutes}:{rest:02}"


def ticks(length: float) -> list[float]:
    """Return positions in seconds for about ten marks, a round number apart."""
    steps = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
    step = next((step for step in steps if length / step <= _MOST_TICKS), 7200)
    return [float(mark) for mark in range(0, int(length) + 1, step)]
