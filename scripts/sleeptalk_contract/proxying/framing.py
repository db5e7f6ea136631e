"""Where the messages of a connection of HTTP/1 begin and end, in bytes that come in pieces of any size.

It understands only what every implementation of HTTP understands alike. Of all else, such as two lengths, a line that
ends without a carriage return or a chunk of -1 bytes, nothing is concluded, and it passes as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST_HEAD: Final = 256 * 1024
"""Bytes; a head of which more has come without its end is not understood."""

SWITCHING: Final = 101
FIRST_FINAL: Final = 200
"""The first status of an answer that no other one follows."""

_LONGEST_CHUNK_LINE: Final = 4096
_WITHOUT_BODY: Final = frozenset({204, 304})
_END_OF_HEAD: Final = b"\r\n\r\n"
_LINE: Final = b"\r\n"
_TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE: Final = re.compile(rb"(%s) ([^\x00-\x20\x7f]+) (HTTP/1\.[0-9])" % _TOKEN)
_STATUS_LINE: Final = re.compile(rb"(HTTP/[0-9](?:\.[0-9])?) ([1-9][0-9]{2})(?: (.*))?", re.DOTALL)
_BEGINNING: Final = re.compile(_TOKEN)
_HEADER: Final = re.compile(rb"(%s):[ \t]*(.*?)[ \t]*" % _TOKEN, re.DOTALL)
_ODD: Final = re.compile(rb"(?<!\r)\n|\r(?!\n)|\0")
"""What some take for the end of a line, or of a text, and others do not."""
_BARE: Final = re.compile(rb"(?<!\r)\n|\0")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_CHUNK_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"host"})
_OLD: Final = b"HTTP/1.0"


class Kind(Enum):
    """What a piece of a connection is."""

    HEAD = "the head of a message, whole"
    BODY = "a part of a body"
    END = "the end of a message, without bytes of its own"
    BLANK = "blank lines between messages"
    BLIND = "bytes that are not understood, or of another protocol, as is all that follows"


class Piece(NamedTuple):
    """Some bytes as they came, and what they are of a body without its chunks."""

    kind: Kind
    raw: bytes = b""
    payload: bytes = b""


_END: Final = Piece(Kind.END)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message: its first line in three parts, and its headers in their order, as they came."""

    first: tuple[bytes, bytes, bytes]
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)

    @classmethod
    def read(cls, raw: bytes, *, answers: bool) -> Head:
        """Read the head of a request, or of an answer. Raises ValueError for what is not one."""
        if _ODD.search(raw):
            raise ValueError("a line that does not end as lines do")
        first, *lines = raw[: -len(_END_OF_HEAD)].split(_LINE)
        parts = (_STATUS_LINE if answers else _REQUEST_LINE).fullmatch(first)
        if parts is None:
            raise ValueError("not a first line")
        headers: list[tuple[bytes, bytes]] = []
        for line in lines:
            header = _HEADER.fullmatch(line)
            if header is not None:
                headers.append((header[1], header[2]))
            elif line.startswith((b" ", b"\t")) and headers and headers[-1][0].lower() not in _FRAMING:
                name, value = headers[-1]  # a line that goes on with the one before, as was once allowed
                headers[-1] = (name, (value + b" " + line.strip(b" \t")).strip())
            else:
                raise ValueError("not a header")
        return cls((parts[1], parts[2], parts[3] or b""), tuple(headers))

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a header, whose name is in lower case."""
        return [value for each, value in self.headers if len(each) == len(name) and each.lower() == name]

    @property
    def status(self) -> int:
        """The status of an answer."""
        return int(self.first[1])


class Messages:
    """Takes one direction of a connection apart.

    `method` returns, for answers, the method of the request that the next one answers; None for requests.
    """

    def __init__(self, method: Callable[[], bytes] | None = None) -> None:
        self._method = method
        self._buffer = bytearray()
        self._searched = 0
        self._state: Callable[[], Iterator[Piece] | None] = self._head
        self._left = 0
        self.head: Head | None = None

    @property
    def is_between(self) -> bool:
        """Whether no message has begun."""
        return self._state == self._head and not self._buffer

    @property
    def is_blind(self) -> bool:
        """Whether nothing more is understood."""
        return self._state == self._blind

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
        if not self._buffer and 0 < len(data) < self._left and self._state in {self._sized, self._chunk}:
            self._left -= len(data)  # the middle of a long body, which is not copied
            yield Piece(Kind.BODY, data, data)
            return
        self._buffer += data
        while (pieces := self._state()) is not None:
            yield from pieces

    def give_up(self) -> bytes:
        """Return the bytes that were kept until more came, as nothing follows or all that follows is not understood."""
        self._state = self._blind
        return self._take(len(self._buffer))

    def _take(self, size: int) -> bytes:
        if size >= len(self._buffer):
            taken = bytes(self._buffer)
            self._buffer.clear()
        else:
            taken = bytes(memoryview(self._buffer)[:size])
            del self._buffer[:size]
        return taken

    def _head(self) -> Iterator[Piece] | None:
        buffer = self._buffer
        if buffer.startswith((b"\r", b"\n")):
            return iter((Piece(Kind.BLANK, self._take(len(buffer) - len(buffer.lstrip(b"\r\n")))),))
        end = buffer.find(_END_OF_HEAD, self._searched)
        if end < 0:
            if len(buffer) > LARGEST_HEAD or not self._may_begin() or _BARE.search(buffer, self._searched):
                return self._fail()
            self._searched = max(0, len(buffer) - len(_END_OF_HEAD))
            return None
        self._searched = 0
        size = end + len(_END_OF_HEAD)
        try:
            head = Head.read(bytes(memoryview(buffer)[:size]), answers=self._method is not None)
            length = self._length(head)
        except ValueError:
            return self._fail()
        self.head = head
        return self._begin(self._take(size), length)

    def _may_begin(self) -> bool:
        """Whether the bytes so far may be the beginning of a message."""
        if not self._buffer:
            return True
        if self._method is None:
            return _BEGINNING.match(self._buffer) is not None
        return b"HTTP/".startswith(self._buffer[:5])

    def _begin(self, raw: bytes, length: int | None) -> Iterator[Piece]:
        """Begin a body of some length, of chunks (-1), or that ends with the connection (None)."""
        if self._method is not None and self.head is not None and self.head.status == SWITCHING:
            self._state = self._blind
        elif length is None:
            self._state = self._until_close
        elif length < 0:
            self._state = self._chunk_line
        elif length:
            self._left, self._state = length, self._sized
        else:
            return iter((Piece(Kind.HEAD, raw), _END))
        return iter((Piece(Kind.HEAD, raw),))

    def _length(self, head: Head) -> int | None:
        """Return the length of a body: 0 for none, -1 for chunks, None where it ends with the connection.

        Raises ValueError where not everybody would see the same.
        """
        codings = head.values(b"transfer-encoding")
        lengths = set(head.values(b"content-length"))
        if self._method is not None:
            if head.status < FIRST_FINAL or head.status in _WITHOUT_BODY or self._method() == b"HEAD":
                return 0
        elif head.first[0] == b"CONNECT" or (codings and (lengths or head.first[2] == _OLD)):
            raise ValueError("another protocol follows, or two lengths")
        if codings:
            if [each.lower() for each in codings] != [b"chunked"]:
                raise ValueError("a body in a transfer coding")
            return -1
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise ValueError("not a length")
        return int(lengths.pop()) if lengths else (0 if self._method is None else None)

    def _end(self) -> Iterator[Piece]:
        self._state = self._head
        return iter((_END,))

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
            return self._fail() if self._is_odd_line(_LONGEST_CHUNK_LINE) else None
        line = bytes(memoryview(self._buffer)[:end])
        found = None if _ODD.search(line) else _CHUNK_LINE.fullmatch(line)
        if found is None:
            return self._fail()
        self._left = int(found[1], 16)
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
            return self._fail() if self._is_odd_line(LARGEST_HEAD) else None
        if _ODD.search(self._buffer, 0, end):
            return self._fail()
        line = Piece(Kind.BODY, self._take(end + len(_LINE)))
        if end:
            return iter((line,))
        return iter((line, *self._end()))

    def _is_odd_line(self, longest: int) -> bool:
        """Whether a line that has not ended cannot be understood any more."""
        return len(self._buffer) > longest or _BARE.search(self._buffer) is not None

    def _fail(self) -> Iterator[Piece]:
        return iter((Piece(Kind.BLIND, self.give_up()),))

    def _blind(self) -> Iterator[Piece] | None:
        return iter((Piece(Kind.BLIND, self._take(len(self._buffer))),)) if self._buffer else None
