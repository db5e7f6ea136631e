"""The hypnogram of a night as SVG: wake on top, REM marked, clock time beneath, breathing instability at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.elements import box, line, picture, text
from sleeptalk.drawing.stages import recording, runs, summary, unstable
from sleeptalk_generated.asleep.models import SleepStage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.stages import Recorded, Recording

_WIDTH: Final = 860.0
_LEFT: Final = 74.0
_RIGHT: Final = 20.0
_TOP: Final = 34.0
_LANE: Final = 30.0
_BREATH: Final = 14.0

COLOURS: Final = {
    SleepStage.WAKE: "wake",
    SleepStage.REM: "rem",
    SleepStage.LIGHT: "light",
    SleepStage.DEEP: "deep",
}


def hypnogram(night: Recorded) -> str:
    """Draw the sleep stages of a night as SVG.

    - `night`: a Night, or the data of a SESSION_COMPLETE callback.

    Returns an `<svg>` element. Lanes run from wake (top) to deep sleep, or wake and sleep in a two-stage contract;
    epochs that could not be analysed (-1) are left grey; unstable breathing has its own strip, absent without
    breathing analysis. Times are those of the session's zone. Source: 001 2.1.3, 2.1.4.
    """
    drawn = recording(night)
    bottom = _TOP + _LANE * len(drawn.lanes)
    height = bottom + (_BREATH + 12 if drawn.breathing is not None else 0) + 30
    return picture(_WIDTH, height, summary(drawn), _elements(drawn, bottom, height))


def _elements(drawn: Recording, bottom: float, height: float) -> Iterator[str]:
    scale = (_WIDTH - _LEFT - _RIGHT) / drawn.epochs
    foot = height - 24
    yield text(_LEFT, 18, f"{drawn.start:%A %d %B %Y}", bold=True)
    yield text(_WIDTH - _RIGHT, 18, drawn.session_id, anchor="end", quiet=True)
    for epoch, label in drawn.hours():
        x = _LEFT + epoch * scale
        yield line(x, _TOP, x, foot)
        yield text(x, height - 8, label, anchor="middle", quiet=True)
    for number, (name, _) in enumerate(drawn.lanes):
        y = _TOP + _LANE * number
        yield line(_LEFT, y + _LANE, _WIDTH - _RIGHT, y + _LANE)
        yield text(_LEFT - 10, y + _LANE / 2 + 4, name, anchor="end")
    if not drawn.stages:
        yield text(_LEFT + 12, _TOP + 20, "There are no stages yet.", quiet=True)
    yield from _stages(drawn, scale, bottom)
    if drawn.breathing is not None:
        yield text(_LEFT - 10, bottom + 8 + _BREATH - 3, "Unstable", anchor="end", quiet=True)
        yield box(_LEFT, bottom + 8, drawn.epochs * scale, _BREATH, "line", opacity=0.5)
        for run in unstable(drawn.breathing):
            hint = f"unstable breathing for {run.length / 2:g} min"
            yield box(_LEFT + run.first * scale, bottom + 8, run.length * scale, _BREATH, "bad", hint=hint)


def _stages(drawn: Recording, scale: float, bottom: float) -> Iterator[str]:
    """Yield a bar for each run in its lane, and the steps between lanes."""
    lanes = {value: _TOP + _LANE * number for number, (_, value) in enumerate(drawn.lanes)}
    before: float | None = None
    for run in runs(drawn.stages):
        x, width = _LEFT + run.first * scale, run.length * scale
        stage = SleepStage(run.stage)
        if stage not in lanes:
            hint = f"not analysed for {run.length / 2:g} min"
            yield box(x, _TOP, width, bottom - _TOP, "lost", opacity=0.35, hint=hint)
            before = None
            continue
        y = lanes[stage] + 7
        if before is not None:
            yield line(x, before + 8, x, y + 8, "quiet", width=0.8)
        hint = f"{next(name for name, value in drawn.lanes if value == stage)} for {run.length / 2:g} min"
        yield box(x, y, width, _LANE - 14, COLOURS[stage], hint=hint)
        before = y
