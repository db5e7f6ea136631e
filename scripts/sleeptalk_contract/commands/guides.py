"""The guides of the reference: pages of Markdown, with tables in them that are made from the code and the documents.

A line `<!-- derived: NAME -->` in a page stands for such a table; `derived` has their names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.commands.derived import TABLES
from sleeptalk_contract.contract.document import current_folder, read_text
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.site import Article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Service
    from sleeptalk_contract.reference.published import Published

PAGES: Final = ("nights", "callbacks", "fuzzing", "judging", "ci", "documents", "errors", "machines", "glossary")
"""The guides in the order of the reference, by the names of their files in `docs/pages`."""

_MARK: Final = re.compile(r"^<!-- derived: (?P<name>[a-z-]+)(?: (?P<about>[\w -]+))? -->$", re.MULTILINE)


def guides(services: Sequence[Service], parts: Sequence[Published]) -> tuple[Article, ...]:
    """Return the guides with their tables filled in. Raises UsageError where one cannot be read or names no table."""
    folder = current_folder().parent / "docs"
    files = [*(folder / "pages" / f"{name}.md" for name in PAGES), folder / "receivers.md"]
    return tuple(article(file.stem, read_text(file, str(file)), services, parts) for file in files)


def article(name: str, text: str, services: Sequence[Service], parts: Sequence[Published]) -> Article:
    """Return one page, whose first line is its title. Raises UsageError where it names a table that there is not."""
    title = text.partition("\n")[0].removeprefix("# ")

    def table(found: re.Match[str]) -> str:
        if found["name"] not in TABLES:
            raise UsageError(f"{name}.md asks for the table {found['name']}, and there are {', '.join(TABLES)}.")
        return TABLES[found["name"]](services, parts, found["about"] or "")

    return Article(f"{name}.html", title, title, _MARK.sub(table, text))
