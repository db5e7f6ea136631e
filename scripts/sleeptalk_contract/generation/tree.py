"""The generated files on disk: what differs from a new rendering, their replacement as a whole, and their lock.

The lock file has the hashes of what the files were made from.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PACKAGE: Final = "sleeptalk_generated"
LOCK: Final = "generated.lock.json"

_LONGEST_DIFF: Final = 30


def present(folder: Path) -> dict[str, str]:
    """Read what is in `generated/` now: paths below it with their texts, sorted. Python's caches are left out."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and "__pycache__" not in path.parts:
            found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8", errors="replace")
    return found


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Describe in a few lines how `old` differs from `new`; empty where it does not.

    Each file that is missing, stale or different has a line; the first difference that is one of text is shown.
    """
    lines = [f"missing: {path}" for path in new.keys() - old.keys()]
    lines += [f"stale: {path}" for path in old.keys() - new.keys()]
    changed = sorted(path for path in new.keys() & old.keys() if old[path] != new[path])
    lines = sorted(lines) + [f"different: {path}" for path in changed]
    shown = list(_diff(changed, old, new))
    if len(shown) > _LONGEST_DIFF:
        shown[_LONGEST_DIFF:] = [f"... {len(shown) - _LONGEST_DIFF} more lines"]
    return lines + shown


def _diff(changed: list[str], old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for path in [path for path in changed if path != LOCK] or changed:
        yield from difflib.unified_diff(
            old[path].splitlines(), new[path].splitlines(), f"{path} (is)", f"{path} (should be)", lineterm="", n=1
        )


def replace(folder: Path, files: Mapping[str, str]) -> None:
    """Put `files` in place of everything in `folder`, as one: a failure leaves the old files as they were.

    The new folder is written beside the old one and then takes its name. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh, stale = work / "new", work / "old"
        for path, text in files.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        try:
            if folder.exists():
                folder.rename(stale)
            fresh.rename(folder)
        except BaseException:
            if stale.exists() and not folder.exists():
                stale.rename(folder)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


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
