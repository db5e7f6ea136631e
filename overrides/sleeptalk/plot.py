"""Pictures of nights and conversations with matplotlib (`pip install "sleeptalk[plot]"`).

    from sleeptalk.plot import conversation, hypnogram

    hypnogram(night).savefig("night.png")

Notebooks show nights and tasks without matplotlib too, as SVG: see `sleeptalk.drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.conversations import conversation_picture
from sleeptalk.drawing.nights import night_picture
from sleeptalk.drawing.picture import COLOURS, Box, Step
from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sleeptalk.drawing.conversations import Analysed
    from sleeptalk.drawing.nights import Recorded
    from sleeptalk.drawing.picture import Picture

__all__ = ["conversation", "hypnogram"]

_POINTS: Final = 72.0  # in an inch
_MARGIN: Final = 0.9  # inches above and below the lanes


def hypnogram(night: Recorded, *, axes: Axes | None = None) -> Figure:
    """Draw the sleep stages of a night.

    - `night`: a Night, or the data of a SESSION_COMPLETE callback.
    - `axes`: where to draw; None makes a new figure, which is not registered with pyplot.

    Returns the figure. Lanes run from wake (top) to deep sleep, with REM marked, or wake and sleep in a two-stage
    contract; epochs that could not be analysed are grey; the x axis is the clock of the session's zone; unstable
    breathing has a strip beneath, absent without breathing analysis. Raises ConfigurationError without matplotlib.
    Source: Get Single Session, 2.1.3, 2.1.4.
    """
    return _draw(night_picture(night), axes)


def conversation(analysis: Analysed, *, axes: Axes | None = None) -> Figure:
    """Draw a time analysis.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask that is done.
    - `axes`: as in `hypnogram`.

    Returns the figure: a lane per channel as long as the recording, channel 0 on top, with its slowest and fastest
    reaction, and crosstalk in the lane of the channel that began second. Raises ConfigurationError without
    matplotlib. Source: Time Analysis: get result, 200.
    """
    return _draw(conversation_picture(analysis), axes)


def _draw(picture: Picture, axes: Axes | None) -> Figure:
    axes = axes if axes is not None else _axes(10, picture.height / _POINTS + _MARGIN)
    light = {name: shades[0] for name, shades in COLOURS.items()}
    for shape in picture.shapes:
        if isinstance(shape, Box):
            bar, lane = (shape.x, shape.width), (shape.y, shape.height)
            axes.broken_barh([bar], lane, color=light[shape.colour], alpha=shape.opacity, linewidth=0)
        elif isinstance(shape, Step):
            axes.plot([shape.x, shape.x], [shape.y, shape.to_y], color=light["quiet"], linewidth=0.7, zorder=0)
        else:
            side = "center" if shape.centred else "left"
            axes.text(shape.x, shape.y, shape.words, ha=side, fontsize="small", color=light["quiet"])
    axes.set_yticks([lane.y + lane.height / 2 for lane in picture.lanes], [lane.name for lane in picture.lanes])
    axes.set_ylim(picture.height, 0)
    axes.set_xlim(0, picture.length)
    axes.set_xticks([position for position, _ in picture.ticks], [label for _, label in picture.ticks])
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.set_title(picture.title, loc="left", fontsize="medium")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ConfigurationError("These axes do not belong to a figure: make them with Figure.add_subplot().")
    return figure


def _axes(width: float, height: float) -> Axes:
    """Make axes on a new figure. Raises ConfigurationError without matplotlib."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # an extra that most programs do without
    except ModuleNotFoundError as error:
        raise ConfigurationError('Drawing needs matplotlib: pip install "sleeptalk[plot]".') from error
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def __dir__() -> list[str]:
    return __all__
