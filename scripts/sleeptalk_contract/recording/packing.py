"""What recordings are packed in: gzip, zlib (mitmproxy's .zhar) and ZIP, told by how a file begins."""

from __future__ import annotations

import gzip
import io
import itertools
import tempfile
import zipfile
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

HEAD: Final = 4096
"""Bytes by which the form of a file is told."""

_BLOCK: Final = 256 * 1024
_MOST_LAYERS: Final = 4  # of one in the other: there are files that unpack to themselves
_GZIP: Final = b"\x1f\x8b"
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_ZIP: Final = b"PK\x03\x04"


def unpacked(stream: IO[bytes], stack: ExitStack) -> io.BufferedReader | zipfile.ZipFile:
    """Return what a stream has in it, without gzip and zlib; `stack` closes what was opened for it.

    Raises OSError, EOFError, zlib.error and zipfile.BadZipFile, also when it is read.
    """
    for _ in range(_MOST_LAYERS):
        head = stream.read(HEAD)
        whole = _buffered(itertools.chain([head], iter(partial(stream.read, _BLOCK), b"")))
        if head.startswith(_ZIP):
            return stack.enter_context(zipfile.ZipFile(stack.enter_context(_seekable(whole))))
        if head.startswith(_GZIP):
            stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=whole)))
        elif head.startswith(_ZLIB):
            stream = _buffered(_inflated(whole))
        else:
            return whole
    raise zlib.error("it is packed too often")


def peeked(stream: io.BufferedReader) -> bytes:
    """Return how a stream begins."""
    return stream.peek(HEAD)[:HEAD]


def _buffered(blocks: Iterator[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast("io.RawIOBase", _Blocks(blocks)), _BLOCK)


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    while block := stream.read(_BLOCK):
        copy.write(block)
    return copy


def _inflated(stream: IO[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    while not inflater.eof:
        block = inflater.unconsumed_tail or stream.read(_BLOCK)
        if not block:
            raise EOFError
        if found := inflater.decompress(block, _BLOCK):
            yield found


class _Blocks(io.RawIOBase):
    """A stream of some blocks of bytes."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        target = memoryview(cast("bytearray", buffer))
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
