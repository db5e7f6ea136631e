"""A body that is read piece by piece, decompressed, and never longer than its limit."""

from __future__ import annotations

import sys
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

GZIP: Final = 16 + zlib.MAX_WBITS
GZIP_WINDOWS: Final[Mapping[str, int]] = MappingProxyType({"gzip": GZIP, "x-gzip": GZIP})
"""The content codings that our clients ask for, and what zlib calls each."""


class TooLargeError(Exception):
    """The body is longer than the limit."""


class UndecodableError(Exception):
    """The body is not what its content-encoding says. The message says why."""


class Body:
    """Collects at most `limit` bytes. A gzip bomb is stopped while it is inflated, not afterwards.

    `encoding` is the content-encoding, `windows` are the codings that it may name, and what zlib calls each. Raises
    UndecodableError for any other coding, and for one over another.
    """

    def __init__(self, limit: int, encoding: str, windows: Mapping[str, int] = GZIP_WINDOWS) -> None:
        codings = [coding for part in encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")]
        if len(codings) > 1 or not windows.keys() >= set(codings):
            raise UndecodableError("its encoding was not asked for")
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        self._window = windows[codings[0]] if codings else 0
        self._inflater = zlib.decompressobj(self._window) if codings else None

    @property
    def so_far(self) -> bytes:
        """What has come of it, decompressed; at most the limit."""
        return b"".join(self._pieces)

    def feed(self, piece: bytes) -> None:
        """Add what came; raises TooLargeError or UndecodableError."""
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
