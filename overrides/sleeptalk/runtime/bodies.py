"""Bodies: those written for requests, and those read chunk by chunk up to a limit."""

from __future__ import annotations

import io
import os
import sys
import zlib
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.uploads import Upload
from sleeptalk_generated.encoding import encode, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sleeptalk_generated.operation import Call

GZIP: Final = 16 + zlib.MAX_WBITS
GZIP_WINDOWS: Final[Mapping[str, int]] = MappingProxyType({"gzip": GZIP, "x-gzip": GZIP})
"""The content codings that our clients accept, with the window size that zlib takes for each."""


class TooLargeError(Exception):
    """The body is longer than the limit."""


class UndecodableError(Exception):
    """The body does not match its content-encoding. The message is the reason."""


class RequestBody:
    """The body of a request. Raises ConfigurationError for values that cannot be encoded.

    - `media_type`: its content-type, for a form with the boundary of its parts.
    - `content`: the bytes of a JSON body, None for a form.
    - `parts`: the parts of a form by the names of their fields, None for JSON. The HTTP library reads a file in pieces,
      from its beginning.
    - `on_progress`: what is to be called while a form is sent, as `Upload` describes it; None for nothing.
    - `repeatable`: whether it can be sent again, as it holds no file that can be read only once.
    - `interruption`: what `on_progress` raised.
    """

    def __init__(self, call: Call[Any]) -> None:
        self.media_type = "application/json"
        self.content: bytes | None = None
        self.parts: list[tuple[str, tuple[Any, ...]]] | None = None
        self.on_progress: Callable[[int, int | None], object] | None = None
        self.interruption: Exception | None = None
        try:
            if call.operation.body == "multipart/form-data":
                self.media_type = f"multipart/form-data; boundary={os.urandom(16).hex()}"
                fields = cast("Mapping[str, object]", call.body)
                self.parts = [(name, part) for name, value in fields.items() for part in _parts(name, value)]
                self.on_progress = next((each.on_progress for each in _uploads(fields) if each.on_progress), None)
            else:
                self.content = encode(call.body).encode()
        except (TypeError, ValueError, AttributeError, RecursionError, OSError) as error:
            message = f"The body of {call.operation.id} cannot be written: {str(error).rstrip('.')}."
            raise ConfigurationError(message) from None
        self.repeatable = not any(isinstance(part[1], _OnceReadable) for _, part in self.parts or ())


def _uploads(fields: Mapping[str, object]) -> list[Upload]:
    """Return the uploads among the values of a form."""
    members = (each for value in fields.values() for each in (value if isinstance(value, tuple) else (value,)))
    return [each for each in members if isinstance(each, Upload)]


class _OnceReadable:
    """A file that can be read only once, such as a pipe: without what a length would be guessed from, which is 0."""

    def __init__(self, file: Any) -> None:
        self.read = file.read


def _parts(name: str, value: object) -> list[tuple[Any, ...]]:
    """Return the parts of one field of a form as (file name or None, content, media type)."""
    if value is None or value is msgspec.UNSET:
        return []
    if isinstance(value, list):
        return [part for item in value for part in _parts(name, item)]
    if isinstance(value, tuple):
        if len(value) not in (2, 3):
            raise TypeError(f"the file {name} must be given as name, content and media type")
        return [_file(*value)]
    if isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read"):
        own = getattr(value, "name", None)  # a number where the file is temporary
        return [_file(PurePath(own).name if isinstance(own, str) else name, value)]
    written = plain(value)
    if not isinstance(written, (str, int, float)):
        return [(None, encode(value).encode(), "application/json")]
    text = str(written).lower() if isinstance(written, bool) else str(written)
    text.encode()  # raises ValueError for lone surrogates
    return [(None, text)]


def _file(name: str, content: Any, *media_type: str) -> tuple[Any, ...]:
    """Return the part of a file; raises TypeError, ValueError or OSError where it cannot be sent."""
    name.encode()  # raises ValueError for lone surrogates
    if not all(text.isascii() and text.isprintable() for text in media_type):
        raise ValueError(f"the media type of the file {name} cannot stand in a header")
    if isinstance(content, (bytes, bytearray, memoryview)):
        return (name, bytes(content), *media_type)
    if not hasattr(content, "read") or isinstance(content, io.TextIOBase):
        raise TypeError(f"the file {name} is neither bytes nor open for reading bytes")
    if not (hasattr(content, "seekable") and content.seekable()):
        return (name, _OnceReadable(content), *media_type)
    content.seek(0)  # what was written into it and not yet flushed has to count when its length is asked for
    return (name, content, *media_type)


class BodyReader:
    """Collects at most `limit` bytes. A gzip bomb is stopped while it is inflated, not afterwards.

    `encoding` is the content-encoding, `windows` are the codings that it may name, and what zlib calls each. Raises
    UndecodableError for any other coding, and for one over another.
    """

    def __init__(self, limit: int, encoding: str, windows: Mapping[str, int] = GZIP_WINDOWS) -> None:
        codings = [coding for part in encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")]
        if len(codings) > 1 or not windows.keys() >= set(codings):
            raise UndecodableError("its encoding was not requested")
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        self._window = windows[codings[0]] if codings else 0
        self._inflater = zlib.decompressobj(self._window) if codings else None

    @property
    def so_far(self) -> bytes:
        """What has been read so far, decompressed; at most the limit."""
        return b"".join(self._pieces)

    def feed(self, piece: bytes) -> None:
        """Add a chunk; raises TooLargeError or UndecodableError."""
        if self._inflater is None:
            self._keep(piece)
        elif piece:
            self._inflate(piece)

    def finish(self) -> bytes:
        """Return the whole body; raises UndecodableError where its compressed form was cut off."""
        if self._inflater is not None and not self._inflater.eof and self._pieces:
            raise UndecodableError("its gzip stream is cut off")
        return self.so_far

    def _inflate(self, piece: bytes) -> None:
        while piece and self._inflater is not None:
            if self._inflater.eof:  # one gzip member may follow another
                piece = piece.lstrip(b"\0")  # as may padding
                if not piece:
                    return
                self._inflater = zlib.decompressobj(self._window)
            try:
                self._keep(self._inflater.decompress(piece, min(self._limit - self._size + 1, sys.maxsize)))
            except zlib.error:
                raise UndecodableError("it is not gzip") from None
            piece = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _keep(self, piece: bytes) -> None:
        room = self._limit - self._size
        self._pieces.append(piece[:room] if len(piece) > room else piece)
        self._size += len(piece)
        if len(piece) > room:
            raise TooLargeError
