"""The picture of a conversation as SVG: a lane a channel, reactions marked, crosstalk across both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.elements import box, line, picture, text
from sleeptalk.drawing.talk import clock, lanes, seconds, summary, ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.talk import Analysed, Lane

_WIDTH: Final = 860.0
_LEFT: Final = 84.0
_RIGHT: Final = 20.0
_TOP: Final = 34.0
_LANE: Final = 66.0
_BAR: Final = 22.0
_COLOURS: Final = ("first", "second")


def conversation(analysis: Analysed) -> str:
    """Draw a time analysis as SVG.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask that is done.

    Returns an `<svg>` element. Each channel has a lane as long as the recording (seconds), with the share of speech,
    the slowest and the fastest reaction at their positions, and crosstalk in the lane of the channel that began second.
    Positions that end before they start, as in a printed sample, are drawn the other way round. Source: 002 200.
    """
    shown = lanes(analysis)
    height = _TOP + _LANE * max(len(shown), 1) + 30
    return picture(_WIDTH, height, summary(shown), _elements(shown, height))


def _elements(shown: list[Lane], height: float) -> Iterator[str]:
    length = seconds(shown)
    scale = (_WIDTH - _LEFT - _RIGHT) / length
    if not shown:
        yield text(_LEFT, _TOP + 20, "There is no analysis to show.", quiet=True)
        return
    legend = (("reaction", "wake"), ("both talk", "bad"))
    for number, (name, colour) in enumerate(legend):
        x = _WIDTH - _RIGHT - 190 + 100 * number
        yield box(x, 9, 12, 12, colour)
        yield text(x + 17, 19, name, quiet=True)
    for mark in ticks(length):
        x = _LEFT + mark * scale
        yield line(x, _TOP, x, height - 26)
        yield text(x, height - 10, clock(mark), anchor="middle", quiet=True)
    for number, lane in enumerate(shown):
        yield from _lane(lane, number, scale)


def _lane(lane: Lane, number: int, scale: float) -> Iterator[str]:
    y = _TOP + _LANE * number + 26
    colour = _COLOURS[number % len(_COLOURS)]
    yield text(_LEFT - 10, y + 15, lane.label, anchor="end", bold=True)
    yield text(_LEFT, y - 6, lane.says, quiet=True)
    yield box(_LEFT, y, lane.channel.total_duration * scale, _BAR, colour, opacity=0.25)
    for name, place in lane.marks:
        start, end = sorted((place.start_time, place.end_time))
        hint = f"{name} reaction, {clock(start)} to {clock(end)}, {end - start:g} s"
        yield box(_LEFT + start * scale, y, (end - start) * scale, _BAR, "wake", hint=hint)
        yield text(_LEFT + (start + end) / 2 * scale, y + _BAR + 12, name, anchor="middle", quiet=True)
    for place in lane.crosstalks:
        start, end = sorted((place.start_time, place.end_time))
        hint = f"both talk, {clock(start)} to {clock(end)}, {end - start:g} s"
        yield box(_LEFT + start * scale, y - 3, (end - start) * scale, _BAR + 6, "bad", hint=hint)
