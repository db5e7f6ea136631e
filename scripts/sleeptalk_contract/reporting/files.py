"""Files that are either whole or not there."""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from sleeptalk_contract.contract.usage import UsageError

JUNIT: Final = "junit.xml"
PAGE: Final = "report.html"
FACTS: Final = "report.json"

CASES: Final = "cases"
"""The folder beside them that keeps the failing exchanges."""

_CASE: Final = re.compile(r"(beyond|[a-z]+\.[a-z0-9-]+)-[0-9]+\.json")


def prepare_folder(folder: Path) -> None:
    """Make a folder for reports and see that it can be written, before a run is made for nothing.

    Reports of an earlier run are removed: should this one not be made, nobody shall take them for its own. Raises
    UsageError when it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name in (JUNIT, PAGE, FACTS):
            (folder / name).unlink(missing_ok=True)
        remove_cases(folder)
    except OSError as error:
        raise UsageError(
            f"The report folder {folder} cannot be written ({error.strerror}): name another with --report-dir."
        ) from error


def remove_cases(folder: Path) -> None:
    """Remove the failing exchanges of an earlier run, and their folder unless there is more in it. Raises OSError."""
    for path in (folder / CASES).glob("*.json"):
        if _CASE.fullmatch(path.name):
            path.unlink()
    with suppress(OSError):
        (folder / CASES).rmdir()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever looks sees the old one or the new one, never a half. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
