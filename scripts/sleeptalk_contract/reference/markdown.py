"""Markdown as HTML. Raw HTML in the text is shown as text, so that a document cannot put anything into a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

_RENDERER: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


def markdown(text: str) -> Markup:
    """Render paragraphs, lists, tables and code."""
    return Markup(_RENDERER.render(text))  # noqa: S704  # the renderer escapes


def inline(text: str) -> Markup:
    """Render one line: code and emphasis, no paragraph."""
    return Markup(_RENDERER.renderInline(text))  # noqa: S704  # the renderer escapes


def linked(words: str, names: Sequence[str]) -> Markup:
    """Make each named schema in `words` a link to its section on the same page."""
    known = set(names)
    parts = [
        Markup('<a href="#{0}">{0}</a>').format(word) if word in known else escape(word) for word in words.split(" ")
    ]
    return Markup(" ").join(parts)
