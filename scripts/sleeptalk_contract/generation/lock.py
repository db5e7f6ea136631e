"""The lock: what the generated files were made from, by hash."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def lock(root: Path, documents: Iterable[Path], templates: Path, table: Path) -> str:
    """Write down the generator's version and the SHA-256 of each document, template and the table of overrides.

    Returns JSON, with paths below `root`.

    Raises OSError for a file that cannot be read.
    """
    contents = {
        "generator": f"openapi-python-client {importlib.metadata.version('openapi-python-client')}",
        "documents": {_name(root, path): _digest(path) for path in documents},
        "overrides": {_name(root, path): _digest(path) for path in [table] if path.exists()},
        "templates": {_name(root, path): _digest(path) for path in sorted(templates.glob("*.jinja"))},
    }
    return json.dumps(contents, indent=2) + "\n"


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _digest(path: Path) -> str:
    """Hash the text with the line ends of Unix, so that a checkout on Windows has the same hashes."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
