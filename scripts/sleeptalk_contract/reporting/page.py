"""A result in a terminal: its facts in two columns, its picture in blocks, and why something is missing."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sleeptalk.drawing.blocks import BLOCKS, as_blocks
from sleeptalk.drawing.picture import COLOURS
from sleeptalk_contract.contract.redaction import escaped

if TYPE_CHECKING:
    from rich.console import Console

    from sleeptalk_contract.contract.reading import Page

_WIDEST_PICTURE: Final = 120
_WIDEST_LABEL: Final = 24


def show(page: Page, console: Console) -> None:
    """Print a page. What a service answered cannot act on the terminal."""
    console.print(Text(escaped(page.title), style="bold"))
    longest = max((len(name) for name, _ in page.facts), default=0)
    label = max(min(longest, _WIDEST_LABEL, console.width // 2), 1)
    for name, value in page.facts:
        _print_fact(escaped(name), escaped(value), label, console)
    for line in _picture(page, console):
        console.print(line, no_wrap=True, overflow="crop")
    if page.missing:
        console.print(Text("\nMissing", style="bold"))
    for sentence, names in page.missing:
        console.print(Text(escaped(f"{', '.join(names)}: {sentence}")))


def _print_fact(name: str, value: str, label: int, console: Console) -> None:
    """Print a name and a value side by side, each in lines of its own column."""
    names = Text(name, style="dim").wrap(console, label)
    values = Text(value).wrap(console, max(console.width - label - 2, 8))
    for left, right in zip_longest(names, values):
        line = left or Text()
        if right is not None:
            line.pad_right(label + 2 - line.cell_len)
            line.append_text(right)
        line.rstrip()
        console.print(line, soft_wrap=True)


def _picture(page: Page, console: Console) -> list[Text]:
    if page.picture is None:
        return []
    ascii_only = not _can_show(BLOCKS, console.encoding)
    rows = as_blocks(page.picture, min(console.width, _WIDEST_PICTURE) - 1, ascii_only=ascii_only)
    lines = [Text()] if rows else []
    for row in rows:
        line = Text(escaped(row.name))
        for character, colour in row.cells:
            line.append(character, style=COLOURS[colour][1] if colour else "")
        line.rstrip()
        lines.append(line)
    return lines


def _can_show(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
