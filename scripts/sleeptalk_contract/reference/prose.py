"""Lines and tables of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def first_sentence(text: str) -> str:
    """Return the first sentence of a description, without its full stop."""
    return one_line(text).partition(". ")[0].rstrip(".")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; line breaks in cells become spaces, and what would end a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(one_line(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def bullet(name: str, words: str = "") -> str:
    """Return a line of a list: a name and, where there are any, words about it."""
    return f"- {name}: {one_line(words)}" if words else f"- {name}"
