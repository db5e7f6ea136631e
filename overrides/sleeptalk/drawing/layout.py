"""Where everything of a picture stands at a given width, in letters: what SVG and matplotlib both draw."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sleeptalk.drawing.picture import Text
from sleeptalk.drawing.words import fitting, rows, shown, stride, width_of, wrapped
from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk.drawing.picture import Colour, Picture

Theme: TypeAlias = Literal["light", "dark", "auto"]

WIDTH: Final = 640.0
"""The width of a picture in pixels (SVG) or points (matplotlib) where none is given."""
LINE: Final = 1.4
"""The height of a line of words in letters."""
NARROWEST: Final = 240
WIDEST: Final = 20_000
_SMALLEST, _LARGEST, _LETTERS_IN_WIDTH = 12.0, 16.0, 40.0
_EDGE: Final = 0.6
_FEW_DAYS: Final = 2  # of a recording over midnight: both are written


def checked_width(width: float) -> float:
    """Return a width. Raises ConfigurationError for one in which nothing could be read."""
    if isinstance(width, int | float) and math.isfinite(width) and NARROWEST <= width <= WIDEST:
        return float(width)
    raise ConfigurationError(f"width= takes a number from {NARROWEST} to {WIDEST}: {width!r} is not one.")


def letters_at(width: float) -> float:
    """Return the size of the letters, in the unit of the width.

    The wider the picture, the larger they are, so that they can be read where it is shown smaller: on a phone.
    """
    return min(max(width / _LETTERS_IN_WIDTH, _SMALLEST), _LARGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Words at a place, in letters from the left edge and from the top; `anchor` is the end that stands at x."""

    x: float
    y: float
    words: str
    anchor: Literal["start", "middle", "end"] = "start"
    colour: Colour = "quiet"
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A picture at a width: everything in letters from the left edge and from the top.

    - `left`, `right`, `top`, `bottom`: of the lanes. `width`, `height`: of the whole. `length`: of the time axis.
    - `words`: all that is written, each in one line, but for `axis`: names of lanes and labels of ticks.
    - `tick_labels`: a text per tick of the picture, empty where there is no room for it.
    - `marks`: (position on the time axis, top of its line).
    - `legend`: the places (x, y) of the samples of the legend, in its order.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    length: float
    words: tuple[Word, ...]
    axis: tuple[Word, ...]
    tick_labels: tuple[str, ...]
    marks: tuple[tuple[float, float], ...]
    legend: tuple[tuple[float, float], ...]

    def at(self, position: float) -> float:
        """Return the place of a position on the time axis."""
        return self.left + position / self.length * (self.right - self.left)


def laid_out(picture: Picture, width: float, *, around: bool = False) -> Layout:
    """Lay a picture out in a width, in letters; `around`: that is the width of the lanes without their names."""
    return _Layouting(picture, width, around=around).result()


class _Layouting:
    """The work of laying out, from the top down."""

    def __init__(self, picture: Picture, width: float, *, around: bool) -> None:
        self.picture = picture
        names = (width_of(lane.name) for lane in picture.lanes)
        self.left = max(names, default=0) + 2 * _EDGE if picture.lanes else _EDGE
        # The last label of the axis, whose middle may stand at its very end, has room too.
        beyond = max(2 * _EDGE, *(width_of(label) / 2 + 0.3 for _, label in picture.ticks), 0)
        self.width = width + (self.left + beyond) * around
        self.right = self.width - beyond
        self.words: list[Word] = []

    def at(self, position: float) -> float:
        return self.left + position / self.picture.length * (self.right - self.left)

    def result(self) -> Layout:
        y = self._head()
        y, marks = self._marks(y)
        top, bottom = y, y + self.picture.height
        self._texts(top)
        tick_labels = self._with_room(self.picture.ticks)
        y, legend = self._foot(self._dates(bottom + LINE * bool(tick_labels)))
        return Layout(
            width=self.width,
            height=y + _EDGE,
            left=self.left,
            right=self.right,
            top=top,
            bottom=bottom,
            length=self.picture.length,
            words=tuple(self.words),
            axis=tuple(self._axis(top, tick_labels)),
            tick_labels=tuple(tick_labels),
            marks=marks,
            legend=legend,
        )

    def _head(self) -> float:
        """Write the title and the notes; return where they end."""
        y, room = _EDGE, self.width - 2 * _EDGE
        if self.picture.title:
            for line in wrapped(shown(self.picture.title).split(" "), room, bold=True):
                y += LINE
                self.words.append(Word(x=_EDGE, y=y, words=line, colour="ink", bold=True))
        for note in self.picture.notes:
            for line in wrapped(shown(note.words).split(" "), room, bold=note.alarming):
                y += LINE
                colour: Colour = "bad" if note.alarming else "quiet"
                self.words.append(Word(x=_EDGE, y=y, words=line, colour=colour, bold=note.alarming))
        return y + _EDGE

    def _marks(self, y: float) -> tuple[float, tuple[tuple[float, float], ...]]:
        """Write the names of the marks in as few rows as they need; return where they end, and their lines."""
        marks = self.picture.marks
        spans = []
        for mark in marks:
            x, wide = self.at(mark.x), width_of(mark.words)
            start = max(x - wide, 0) if mark.before else min(x, self.width - wide)
            spans.append((start, start + wide))
        placed = list(rows(spans, 1))
        for mark, (start, end), row in zip(marks, spans, placed, strict=True):
            base = y + LINE * (row + 1)
            anchor: Literal["start", "end"] = "end" if mark.before else "start"
            self.words.append(Word(x=end if mark.before else start, y=base, words=mark.words, anchor=anchor))
        bottom = y + LINE * (max(placed, default=-1) + 1) + _EDGE
        return bottom, tuple((mark.x, y + LINE * (row + 1) + 0.3) for mark, row in zip(marks, placed, strict=True))

    def _texts(self, top: float) -> None:
        """Write the texts in the lanes; those that would stand on each other go one below the other."""
        by_height: dict[float, list[Text]] = {}
        for shape in self.picture.shapes:
            if isinstance(shape, Text):
                by_height.setdefault(shape.y, []).append(shape)
        for y, texts in by_height.items():
            spans = []
            for text in texts:
                words = fitting(shown(text.words), self.right - self.left)
                wide = width_of(words)
                start = self.at(text.x) - wide / 2 * text.centred
                start = min(max(start, self.left), self.right - wide)
                spans.append((start, start + wide, text.centred, words))
            placed = rows([(start, end) for start, end, *_ in spans], 0.5)
            for (start, end, centred, words), row in zip(spans, placed, strict=True):
                x = (start + end) / 2 if centred else start
                anchor: Literal["start", "middle"] = "middle" if centred else "start"
                self.words.append(Word(x=x, y=top + y + LINE * row, words=words, anchor=anchor))

    def _axis(self, top: float, tick_labels: Sequence[str]) -> Iterator[Word]:
        for lane in self.picture.lanes:
            middle = top + lane.y + lane.height / 2 + 0.35
            yield Word(x=self.left - _EDGE, y=middle, words=lane.name, anchor="end", colour="ink")
        for (position, _), label in zip(self.picture.ticks, tick_labels, strict=True):
            if label:
                half = width_of(label) / 2
                x = min(max(self.at(position), half), self.width - half)
                yield Word(x=x, y=top + self.picture.height + LINE, words=label, anchor="middle")

    def _with_room(self, labels: Sequence[tuple[float, str]]) -> list[str]:
        """Return the labels of an axis, those that have no room as empty texts: every second or third is left."""
        places = [self.at(position) for position, _ in labels]
        step = stride(places, max((width_of(label) for _, label in labels), default=0) + 0.8)
        return [label if number % step == 0 else "" for number, (_, label) in enumerate(labels)]

    def _dates(self, y: float) -> float:
        """Write the days beneath the ticks, two of them below each other where need be; return where they end."""
        found = []
        dates, labels = self.picture.dates, self._with_room(self.picture.dates)
        for (position, date), label in zip(dates, labels, strict=True):
            if label or len(labels) <= _FEW_DAYS:
                x = min(max(self.at(position), self.left), self.width - width_of(date))
                found.append((x, x + width_of(date), date))
        placed = list(rows([(start, end) for start, end, _ in found], 0.8))
        for (x, _, date), row in zip(found, placed, strict=True):
            self.words.append(Word(x=x, y=y + LINE * (row + 1), words=date))
        return y + LINE * (max(placed, default=-1) + 1)

    def _foot(self, y: float) -> tuple[float, tuple[tuple[float, float], ...]]:
        """Write the figures and the legend; return where they end, and the places of the samples."""
        room = self.width - 2 * _EDGE
        y += _EDGE / 2 if self.picture.figures else 0
        for line in wrapped(self.picture.figures, room, " · "):
            y += LINE
            self.words.append(Word(x=_EDGE, y=y, words=line, colour="ink"))
        places, x = [], _EDGE
        y += LINE if self.picture.legend else 0
        for _, meaning in self.picture.legend:
            if x > _EDGE and x + 1.5 + width_of(meaning) > room:
                x, y = _EDGE, y + LINE
            places.append((x, y - 0.8))
            self.words.append(Word(x=x + 1.4, y=y, words=meaning))
            x += 3 + width_of(meaning)
        return y, tuple(places)
