"""A picture as an SVG element. Its colours follow the reader's colour scheme, and it loads nothing."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sleeptalk.drawing.picture import COLOURS, Box, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.picture import Picture, Text

_WIDTH: Final = 860.0
_LEFT: Final = 84.0
_RIGHT: Final = 20.0
_TOP: Final = 34.0
_FOOT: Final = 26.0


def as_svg(picture: Picture) -> str:
    """Return the picture as an `<svg>` element."""
    height = _TOP + picture.height + _FOOT
    title = escape(picture.summary)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="sleeptalk-picture" viewBox="0 0 {_WIDTH:g} {height:g}"'
        f' width="{_WIDTH:g}" height="{height:g}" role="img" aria-label="{title}">'
        f"<title>{title}</title><style>{_style()}</style>"
        f'<rect width="{_WIDTH:g}" height="{height:g}" fill="var(--ground)"/>'
        f"{''.join(_elements(picture, height))}</svg>"
    )


def _style() -> str:
    light, dark = (
        "".join(f"--{name}:{shades[scheme]};" for name, shades in COLOURS.items()).rstrip(";") for scheme in (0, 1)
    )
    picture = ".sleeptalk-picture"
    return (
        f"{picture}{{font:12px system-ui,sans-serif;max-width:100%;height:auto;color:#1f2430;--ground:#fff;{light}}}"
        f"@media (prefers-color-scheme:dark){{{picture}{{color:#e7eaf0;--ground:#171a21;{dark}}}}}"
        f"{picture} text{{fill:currentColor}}{picture} .quiet{{fill:var(--quiet)}}"
    )


def _elements(picture: Picture, height: float) -> Iterator[str]:
    scale = (_WIDTH - _LEFT - _RIGHT) / picture.length
    yield _text(_LEFT, 18, picture.title, weight="600")
    yield _text(_WIDTH - _RIGHT, 18, picture.note, anchor="end", quiet=True)
    for number, (colour, meaning) in enumerate(picture.legend):
        x = _WIDTH - _RIGHT - 190 + 100 * number
        yield _rect(Box(x=x, y=9, width=12, height=12, colour=colour), x, 12, 9)
        yield _text(x + 17, 19, meaning, quiet=True)
    for position, label in picture.ticks:
        x = _LEFT + position * scale
        yield _line(x, _TOP, x, height - _FOOT)
        yield _text(x, height - 9, label, anchor="middle", quiet=True)
    for lane in picture.lanes:
        bottom = _TOP + lane.y + lane.height
        yield _line(_LEFT, bottom, _WIDTH - _RIGHT, bottom)
        name = lane.name.partition("\n")[0]
        yield _text(_LEFT - 10, bottom - lane.height / 2 + 4, name, anchor="end")
    for shape in picture.shapes:
        x, y = _LEFT + shape.x * scale, _TOP + shape.y
        if isinstance(shape, Box):
            yield _rect(shape, x, shape.width * scale, y)
        elif isinstance(shape, Step):
            yield _line(x, y, x, _TOP + shape.to_y, colour="quiet", width=0.8)
        else:
            yield _shape_text(shape, x, y)


def _shape_text(shape: Text, x: float, y: float) -> str:
    return _text(x, y, shape.words, anchor="middle" if shape.centred else "start", quiet=True)


def _rect(box: Box, x: float, width: float, y: float) -> str:
    inside = f"<title>{escape(box.hint)}</title>" if box.hint else ""
    faint = f' fill-opacity="{box.opacity:g}"' if box.opacity < 1 else ""
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(width, 0.5):.2f}" height="{box.height:.2f}"'
        f' fill="var(--{box.colour})"{faint}>{inside}</rect>'
    )


def _line(x: float, y: float, to_x: float, to_y: float, *, colour: str = "line", width: float = 1) -> str:
    return (
        f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}" stroke="var(--{colour})"'
        f' stroke-width="{width:g}"/>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", quiet: bool = False, weight: str = "") -> str:
    kind = ' class="quiet"' if quiet else ""
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}"{kind}{bold}>{escape(words)}</text>'
