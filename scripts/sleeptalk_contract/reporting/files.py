"""Files that are either whole or not there."""

import os
import tempfile
from pathlib import Path

from sleeptalk_contract.usage import RunImpossible


def prepare_folder(folder: Path) -> None:
    """Make a folder for reports and see that it can be written, before a run is made for nothing.

    Raises RunImpossible when it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
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
