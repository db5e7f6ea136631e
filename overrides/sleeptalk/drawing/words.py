"""How much room words take in a picture, where the font is not known: estimates that are rather too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_NARROW: Final = frozenset("iIjl|!.,:;'`()[] ")
_WIDE: Final = frozenset("mwMW%@+")
_BOLD: Final = 1.08
MISSING: Final = "�"
"""Stands for what cannot be shown: controls, and marks that would turn the direction of the words around."""


def width_of(words: str, *, bold: bool = False) -> float:
    """Return the width of words in letters: one is the size of the font."""
    return sum(map(_width, words)) * (_BOLD if bold else 1)


def shown(words: str) -> str:
    """Return words of a service on one line, with what XML cannot hold or what cannot be seen replaced."""
    return "".join(each if each.isprintable() else MISSING for each in words)


def fitting(words: str, room: float, *, bold: bool = False) -> str:
    """Return words, shortened by an ellipsis where they are wider than the room in letters."""
    if width_of(words[: int(room * 8)], bold=bold) <= room and len(words) <= room * 8:
        return words
    kept = words[: int(room * 8)]
    while kept and width_of(f"{kept}…", bold=bold) > room:
        kept = kept[:-1]
    return f"{kept}…"


def wrapped(parts: Iterable[str], room: float, between: str = " ", *, bold: bool = False) -> list[str]:
    """Return lines of parts that are never parted themselves; a part that is too wide is shortened."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{between}{part}" if lines else part
        if lines and width_of(joined, bold=bold) <= room:
            lines[-1] = joined
        else:
            lines.append(fitting(part, room, bold=bold))
    return lines


def rows(spans: Sequence[tuple[float, float]], gap: float) -> Iterator[int]:
    """Yield the row of each span (start, end), the first in which it stands apart from those before it."""
    taken: list[list[tuple[float, float]]] = []
    for start, end in spans:
        number = next(
            (
                number
                for number, row in enumerate(taken)
                if all(end + gap <= other or start >= until + gap for other, until in row)
            ),
            len(taken),
        )
        if number == len(taken):
            taken.append([])
        taken[number].append((start, end))
        yield number


def stride(positions: Sequence[float], room: float) -> int:
    """Return how many ticks go on one label, so that labels stand apart by this room: 1 where all have room."""
    step = 1
    while step < len(positions) and any(
        later - earlier < room for earlier, later in zip(positions[::step], positions[step::step], strict=False)
    ):
        step += 1
    return step


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.36
    if east_asian_width(character) in "WF":
        return 1.05
    return 0.9 if character in _WIDE else 0.7 if character.isupper() else 0.6
