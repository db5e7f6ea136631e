"""Where the messages of a connection of HTTP/1 begin and end, in bytes that come in pieces of any size."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST_HEAD: Final = 256 * 1024
"""Bytes; a head of which more has come without its end is not understood."""

_LONGEST_CHUNK_LINE: Final = 4096
_SWITCHING: Final = 101
_WITHOUT_BODY: Final = frozenset({204, 304})
_END_OF_HEAD: Final = b"\r\n\r\n"
_LINE: Final = b"\r\n"


class Kind(Enum):
    """What a piece of a connection is."""

    HEAD = "the head of a message, whole"
    BODY = "a part of a body"
    END = "the end of a message, without bytes of its own"
    BLANK = "blank lines between messages"
    BLIND = "bytes that are not understood, as is all that follows"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes as they came, and what they are of a body without its chunks."""

    kind: Kind
    raw: bytes = b""
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message: its first line in three parts, and its headers in their order, as they came."""

    first: tuple[bytes, bytes, bytes]
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)

    @classmethod
    def read(cls, raw: bytes) -> Head:
        """Read a head. Raises ValueError for what is none."""
        first, *lines = raw.removesuffix(_END_OF_HEAD).split(_LINE)
        parts = first.split(b" ", 2)
        if len(parts) < 2:  # noqa: PLR2004  # a status line may lack its reason
            raise ValueError("not a first line")
        headers = []
        for line in lines:
            name, colon, value = line.partition(b":")
            if not colon or not name or name != name.strip():
                raise ValueError("not a header")
            headers.append((name, value.strip(b" \t")))
        return cls((parts[0], parts[1], parts[2] if len(parts) > 2 else b""), tuple(headers))  # noqa: PLR2004  # as above

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a header, whose name is in lower case."""
        return [value for each, value in self.headers if each.lower() == name]

    @property
    def status(self) -> int:
        """The status of an answer. Raises ValueError."""
        return int(self.first[1])


class Messages:
    """Takes one direction of a connection apart.

    `method` returns, for answers, the method of the request that the next one answers; None for requests.
    """

    def __init__(self, method: Callable[[], bytes] | None = None) -> None:
        self._method = method
        self._buffer = bytearray()
        self._state: Callable[[], Iterator[Piece] | None] = self._head
        self._left = 0
        self.head: Head | None = None

    @property
    def is_between(self) -> bool:
        """Whether no message has begun."""
        return self._state == self._head and not self._buffer

    @property
    def left(self) -> int | None:
        """The bytes of a body of known length that have not come; None for any other."""
        return self._left if self._state == self._sized else None

    @property
    def lasts_until_close(self) -> bool:
        """Whether the message ends with its connection."""
        return self._state == self._until_close

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Take some bytes, and yield the pieces that they complete."""
        self._buffer += data
        while (pieces := self._state()) is not None:
            yield from pieces

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _head(self) -> Iterator[Piece] | None:
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        if blank:
            return iter((Piece(Kind.BLANK, self._take(blank)),))
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return self._fail() if len(self._buffer) > LARGEST_HEAD else None
        raw = bytes(self._buffer[: end + len(_END_OF_HEAD)])
        try:
            self.head = Head.read(raw)
            length = self._length(self.head)
        except ValueError:
            return self._fail()
        self._take(len(raw))
        return self._begin(raw, length)

    def _begin(self, raw: bytes, length: int | None) -> Iterator[Piece]:
        """Begin a body of some length, of chunks (-1), or that ends with the connection (None)."""
        if length is None:
            self._state = self._until_close
        elif length < 0:
            self._state = self._chunk_line
        elif length:
            self._left, self._state = length, self._sized
        else:
            return iter((Piece(Kind.HEAD, raw), Piece(Kind.END)))
        return iter((Piece(Kind.HEAD, raw),))

    def _length(self, head: Head) -> int | None:
        """Return the length of a body: 0 for none, -1 for chunks, None where it ends with the connection."""
        codings = b",".join(head.values(b"transfer-encoding")).lower()
        if self._method is not None:
            status, method = head.status, self._method()
            if status == _SWITCHING or method == b"CONNECT":
                raise ValueError("another protocol follows")
            if method == b"HEAD" or status < 200 or status in _WITHOUT_BODY:  # noqa: PLR2004  # an interim answer
                return 0
        elif head.first[0] == b"CONNECT" or not head.first[2].startswith(b"HTTP/1."):
            raise ValueError("not a request of HTTP/1")
        if codings:
            if codings.rpartition(b",")[2].strip() == b"chunked":
                return -1
            if self._method is None:
                raise ValueError("a request of unknown length")
            return None
        lengths = set(head.values(b"content-length"))
        if len(lengths) > 1 or not all(each.isdigit() for each in lengths):
            raise ValueError("not a length")
        return int(lengths.pop()) if lengths else (0 if self._method is None else None)

    def _end(self) -> Iterator[Piece]:
        self._state = self._head
        return iter((Piece(Kind.END),))

    def _sized(self) -> Iterator[Piece] | None:
        if self._left == 0:
            return self._end()
        if not self._buffer:
            return None
        taken = self._take(self._left)
        self._left -= len(taken)
        return iter((Piece(Kind.BODY, taken, taken),))

    def _until_close(self) -> Iterator[Piece] | None:
        if not self._buffer:
            return None
        taken = self._take(len(self._buffer))
        return iter((Piece(Kind.BODY, taken, taken),))

    def _chunk_line(self) -> Iterator[Piece] | None:
        end = self._buffer.find(_LINE)
        if end < 0:
            return self._fail() if len(self._buffer) > _LONGEST_CHUNK_LINE else None
        try:
            self._left = int(bytes(self._buffer[:end]).partition(b";")[0].strip() or b"-", 16)
        except ValueError:
            return self._fail()
        self._state = self._chunk if self._left else self._trailer
        return iter((Piece(Kind.BODY, self._take(end + len(_LINE))),))

    def _chunk(self) -> Iterator[Piece] | None:
        if self._left:
            if not self._buffer:
                return None
            taken = self._take(self._left)
            self._left -= len(taken)
            return iter((Piece(Kind.BODY, taken, taken),))
        if len(self._buffer) < len(_LINE):
            return None
        if self._buffer[: len(_LINE)] != _LINE:
            return self._fail()
        self._state = self._chunk_line
        return iter((Piece(Kind.BODY, self._take(len(_LINE))),))

    def _trailer(self) -> Iterator[Piece] | None:
        end = self._buffer.find(_LINE)
        if end < 0:
            return self._fail() if len(self._buffer) > LARGEST_HEAD else None
        line = Piece(Kind.BODY, self._take(end + len(_LINE)))
        if end:
            return iter((line,))
        return iter((line, *self._end()))

    def _fail(self) -> Iterator[Piece]:
        self._state = self._blind
        return iter((Piece(Kind.BLIND, self._take(len(self._buffer))),))

    def _blind(self) -> Iterator[Piece] | None:
        return iter((Piece(Kind.BLIND, self._take(len(self._buffer))),)) if self._buffer else None
