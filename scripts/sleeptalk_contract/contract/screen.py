"""The console of rich, on which nothing of the other side acts: it escapes whatever is printed, in tables as well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderHook
from rich.segment import Segment

from sleeptalk_contract.contract.output import quiet, shield

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import ConsoleOptions, ConsoleRenderable, RenderableType


def screen(**options: Any) -> Console:
    """Return a console without highlighting; options are those of rich's Console."""
    console = Console(highlight=False, **options)
    console.push_render_hook(_Quieting(console))
    return console


class _Quieting(RenderHook):
    def __init__(self, console: Console) -> None:
        self._console = console

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Wrap what is about to be printed."""
        if self._console.file is sys.stdout:
            shield()
        return [_Quiet(each) for each in renderables]


class _Quiet:
    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._renderable, options):
            yield segment if segment.control else Segment(quiet(segment.text), segment.style)
