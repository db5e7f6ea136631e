"""The README as package indexes show it: its links and pictures lead to this version in the repository.

In the repository they are relative, so that each branch and each fork shows its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?![a-z]+:|#)([^)\s]+)\)")
_RAW = "https://raw.githubusercontent.com"


class ReadmeHook(MetadataHookInterface):
    """Sets `readme`, which pyproject.toml declares to be dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the README to the metadata of the package."""
        root = Path(self.root)
        version = re.search(
            r'^__version__ = "(.+)"$', (root / "overrides/sleeptalk/__init__.py").read_text("utf-8"), re.MULTILINE
        )
        if version is None:
            raise ValueError("overrides/sleeptalk/__init__.py has no __version__")
        text = absolute((root / "README.md").read_text("utf-8"), metadata["urls"]["Repository"], f"v{version[1]}")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def absolute(text: str, repository: str, revision: str) -> str:
    """Return Markdown whose relative links and pictures lead into a revision of a repository at GitHub."""
    raw = f"{_RAW}/{repository.partition('://')[2].partition('/')[2]}/{revision}"

    def lead(found: re.Match[str]) -> str:
        mark, words, place = found.groups()
        # a picture in SVG is served as one only where it is asked for so
        address = f"{raw}/{place}?sanitize=true" if mark else f"{repository}/blob/{revision}/{place}"
        return f"{mark}[{words}]({address})"

    return _LINK.sub(lead, text)
