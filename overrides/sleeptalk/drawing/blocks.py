"""A picture in block characters, for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.picture import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk.drawing.picture import Colour, Lane, Picture

BLOCKS: Final = "▁▂▃▄▅▆▇█"
_ASCII: Final = ".:-=+*##"
_GAP: Final = "/"
_FEWEST_COLUMNS: Final = 8
_FAINT: Final = 0.5  # boxes of a smaller opacity are the ground on which others stand


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the name of its lane, and a character with its colour for each column."""

    name: str
    cells: tuple[tuple[str, Colour | None], ...]


def as_blocks(picture: Picture, width: int, *, ascii_only: bool = False) -> list[Row]:
    """Return a picture as rows of `width` columns, names included: a row per lane, then the time and the days.

    The height of a block is the share of its column that lies in the lane; shading is the ground of a lane, a slash
    has no value. A picture without lanes, and one that is too narrow to say anything, has no rows.
    """
    names = [lane.name for lane in picture.lanes]
    label = max(map(len, names), default=0) + 1
    columns = width - label
    if columns < _FEWEST_COLUMNS or not picture.lanes:
        return []
    rows = [
        Row(name.ljust(label), tuple(_cells(picture, lane, columns, ascii_only=ascii_only)))
        for name, lane in zip(names, picture.lanes, strict=True)
    ]
    axes = [_axis(labels, picture.length, columns) for labels in (picture.ticks, picture.dates) if labels]
    return rows + [Row(" " * label, tuple((character, "quiet") for character in axis)) for axis in axes]


def _cells(picture: Picture, lane: Lane, columns: int, *, ascii_only: bool) -> Iterator[tuple[str, Colour | None]]:
    boxes = [shape for shape in picture.shapes if isinstance(shape, Box) and _in(lane, shape)]
    ground = [box for box in boxes if box.opacity < _FAINT]
    solid = [box for box in boxes if box.opacity >= _FAINT]
    above, below = _by_column(solid, picture, columns), _by_column(ground, picture, columns)
    heights = _ASCII if ascii_only else BLOCKS
    for column in range(columns):
        if above[column]:
            share = min(sum(share for share, _ in above[column]), 1.0)
            box = _most(above[column])
            yield _GAP if box.hatched else heights[min(int(share * len(heights)), len(heights) - 1)], box.colour
        elif below[column]:
            yield "'" if ascii_only else "░", _most(below[column]).colour
        else:
            yield " ", None


def _in(lane: Lane, box: Box) -> bool:
    return box.y < lane.y + lane.height and box.y + box.height > lane.y


def _by_column(boxes: Sequence[Box], picture: Picture, columns: int) -> list[list[tuple[float, Box]]]:
    """Return for each column the boxes that cover a part of it, and which share."""
    step = picture.length / columns
    covering: list[list[tuple[float, Box]]] = [[] for _ in range(columns)]
    for box in boxes:
        end = box.x + box.width
        for column in range(max(int(box.x / step), 0), min(int(end / step) + 1, columns)):
            share = (min(end, (column + 1) * step) - max(box.x, column * step)) / step
            if share > 0:
                covering[column].append((share, box))
    return covering


def _most(covering: Sequence[tuple[float, Box]]) -> Box:
    """Return the box that covers most of a column."""
    return max(covering, key=lambda pair: pair[0])[1]


def _axis(labels: Sequence[tuple[float, str]], length: float, columns: int) -> str:
    """Return the labels of an axis, each from its position on, as far as there is room."""
    axis = ""
    for position, label in labels:
        column = int(position / length * columns)
        if column >= len(axis) + bool(axis) and column + len(label) <= columns:
            axis = axis.ljust(column) + label
    return axis.ljust(columns)
