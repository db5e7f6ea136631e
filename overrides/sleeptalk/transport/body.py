"""A body that is read piece by piece, decompressed, and never longer than its limit."""

from __future__ import annotations

import sys
import zlib

GZIP = 16 + zlib.MAX_WBITS


class TooLargeError(Exception):
    """The body is longer than the limit."""


class UndecodableError(Exception):
    """The body is not what its content-encoding says. The message says why."""


class Body:
    """Collects at most `limit` bytes. A gzip bomb is stopped while it is inflated, not afterwards."""

    def __init__(self, limit: int, encoding: str) -> None:
        codings = [coding for part in encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")]
        if codings not in ([], ["gzip"], ["x-gzip"]):
            raise UndecodableError("its encoding was not asked for")
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []
        self._gzip = zlib.decompressobj(GZIP) if codings else None

    @property
    def so_far(self) -> bytes:
        """What has come of it, decompressed."""
        return b"".join(self._pieces)

    def feed(self, piece: bytes) -> None:
        """Add what came; raises TooLargeError or UndecodableError."""
        if self._gzip is None:
            self._keep(piece)
        elif piece:
            self._inflate(piece)

    def finish(self) -> bytes:
        """Give the whole body; raises UndecodableError where its compressed form was cut off."""
        if self._gzip is not None and not self._gzip.eof and self._pieces:
            raise UndecodableError("its gzip stream is cut off")
        return self.so_far

    def _inflate(self, piece: bytes) -> None:
        while piece and self._gzip is not None:
            if self._gzip.eof:  # one gzip member may follow another
                piece = piece.lstrip(b"\0")  # as may padding
                if not piece:
                    return
                self._gzip = zlib.decompressobj(GZIP)
            try:
                self._keep(self._gzip.decompress(piece, min(self._limit - self._size + 1, sys.maxsize)))
            except zlib.error:
                raise UndecodableError("it is not gzip") from None
            piece = self._gzip.unconsumed_tail or self._gzip.unused_data

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLargeError
        self._pieces.append(piece)
