"""Files to upload: given as a path, as bytes or open, and read in pieces while they are sent."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk_generated.operation import FileContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Uploadable: TypeAlias = str | os.PathLike[str] | FileContent | tuple[str, FileContent] | tuple[str, FileContent, str]
"""What a file may be given as: its path, its bytes, a file that is open for reading bytes, or one of the last two
behind a file name, and before a media type."""


class Upload:
    """An open file on its way, which is read from its beginning each time that it is sent.

    - `size`: its bytes, None where the file can be read only once and has to be read to be counted.
    - `on_progress`: called as the request is written, with how many of its bytes have been sent and how many it has,
      None where that is not known; what it returns is awaited where it can be. The form around the file counts as well.

    It says in its errors what is wrong with the file, which would else look like a failure of the network.
    """

    def __init__(self, name: str, file: Any, on_progress: Callable[[int, int | None], object] | None = None) -> None:
        self.name = name
        self.on_progress = on_progress
        self._file = file
        self._read = 0
        self.size: int | None = None
        try:
            self._seekable = hasattr(file, "seekable") and file.seekable()
            if self._seekable:
                self.size = file.seek(0, os.SEEK_END)
                file.seek(0)
        except (OSError, ValueError) as error:
            raise _unreadable(name, error) from None
        if self.size == 0:
            raise ConfigurationError(f"The file {name} is empty: there is nothing in it to upload.")

    def seekable(self) -> bool:
        """Return whether it can be sent a second time."""
        return self._seekable

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as of any file."""
        place: int = self._file.seek(offset, whence)
        self._read = place
        return place

    def tell(self) -> int:
        """Return the place where it is read next."""
        return self._read

    def read(self, most: int = -1) -> bytes:
        """Read the next bytes, at most that many. Raises ConfigurationError where it cannot be read to its end."""
        left = -1 if self.size is None else self.size - self._read
        wanted = left if most < 0 else most if left < 0 else min(most, left)
        try:
            piece = self._file.read(wanted)
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from None
        if not isinstance(piece, bytes):
            raise ConfigurationError(f"The file {self.name} is not open for reading bytes.")
        self._read += len(piece)
        if not piece and wanted > 0 and left > 0:
            message = f"The file {self.name} ended after {self._read} of {self.size} bytes: it has become shorter."
            raise ConfigurationError(message)
        return piece


@contextmanager
def upload_of(given: Uploadable, on_progress: Callable[[int, int | None], object] | None = None) -> Iterator[Any]:
    """Yield what a form takes for a file; one that was given by its path is open within the block.

    Raises ConfigurationError where it cannot be read, is empty, or is not a file.
    """
    named = given if isinstance(given, tuple) else (None, given)
    if len(named) not in (2, 3):
        raise ConfigurationError("The file must be given as its name, its content and its media type.")
    name, content, *media_type = cast("tuple[str | None, Any, Any]", named)
    is_path = isinstance(content, (str, os.PathLike))
    try:
        if is_path and isinstance(given, tuple):
            raise ConfigurationError("The content beside a file name must be bytes or an open file, not a path.")
        if isinstance(content, (bytes, bytearray, memoryview)):
            file: Any = io.BytesIO(content)
        elif is_path:
            file = Path(content).open("rb")  # noqa: SIM115  # it is closed below
        else:
            file = content
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(str(content), error) from None
    try:
        upload = Upload(name or _name_of(content), _checked(file), on_progress)
        yield (upload.name, upload, *media_type)
    finally:
        if file is not content:
            file.close()


def _checked(file: Any) -> Any:
    if not hasattr(file, "read") or isinstance(file, io.TextIOBase):
        kind = type(file).__name__
        message = f"The file must be a path, bytes, or open for reading bytes, not a {kind}."
        raise ConfigurationError(message)
    return file


def _name_of(content: Any) -> str:
    """Return the name that a file is sent with: its own, without its folder."""
    own = content if isinstance(content, (str, os.PathLike)) else getattr(content, "name", None)
    own = os.fspath(own) if isinstance(own, os.PathLike) else own  # a number where an open file has no name
    return PurePath(own).name if isinstance(own, str) and PurePath(own).name else "file"


def _unreadable(name: str, error: Exception) -> ConfigurationError:
    reason = getattr(error, "strerror", None) or str(error)
    return ConfigurationError(f"The file {name} cannot be read: {reason.rstrip('.')}.")
