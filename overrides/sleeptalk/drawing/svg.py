"""A picture as an SVG element that stands for itself: no script, no font, nothing that is loaded."""

from __future__ import annotations

from hashlib import blake2b
from html import escape
from typing import TYPE_CHECKING, Final, get_args

from sleeptalk.drawing.layout import Theme, checked_width, laid_out, letters_at
from sleeptalk.drawing.picture import COLOURS, Box, Step
from sleeptalk.drawing.words import shown
from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk.drawing.layout import Layout, Word
    from sleeptalk.drawing.picture import Colour, Picture

_THINNEST: Final = 1.0  # pixels: a single epoch is seen
_HATCH: Final = 0.5  # letters from line to line


class Svg(str):
    """An `<svg>` element: a str, which notebooks show as a picture."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return str(self)


def as_svg(picture: Picture, *, theme: Theme, width: float) -> Svg:
    """Return the picture as an `<svg>` element. Raises ConfigurationError for an unknown theme or width."""
    if theme not in get_args(Theme):
        raise ConfigurationError(f'theme= takes "light", "dark" or "auto": {theme!r} is none of them.')
    width = checked_width(width)
    return Svg(_Drawing(picture, theme, width).element())


class _Drawing:
    """One picture in one theme at one width. Places are in letters until they are written."""

    def __init__(self, picture: Picture, theme: Theme, width: float) -> None:
        self.picture = picture
        self.theme = theme
        self.letters = letters_at(width)
        self.layout: Layout = laid_out(picture, width / self.letters)
        # Ids are the page's: of two pictures on a page each needs its own, and one picture the same again.
        content = repr((picture, theme, width)).encode("utf-8", "replace")
        self.id = f"sleeptalk-{blake2b(content, digest_size=6).hexdigest()}"

    def element(self) -> str:
        width, height = (f"{round(size * self.letters, 2):g}" for size in (self.layout.width, self.layout.height))
        summary = self.picture.summary
        title = summary.partition(". ")[0]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" id="{self.id}" viewBox="0 0 {width} {height}" width="{width}"'
            f' height="{height}" style="max-width:100%;height:auto" role="img"'
            f' aria-labelledby="{self.id}-title {self.id}-desc" font-family="system-ui, sans-serif"'
            f' font-size="{self.letters:g}"><title id="{self.id}-title">{_escaped(title)}</title>'
            f'<desc id="{self.id}-desc">{_escaped(summary)}</desc>{self._style()}{self._pattern()}'
            f'<rect width="{width}" height="{height}"{self._fill("ground")}/>{"".join(self._elements())}</svg>'
        )

    def _style(self) -> str:
        """Return the colours of dark ground, where they follow the reader; they are written for light ground."""
        if self.theme != "auto":
            return ""
        rules = "".join(
            f"#{self.id} .{name}{{fill:{dark}}}#{self.id} .{name}-line{{stroke:{dark}}}"
            for name, (_, dark) in COLOURS.items()
        )
        return f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"

    def _pattern(self) -> str:
        if not any(isinstance(shape, Box) and shape.hatched for shape in self.picture.shapes):
            return ""
        size, fill = self.letters * _HATCH, self._fill("lost")
        return (
            f'<pattern id="{self.id}-hatch" width="{size:g}" height="{size:g}" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate(45)"><rect width="{size:g}" height="{size:g}"{fill} fill-opacity="0.2"/>'
            f'<rect width="{size / 4:g}" height="{size:g}"{fill}/></pattern>'
        )

    def _elements(self) -> Iterator[str]:
        layout, picture = self.layout, self.picture
        for position, _ in picture.ticks:
            x = layout.at(position)
            yield self._line(x, layout.top, x, layout.bottom + 0.3)
        for lane in picture.lanes:
            bottom = layout.top + lane.y + lane.height
            yield self._line(layout.left, bottom, layout.right, bottom)
        for shape in picture.shapes:
            if isinstance(shape, Box):
                yield self._rect(shape, layout.at(shape.x), layout.top + shape.y, layout.at(shape.x + shape.width))
            elif isinstance(shape, Step):
                x = layout.at(shape.x)
                yield self._line(x, layout.top + shape.y, x, layout.top + shape.to_y, colour="quiet")
        for position, top in layout.marks:
            x = layout.at(position)
            yield self._line(x, top, x, layout.bottom, colour="ink", dashed=True)
        for (sample, _), (x, y) in zip(picture.legend, layout.legend, strict=True):
            yield self._rect(sample, x, y, x + sample.width)
        yield from map(self._text, (*layout.axis, *layout.words))

    def _rect(self, box: Box, x: float, y: float, to_x: float) -> str:
        inside = f"<title>{_escaped(box.hint)}</title>" if box.hint else ""
        faint = f' fill-opacity="{box.opacity:g}"' if box.opacity < 1 else ""
        left, width = x * self.letters, max((to_x - x) * self.letters, _THINNEST)
        hatched = box.hatched and width > self.letters * _HATCH
        fill = f' fill="url(#{self.id}-hatch)"' if hatched else self._fill(box.colour)
        return (
            f'<rect x="{left:.2f}" y="{y * self.letters:.2f}" width="{width:.2f}"'
            f' height="{box.height * self.letters:.2f}"{fill}{faint}>{inside}</rect>'
        )

    def _line(
        self, x: float, y: float, to_x: float, to_y: float, *, colour: Colour = "line", dashed: bool = False
    ) -> str:
        x, y, to_x, to_y = (place * self.letters for place in (x, y, to_x, to_y))
        follows = f' class="{colour}-line"' if self.theme == "auto" else ""
        dashes = ' stroke-dasharray="4 3"' if dashed else ""
        return (
            f'<line x1="{x:.2f}" y1="{y:.2f}" x2="{to_x:.2f}" y2="{to_y:.2f}"{follows} stroke="{self._shade(colour)}"'
            f' stroke-width="1"{dashes}/>'
        )

    def _text(self, word: Word) -> str:
        anchor = "" if word.anchor == "start" else f' text-anchor="{word.anchor}"'
        bold = ' font-weight="600"' if word.bold else ""
        return (
            f'<text x="{word.x * self.letters:.2f}" y="{word.y * self.letters:.2f}"{anchor}{bold}'
            f"{self._fill(word.colour)}>{_escaped(word.words)}</text>"
        )

    def _fill(self, colour: Colour) -> str:
        follows = f' class="{colour}"' if self.theme == "auto" else ""
        return f'{follows} fill="{self._shade(colour)}"'

    def _shade(self, colour: Colour) -> str:
        light, dark = COLOURS[colour]
        return dark if self.theme == "dark" else light


def _escaped(words: str) -> str:
    return escape(shown(words))
