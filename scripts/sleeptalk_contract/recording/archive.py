"""ZIP archives, as Playwright writes them: a HAR file, and the bodies in files beside it."""

from __future__ import annotations

import posixpath
from typing import IO, TYPE_CHECKING

from sleeptalk_contract.contract.bounded import MOST_BYTES
from sleeptalk_contract.recording.text import MalformedError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from sleeptalk_contract.recording.har import Attached


def hars_of_zip(archive: zipfile.ZipFile) -> Iterator[tuple[IO[bytes], Attached]]:
    """Yield each HAR file of an archive, with what reads the bodies that lie beside it.

    Raises MalformedError for an archive without one.
    """
    names = [name for name in archive.namelist() if name.endswith(".har")]
    if not names:
        raise MalformedError("it is a ZIP archive without a HAR file")
    for name in names:
        with _opened(archive, name) as stream:
            yield stream, _beside(archive, name)


def _beside(archive: zipfile.ZipFile, har: str) -> Attached:
    def attached(name: str) -> bytes | None:
        try:
            with _opened(archive, posixpath.join(posixpath.dirname(har), name)) as stream:
                content = stream.read(MOST_BYTES + 1)
        except (KeyError, MalformedError):
            return None
        return None if len(content) > MOST_BYTES else content

    return attached


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open a member. Raises MalformedError where it is encrypted, and KeyError where there is none."""
    try:
        return archive.open(name)
    except (RuntimeError, NotImplementedError):
        raise MalformedError("it is encrypted, or compressed in a way that is not known") from None
