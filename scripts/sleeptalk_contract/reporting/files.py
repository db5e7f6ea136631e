"""Files that are either whole or not there."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from sleeptalk_contract.usage import RunImpossible

JUNIT: Final = "junit.xml"
PAGE: Final = "report.html"
FACTS: Final = "report.json"

CASES: Final = "cases"
"""The folder beside them that keeps the failing exchanges."""


def prepare_folder(folder: Path) -> None:
    """Make a folder for reports and see that it can be written, before a run is made for nothing.

    Reports of an earlier run are removed: should this one not be made, nobody shall take them for its own. Raises
    RunImpossible when it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name in (JUNIT, PAGE, FACTS):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / CASES, ignore_errors=True)
    except OSError as error:
        raise RunImpossible(
            f"The report folder {folder} cannot be written ({error.strerror}): name another with --report-dir."
        ) from error


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
