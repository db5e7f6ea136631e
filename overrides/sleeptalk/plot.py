"""Pictures of nights and conversations with matplotlib (`pip install "sleeptalk[plot]"`).

    from sleeptalk.plot import conversation, hypnogram

    hypnogram(night).savefig("night.png")

Notebooks show nights and tasks without matplotlib too, as SVG: see `sleeptalk.drawing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from sleeptalk.drawing.conversations import conversation_picture
from sleeptalk.drawing.layout import WIDTH, Word, checked_width, laid_out, letters_at
from sleeptalk.drawing.nights import night_picture
from sleeptalk.drawing.picture import COLOURS, Box, Step
from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sleeptalk.asleep.recording import Recorded
    from sleeptalk.drawing.conversations import Analysed
    from sleeptalk.drawing.layout import Layout
    from sleeptalk.drawing.picture import Picture

__all__ = ["Theme", "conversation", "hypnogram"]

Theme: TypeAlias = Literal["light", "dark"]

_POINTS: Final = 72.0  # in an inch
_SMALLEST: Final = 6.0  # letters on axes of the user, in points
_SMALLER: Final = 0.9
"""How much smaller letters are than their room: matplotlib's font is wider than a browser's."""


def hypnogram(night: Recorded, *, axes: Axes | None = None, theme: Theme = "light", width: float = WIDTH) -> Figure:
    """Draw the sleep stages of a night.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data, of any version. Any that
      decodes can be drawn.
    - `axes`: where to draw. The unit of their x axis is then one epoch of 30 s, counted from the start of the
      recording, and words stand around them: `layout="constrained"` makes room. None makes a new figure, which is not
      registered with pyplot.
    - `theme`: "light" or "dark" ground. `width`: of a new figure in points, 72 of which are an inch.

    Returns the figure, with what `sleeptalk.drawing.hypnogram` draws. Raises ConfigurationError without matplotlib, for
    what is not a night, for an unknown theme or width, and for axes without a figure.
    Source: Get Single Session, 2.1.
    """
    return _draw(night_picture(night), axes, theme, width)


def conversation(
    analysis: Analysed, *, axes: Axes | None = None, theme: Theme = "light", width: float = WIDTH
) -> Figure:
    """Draw a time analysis.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask; one without a result has nothing but a sentence.
    - `axes`, `theme`, `width`: as in `hypnogram`; the unit of the x axis is one second.

    Returns the figure, with what `sleeptalk.drawing.conversation` draws. Raises ConfigurationError without matplotlib,
    for an unknown theme or width, and for axes without a figure. Source: Time Analysis: get result, 200.
    """
    return _draw(conversation_picture(analysis), axes, theme, width)


def _draw(picture: Picture, axes: Axes | None, theme: Theme, width: float) -> Figure:
    if theme not in get_args(Theme):
        raise ConfigurationError(f'theme= takes "light" or "dark": {theme!r} is neither.')
    if axes is None:
        width = checked_width(width)
        letters = letters_at(width)
        layout = laid_out(picture, width / letters)
        axes = _new_axes(layout, letters, COLOURS["ground"][theme == "dark"])
    else:
        place, points = axes.get_window_extent(), _POINTS / _figure_of(axes).dpi
        letters = letters_at(place.width * points)
        layout = laid_out(picture, place.width * points / letters, around=True)
        # Above and beneath the lanes there are words, which need their share of the place.
        letters = min(max(place.height * points / layout.height, _SMALLEST), letters)
        layout = laid_out(picture, place.width * points / letters, around=True)
    _Drawing(picture, layout, letters, theme, axes).draw()
    return _figure_of(axes)


class _Drawing:
    """One picture on axes, whose y axis counts letters from the top of the lanes."""

    def __init__(self, picture: Picture, layout: Layout, letters: float, theme: Theme, axes: Axes) -> None:
        self.picture = picture
        self.layout = layout
        self.letters = letters
        self.axes = axes
        self.shades = {name: shades[theme == "dark"] for name, shades in COLOURS.items()}

    def draw(self) -> None:
        axes, picture, layout = self.axes, self.picture, self.layout
        axes.set_xlim(0, picture.length)
        axes.set_ylim(picture.height, 0)
        for shape in picture.shapes:
            if isinstance(shape, Box):
                self._box(shape)
            elif isinstance(shape, Step):
                ends = [shape.y, shape.to_y]
                axes.plot([shape.x, shape.x], ends, color=self.shades["quiet"], linewidth=0.7, zorder=0)
        self._axis()
        for position, top in layout.marks:
            self._mark(position, top)
        for word in layout.words:
            self._word(word)
        for (sample, _), (x, y) in zip(picture.legend, layout.legend, strict=True):
            self._word(Word(x=x, y=y + 0.8, words="▨" if sample.hatched else "■", colour=sample.colour))

    def _box(self, box: Box) -> None:
        bar, lane, colour = (box.x, box.width), (box.y, box.height), self.shades[box.colour]
        if box.hatched:
            self.axes.broken_barh([bar], lane, facecolor=(colour, 0.2), edgecolor=colour, hatch="////", linewidth=0)
        else:
            self.axes.broken_barh([bar], lane, color=colour, alpha=box.opacity, linewidth=0)

    def _axis(self) -> None:
        axes, picture = self.axes, self.picture
        ink, quiet, line = self.shades["ink"], self.shades["quiet"], self.shades["line"]
        axes.set_yticks([lane.y + lane.height / 2 for lane in picture.lanes], [lane.name for lane in picture.lanes])
        axes.set_xticks([position for position, _ in picture.ticks], self.layout.tick_labels)
        axes.tick_params(axis="y", colors=ink, length=0, labelsize=self.letters * _SMALLER)
        axes.tick_params(axis="x", colors=quiet, labelsize=self.letters * _SMALLER)
        axes.grid(visible=True, axis="x", color=line, linewidth=0.7)
        axes.set_axisbelow(True)
        for lane in picture.lanes:
            axes.axhline(lane.y + lane.height, color=line, linewidth=0.7, zorder=0)
        for spine in axes.spines.values():
            spine.set_visible(False)

    def _mark(self, position: float, top: float) -> None:
        style: dict[str, Any] = {"color": self.shades["ink"], "linestyle": (0, (4, 3)), "linewidth": 0.8}
        self.axes.axvline(position, **style)
        above = (self.layout.top - top) * self.letters
        self.axes.annotate(
            "",
            xy=(position, 1),
            xycoords=self.axes.get_xaxis_transform(),
            xytext=(0, above),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, **style},
        )

    def _word(self, word: Word) -> None:
        """Write a word: within the lanes it moves with them, above and beneath it keeps its distance from them."""
        layout = self.layout
        x = (word.x - layout.left) / (layout.right - layout.left) * layout.length
        inside = min(max(word.y, layout.top), layout.bottom)
        self.axes.annotate(
            word.words,
            xy=(x, inside - layout.top),
            xytext=(0, (inside - word.y) * self.letters),
            textcoords="offset points",
            ha={"start": "left", "middle": "center", "end": "right"}[word.anchor],
            fontsize=self.letters * _SMALLER,
            color=self.shades[word.colour],
            fontweight="bold" if word.bold else "normal",
            annotation_clip=False,
            parse_math=False,
        )


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    if figure is None:
        raise ConfigurationError("These axes do not belong to a figure: make them with Figure.add_subplot().")
    return figure


def _new_axes(layout: Layout, letters: float, ground: str) -> Axes:
    """Make axes on a new figure. Raises ConfigurationError without matplotlib."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  # an extra that most programs do without
    except ModuleNotFoundError as error:
        raise ConfigurationError('Drawing needs matplotlib: pip install "sleeptalk[plot]".') from error
    inches = letters / _POINTS
    figure = Figure(figsize=(layout.width * inches, layout.height * inches), facecolor=ground)
    wide, high = (layout.right - layout.left) / layout.width, (layout.bottom - layout.top) / layout.height
    place = (layout.left / layout.width, 1 - layout.bottom / layout.height, wide, high)
    return figure.add_axes(place, facecolor=ground)


def __dir__() -> list[str]:
    return __all__
