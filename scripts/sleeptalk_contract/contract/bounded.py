"""Read files that others may have made: regular files alone, of a bounded size, and JSON of bounded contents."""

import os
import stat
from pathlib import Path
from typing import Any, Final

from sleeptalk_contract.contract.exchange import NOT_JSON, read_json, why_not_json

MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_VALUES: Final = 1_000_000
"""Values of one file of JSON; each takes about 100 bytes of memory."""


class RefusedError(ValueError):
    """A file that is not read. The message follows its name: "is not a file", "is not JSON: ..."."""


def read_bytes(path: Path, limit: int = MOST_BYTES, within: Path | None = None) -> bytes:
    """Return the contents of a regular file of at most `limit` bytes.

    `within` is a folder that links in the place of the file may not lead out of; None for any. Raises OSError, and
    RefusedError for what is not such a file. It does not wait for a pipe that nobody writes to.
    """
    if within is not None and not _is_inside(path, within):
        raise RefusedError("is a link that leads out of its folder")
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb", closefd=True) as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedError("is not a file")
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise RefusedError(f"has more than {limit} bytes")
    return content


def _is_inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link to itself, depending on the version of Python
        return False


def read_json_file(path: Path, within: Path | None = None) -> Any:
    """Return the value of a file of JSON, read as bodies are (`read_json`). Raises OSError and RefusedError."""
    content = read_bytes(path, within=within)
    if content.count(b",") + content.count(b"[") + content.count(b"{") > _MOST_VALUES:
        raise RefusedError(f"has more than {_MOST_VALUES} values")
    value = read_json(content)
    if value is NOT_JSON:
        raise RefusedError(why_not_json(content))
    return value
