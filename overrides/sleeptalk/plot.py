"""Pictures of nights and conversations with matplotlib (`pip install "sleeptalk[plot]"`).

    from sleeptalk.plot import conversation, hypnogram

    hypnogram(night).savefig("night.png")

Notebooks show nights and tasks without matplotlib too, as SVG: see `sleeptalk.drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.stages import recording, runs, unstable
from sleeptalk.drawing.talk import clock, lanes, seconds, ticks
from sleeptalk.errors import ConfigurationError
from sleeptalk_generated.asleep.models import SleepStage

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sleeptalk.drawing.stages import Recorded, Recording
    from sleeptalk.drawing.talk import Analysed, Lane

_STAGES: Final = {
    SleepStage.WAKE: "#e08e2b",
    SleepStage.REM: "#b4368c",
    SleepStage.LIGHT: "#6aa9e0",
    SleepStage.DEEP: "#28508f",
}
_CHANNELS: Final = ("#28508f", "#0f8a6b")
_UNSTABLE: Final = "#c8372d"
_LOST: Final = "#9aa1ad"
_BREATHING_LANE: Final = -1.0


def hypnogram(night: Recorded, *, axes: Axes | None = None) -> Figure:
    """Draw the sleep stages of a night.

    - `night`: a Night, or the data of a SESSION_COMPLETE callback.
    - `axes`: where to draw; None makes a figure of its own, which pyplot does not hold.

    Returns the figure. Lanes run from wake (top) to deep sleep, with REM marked, or wake and sleep in a two-stage
    contract; epochs that could not be analysed are grey; the x axis is the clock of the session's zone; unstable
    breathing has a strip beneath, absent without breathing analysis. Raises ConfigurationError without matplotlib.
    Source: 001 2.1.3, 2.1.4.
    """
    drawn = recording(night)
    axes = axes if axes is not None else _axes(10, 3.2)
    _draw_stages(axes, drawn)
    names = [name for name, _ in drawn.lanes]
    marks = [*range(len(names) - 1, -1, -1)]
    if drawn.breathing is not None:
        names, marks = [*names, "Unstable\nbreathing"], [*marks, -1]
        for run in unstable(drawn.breathing):
            axes.broken_barh([(run.first, run.length)], (_BREATHING_LANE - 0.2, 0.4), color=_UNSTABLE)
    axes.set_yticks(marks, names)
    axes.set_ylim(min(marks) - 0.6, len(drawn.lanes) - 0.4)
    axes.set_xlim(0, drawn.epochs)
    hours = list(drawn.hours())
    axes.set_xticks([epoch for epoch, _ in hours], [label for _, label in hours])
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.set_title(f"{drawn.start:%A %d %B %Y}", loc="left", fontsize="medium")
    return _finished(axes)


def conversation(analysis: Analysed, *, axes: Axes | None = None) -> Figure:
    """Draw a time analysis.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask that is done.
    - `axes`: as in `hypnogram`.

    Returns the figure: a lane a channel as long as the recording, channel 0 on top, with its slowest and fastest
    reaction, and crosstalk in the lane of the channel that began second. Raises ConfigurationError without
    matplotlib. Source: 002 200.
    """
    shown = lanes(analysis)
    axes = axes if axes is not None else _axes(10, 1.2 + 0.9 * max(len(shown), 1))
    length = seconds(shown)
    for number, lane in enumerate(shown):
        _draw_lane(axes, lane, len(shown) - 1 - number, _CHANNELS[number % len(_CHANNELS)])
    axes.set_yticks(range(len(shown) - 1, -1, -1), [lane.label for lane in shown])
    axes.set_ylim(-0.6, max(len(shown), 1) - 0.2)
    axes.set_xlim(0, length)
    marks = ticks(length)
    axes.set_xticks(marks, [clock(mark) for mark in marks])
    axes.grid(visible=True, axis="x", alpha=0.3)
    return _finished(axes)


def _draw_stages(axes: Axes, drawn: Recording) -> None:
    """Draw a bar for each run in its lane, and the line that steps through all lanes."""
    lane_of = {value: len(drawn.lanes) - 1 - number for number, (_, value) in enumerate(drawn.lanes)}
    steps: list[tuple[float, float]] = []
    for run in runs(drawn.stages):
        stage = SleepStage(run.stage)
        if stage not in lane_of:
            axes.axvspan(run.first, run.first + run.length, color=_LOST, alpha=0.35, linewidth=0)
            steps.append((run.first, float("nan")))
            continue
        lane = lane_of[stage]
        axes.broken_barh([(run.first, run.length)], (lane - 0.25, 0.5), color=_STAGES[stage])
        steps += [(run.first, lane), (run.first + run.length, lane)]
    axes.plot([x for x, _ in steps], [y for _, y in steps], color="#5c6474", linewidth=0.7, zorder=0)


def _draw_lane(axes: Axes, lane: Lane, y: int, colour: str) -> None:
    axes.broken_barh([(0, lane.channel.total_duration)], (y - 0.2, 0.4), color=colour, alpha=0.25)
    axes.text(0, y + 0.28, lane.says, fontsize="small", color="#5c6474")
    for name, place in lane.marks:
        start, end = sorted((place.start_time, place.end_time))
        axes.broken_barh([(start, end - start)], (y - 0.2, 0.4), color=_STAGES[SleepStage.WAKE])
        axes.text((start + end) / 2, y - 0.28, name, ha="center", va="top", fontsize="x-small", color="#5c6474")
    for place in lane.crosstalks:
        start, end = sorted((place.start_time, place.end_time))
        axes.broken_barh([(start, end - start)], (y - 0.26, 0.52), color=_UNSTABLE)


def _axes(width: float, height: float) -> Axes:
    """Make axes on a figure of their own. Raises ConfigurationError without matplotlib."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # an extra that most programs do without
    except ModuleNotFoundError as error:
        raise ConfigurationError('Drawing needs matplotlib: pip install "sleeptalk[plot]".') from error
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def _finished(axes: Axes) -> Figure:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ConfigurationError("These axes belong to no figure: make them with Figure.add_subplot().")
    return figure
