"""Markdown of documents and articles as HTML. Raw HTML in it is shown as text: no text puts anything into a page.

Each heading links to itself, so that its address can be copied, and each cell of a table holds the name of its column,
which narrow pages show.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from sleeptalk_contract.reference.code import highlighted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML


def markdown(text: str) -> Markup:
    """Return paragraphs, lists, tables, code and headings with ids as HTML."""
    return Markup(_RENDERER.render(text))  # noqa: S704  # the renderer escapes


def inline(text: str) -> Markup:
    """Return one line as HTML: code, emphasis and links, no paragraph."""
    return Markup(_RENDERER.renderInline(" ".join(text.split())))  # noqa: S704  # the renderer escapes


def headings(text: str) -> list[tuple[int, str, str]]:
    """Return the headings of a text: (level from 1, its plain words, its id on the page)."""
    tokens = _RENDERER.parse(text)
    return [
        (int(opening.tag[1]), _words(words), str(opening.attrs["id"]))
        for opening, words in pairwise(tokens)
        if opening.type == "heading_open"
    ]


def slug(words: str) -> str:
    """Return words as an id: "When is it null?" is "when-is-it-null"."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in words.lower()).split())


def _words(token: Token) -> str:
    return "".join(child.content for child in token.children or () if child.type in {"text", "code_inline"})


def _number_headings(state: Any) -> None:
    """Give each heading an id made from its words, unique within its text."""
    given: set[str] = set()
    for opening, words in pairwise(state.tokens):
        if opening.type == "heading_open":
            wanted = slug(_words(words)) or "section"
            number, name = 1, wanted
            while name in given:
                number += 1
                name = f"{wanted}-{number}"
            given.add(name)
            opening.attrSet("id", name)
            children = words.children or []
            if not any(child.type == "link_open" for child in children):
                link = Token("link_open", "a", 1, attrs={"href": f"#{name}"})
                words.children = [link, *children, Token("link_close", "a", -1)]


def _label_cells(state: Any) -> None:
    """Give each cell in the body of a table the words at the head of its column."""
    head: list[str] = []
    column = 0
    for opening, words in pairwise(state.tokens):
        if opening.type == "table_open":
            head = []
        elif opening.type == "tr_open":
            column = 0
        elif opening.type == "th_open":
            head.append(_words(words))
        elif opening.type == "td_open":
            opening.attrSet("data-label", head[column])
            column += 1


def _fence(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _environment: Any) -> str:
    """Return a block of code, coloured where its language is known, below the name of its file where it has one."""
    token = tokens[index]
    language, _, file = token.info.strip().partition(" ")
    name = f'<p class="file">{escape(file)}</p>' if file else ""
    return f'{name}<div class="code">{highlighted(token.content, language)}</div>\n'


def _open_table(_renderer: RendererHTML, *_: Any) -> str:
    return '<div class="wide" tabindex="0" role="group" aria-label="Table"><table>\n'


def _close_table(_renderer: RendererHTML, *_: Any) -> str:
    return "</table></div>\n"


def _renderer() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")  # it would be fetched
    made.core.ruler.push("heading_ids", _number_headings)
    made.core.ruler.push("cell_labels", _label_cells)
    made.add_render_rule("fence", _fence)
    made.add_render_rule("table_open", _open_table)
    made.add_render_rule("table_close", _close_table)
    return made


_RENDERER: Final = _renderer()
