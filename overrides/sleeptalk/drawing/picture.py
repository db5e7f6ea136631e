"""What a picture consists of, however it is drawn: lanes over a time axis, with boxes, lines and texts in them.

Lengths along the axis are in units of the axis, heights in letters: one is the size of the letters of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Colour: TypeAlias = Literal[
    "ground", "ink", "line", "quiet", "wake", "rem", "light", "deep", "bad", "steady", "first", "second", "lost"
]

COLOURS: Final[Mapping[Colour, tuple[str, str]]] = {
    "ground": ("#ffffff", "#171a21"),
    "ink": ("#1f2430", "#e7eaf0"),
    "line": ("#d6dae3", "#3a404d"),
    "quiet": ("#525a69", "#a9b1c0"),
    "wake": ("#d07a12", "#f0a954"),
    "rem": ("#b4368c", "#e277bd"),
    "light": ("#4b93d6", "#7db8ea"),
    "deep": ("#28508f", "#7b9ee8"),
    "bad": ("#c8372d", "#ff7d70"),
    "steady": ("#0f8a6b", "#4cc9a4"),
    "first": ("#28508f", "#7b9ee8"),
    "second": ("#0f8a6b", "#4cc9a4"),
    "lost": ("#7d8594", "#858e9c"),
}
"""Each colour on light and on dark ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle, filled or, where there is no value, hatched. x and width are along the axis, y is from the top."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour
    opacity: float = 1.0
    hatched: bool = False
    hint: str = ""
    """The tooltip, shown while the pointer rests on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A thin vertical line from `y` to `to_y`."""

    x: float
    y: float
    to_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A line of text whose base line is at `y`; it begins at `x`, or has its middle there.

    One that has no room beside another of the same height moves below it.
    """

    x: float
    y: float
    words: str
    centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment, as a line through all lanes with its name above them, on one side of the line."""

    x: float
    words: str
    before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A strip of the picture: its name, its top and its height."""

    name: str
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A line of words above or beneath the lanes, which may be wrapped. An alarming one is about what is wrong."""

    words: str
    alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture, before it is drawn.

    - `title`, `notes`: what stands above it. `figures`: what stands beneath, never parted in themselves.
    - `summary`: the picture in words, for those who cannot see it.
    - `height`: of what is over the time axis. `length`: of the axis, in units of its own.
    - `ticks`: positions on the axis with their labels. `dates`: the days that begin there.
    - `legend`: samples of boxes with their meanings.
    """

    title: str
    summary: str
    length: float
    height: float
    ticks: Sequence[tuple[float, str]]
    lanes: Sequence[Lane]
    shapes: Sequence[Box | Step | Text]
    notes: Sequence[Note] = ()
    marks: Sequence[Mark] = ()
    dates: Sequence[tuple[float, str]] = ()
    figures: Sequence[str] = ()
    legend: Sequence[tuple[Box, str]] = ()


def sample(colour: Colour, *, hatched: bool = False) -> Box:
    """Return a box for a legend."""
    return Box(x=0, y=0, width=1, height=1, colour=colour, hatched=hatched)
