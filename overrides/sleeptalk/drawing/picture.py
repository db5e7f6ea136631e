"""What a picture consists of, however it is drawn: lanes over a time axis, with boxes, lines and texts in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Colour: TypeAlias = Literal["wake", "rem", "light", "deep", "bad", "first", "second", "lost", "quiet", "line"]

COLOURS: Final[Mapping[Colour, tuple[str, str]]] = {
    "line": ("#d6dae3", "#3a404d"),
    "quiet": ("#5c6474", "#a3abba"),
    "wake": ("#e08e2b", "#f0a954"),
    "rem": ("#b4368c", "#e277bd"),
    "light": ("#6aa9e0", "#7db8ea"),
    "deep": ("#28508f", "#7b9ee8"),
    "bad": ("#c8372d", "#ff7d70"),
    "first": ("#28508f", "#7b9ee8"),
    "second": ("#0f8a6b", "#4cc9a4"),
    "lost": ("#9aa1ad", "#6c7480"),
}
"""Each colour on light and on dark ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled rectangle. x and width are in units of the time axis, y and height in points from the top."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour
    opacity: float = 1.0
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
    """A small line of text whose base line is at `y`; it begins at `x`, or has its middle there."""

    x: float
    y: float
    words: str
    centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A strip of the picture: its name, which may have two lines, its top and its height in points."""

    name: str
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture, before it is drawn.

    - `title`, `note`: what stands above it, on the left and on the right.
    - `summary`: the picture in words, for those who cannot see it.
    - `length`: of the time axis, in units of its own; `ticks`: positions on it with their labels.
    - `legend`: colours with their meanings.
    """

    title: str
    note: str
    summary: str
    length: float
    ticks: Sequence[tuple[float, str]]
    lanes: Sequence[Lane]
    shapes: Sequence[Box | Step | Text]
    legend: Sequence[tuple[Colour, str]] = ()

    @property
    def height(self) -> float:
        """The height of all lanes in points."""
        return max((lane.y + lane.height for lane in self.lanes), default=40.0)
