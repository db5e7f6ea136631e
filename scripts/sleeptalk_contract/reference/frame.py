"""The frame of every page: the bar with the search, the pages at the side, light and dark, and what may run.

A page has two programs and one style, all of them ours, and its Content-Security-Policy names them by their hashes. So
nothing that a text brings can run, even if it got past the escaping, and nothing is fetched. Only pages with a form to
try an operation may connect, and only to this machine.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup, escape

from sleeptalk_contract.reference.code import highlighted
from sleeptalk_contract.reference.markdown import inline, markdown
from sleeptalk_contract.reference.search import deflated, packed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.service import Picture
    from sleeptalk_contract.reference.search import Entry, Synonyms

LOOPBACK: Final = ("http://127.0.0.1:*", "http://localhost:*")
"""What a page may connect to where it has a form to try an operation."""

_DARK: Final = re.compile(r"<style>@media \(prefers-color-scheme:dark\)\{(.*?)\}</style>", re.DOTALL)
_SIZE: Final = re.compile(r' style="[^"]*"')
_FOLDER: Final = resources.files("sleeptalk_contract.reference").joinpath("templates")
_SCRIPTS: Final = ("shared.js", "search.js", "site.js", "try.js")


@dataclass(frozen=True, slots=True)
class Link:
    """A page in the list at the side: its file, its label, and what stands before the label, such as "GET"."""

    file: str
    label: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Pages that belong together, under one label. One without a label is a plain list.

    `overview` is the file of the page that is about the section as a whole, None without one.
    """

    label: str
    links: Sequence[Link]
    overview: str | None = None


class Frame:
    """Makes pages that all have the same bar and the same list of pages.

    `sections` are listed at the side of each page; `index` is what the search finds, and `synonyms` are the words that
    mean the same to it. `twins` are the texts of the pages in Markdown, by the names of their files.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        index: Sequence[Entry],
        synonyms: Sequence[Synonyms] = (),
        twins: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("sleeptalk_contract.reference"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "markdown": markdown,
            "inline": inline,
            "linked": linked,
            "web": web,
            "highlighted": highlighted,
        }
        style, theme = _text("site.css"), _text("theme.js")
        script = "\n".join(map(_text, _SCRIPTS))
        self._environment.globals |= {
            "sections": sections,
            "index": packed(index, synonyms),
            "version": version("sleeptalk"),
            "theme": theme,
            "script": script,
        }
        self._sections = sections
        self._twins = twins or {}
        self._style = style
        self._policy = (
            f"default-src 'none'; script-src {_hash(theme)} {_hash(script)}; img-src data:; base-uri 'none';"
            " form-action 'none'; style-src"
        )

    def page(
        self,
        file: str,
        template: str,
        title: str,
        *,
        connects: bool = False,
        pictures: Sequence[Picture] = (),
        places: Sequence[tuple[str, str]] = (),
        **values: Any,
    ) -> str:
        """Return the HTML of a page that will be in `file`, from `<template>.html.jinja` with some values.

        One that `connects` may send requests to this machine. The `pictures` are drawn in the colours of the page. The
        `places` are its sections, (id, label), which are listed below it at the side.
        """
        drawn, style = _drawn(pictures)
        style += self._style
        policy = f"{self._policy} {_hash(style)}"
        if connects:
            policy = f"{policy}; connect-src {' '.join(LOOPBACK)}"
        shown = [(svg, picture.caption) for svg, picture in zip(drawn, pictures, strict=True)]
        twin = f"{file.removesuffix('.html')}.md"
        before, after = self._neighbours(file)
        made = self._environment.get_template(f"{template}.html.jinja")
        return made.render(
            file=file,
            title=title,
            policy=policy,
            style=style,
            pictures=shown,
            places=places,
            above=self._above(file),
            before=before,
            after=after,
            twin=twin,
            text_of_twin=deflated(self._twins[twin]) if twin in self._twins else "",
            **values,
        )

    def _above(self, file: str) -> tuple[str, str | None] | None:
        """Return the section of a page and its first page, None where that is the page itself; None without one."""
        for section in self._sections:
            files = [link.file for link in section.links]
            if section.label and file in files:
                return section.label, section.overview if section.overview != file else None
        return None

    def _neighbours(self, file: str) -> tuple[Link | None, Link | None]:
        """Return the pages before and after a page, in the order of the list at the side."""
        links = [link for section in self._sections for link in section.links]
        at = next((at for at, link in enumerate(links) if link.file == file), None)
        if at is None:
            return None, None
        return links[at - 1] if at else None, links[at + 1] if at + 1 < len(links) else None


def _drawn(pictures: Sequence[Picture]) -> tuple[list[str], str]:
    """Return pictures without styles of their own, and the style that a page needs for them in light and dark.

    A style within a picture follows the system alone; the page's follows the reader's own choice, too.
    """
    rules = "".join(found for each in pictures for found in _DARK.findall(each.svg))
    bare = [_SIZE.sub("", _DARK.sub("", each.svg), count=1) for each in pictures]
    system, chosen = ":root:not([data-theme=light])", ":root[data-theme=dark]"
    style = f"@media screen and (prefers-color-scheme:dark){{{system}{{{rules}}}}}@media screen{{{chosen}{{{rules}}}}}"
    return bare, style if rules else ""


def web(address: str) -> str:
    """Return an address of the web as it is, and any other (a `javascript:`) as one that leads nowhere."""
    return address if re.match(r"https?://", address) else "#"


def linked(words: str, names: Sequence[str], page: str = "") -> Markup:
    """Make each named schema in `words` a link to its section of a page, by default of the same one."""
    known = set(names)
    parts = [
        Markup('<a href="{0}#{1}">{1}</a>').format(page, word) if word in known else escape(word)
        for word in words.split(" ")
    ]
    return Markup(" ").join(parts)


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
