"""The few SVG elements that the pictures are made of, and their colours on light and dark ground."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLE: Final = """
.sleeptalk-picture{font:12px system-ui,sans-serif;max-width:100%;height:auto;color:#1f2430;
--ground:#fff;--line:#d6dae3;--quiet:#5c6474;--wake:#e08e2b;--rem:#b4368c;--light:#6aa9e0;--deep:#28508f;--bad:#c8372d;
--first:#28508f;--second:#0f8a6b;--lost:#9aa1ad}
@media (prefers-color-scheme:dark){.sleeptalk-picture{color:#e7eaf0;--ground:#171a21;--line:#3a404d;--quiet:#a3abba;
--wake:#f0a954;--rem:#e277bd;--light:#7db8ea;--deep:#7b9ee8;--bad:#ff7d70;--first:#7b9ee8;--second:#4cc9a4;--lost:#6c7480}}
.sleeptalk-picture text{fill:currentColor}.sleeptalk-picture .quiet{fill:var(--quiet)}
"""


def picture(width: float, height: float, title: str, elements: Iterable[str]) -> str:
    """Give a whole SVG element: `title` explains it, its colours follow the reader's scheme, and it loads nothing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sleeptalk-picture" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><style>{''.join(_STYLE.splitlines())}</style>"
        f'<rect width="{width:g}" height="{height:g}" fill="var(--ground)"/>{"".join(elements)}</svg>'
    )


def box(x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0, hint: str = "") -> str:
    """Give a filled rectangle; `hint` is shown by a pointer that rests on it."""
    inside = f"<title>{escape(hint)}</title>" if hint else ""
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(width, 0.5):.2f}" height="{height:.2f}"'
        f' fill="var(--{colour})"{faint}>{inside}</rect>'
    )


def line(x: float, y: float, to_x: float, to_y: float, colour: str = "line", *, width: float = 1.0) -> str:
    """Give a straight line."""
    return (
        f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}" stroke="var(--{colour})"'
        f' stroke-width="{width:g}"/>'
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", quiet: bool = False, bold: bool = False) -> str:
    """Give a line of text whose base line is at `y`."""
    kind = ' class="quiet"' if quiet else ""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}"{kind}{weight}>{escape(words)}</text>'
