"""A JSON document that has one long list, read member by member: only one of its entries is in memory at a time."""

from __future__ import annotations

import codecs
import json
import re
from typing import IO, TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.recording.text import MalformedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

LARGEST_MEMBER: Final = 256 * 1024 * 1024
"""Characters of one entry, or of another member of the document."""

_BLOCK: Final = 1024 * 1024
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_MOST_OF_A_NUMBER: Final = 2
"""Characters that may follow a number and belong to it, of which it is not known before more is read: such as "e+"."""

_DECODER: Final = json.JSONDecoder()


def entries_of(stream: IO[bytes], *paths: tuple[str, ...]) -> Iterator[Any]:
    """Yield the entries of the list that stands at one of some paths of names, such as ("log", "entries").

    A lone surrogate stays as it is: recorders write bytes that are not text so. Raises MalformedError for what is not
    JSON, and for a document without such a list.
    """
    document = _Document(stream)
    found = False
    for _ in document.lists_at(paths):
        found = True
        yield from document.entries()
    document.end()
    if not found:
        raise MalformedError(f"it has no {paths[0][-1]}")


class _Document:
    """The text of a document, of which `_text` is the part that is being read, from `_at` on."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._lines = 1  # of what was dropped, and the one that is being read
        self._is_over = False

    def lists_at(self, paths: Collection[tuple[str, ...]]) -> Iterator[None]:
        """Read an object, and stop before each list at one of the paths, which the caller reads."""
        self._take("{")
        if self._next() == "}":
            self._take("}")
            return
        while True:
            name = self._value()
            self._take(":")
            beneath = [path[1:] for path in paths if path[0] == name]
            if () in beneath and self._next() == "[":
                yield
            elif any(beneath) and self._next() == "{":
                yield from self.lists_at([path for path in beneath if path])
            else:
                self._value()
            if self._next() != ",":
                break
            self._take(",")
        self._take("}")

    def entries(self) -> Iterator[Any]:
        """Yield the values of a list."""
        self._take("[")
        if self._next() == "]":
            self._take("]")
            return
        while True:
            yield self._value()
            if self._next() != ",":
                break
            self._take(",")
        self._take("]")

    def end(self) -> None:
        """Raise MalformedError where something follows the document."""
        if self._next():
            raise self._malformed("something follows its end")

    def _next(self) -> str:
        """Return the next character that is not blank; "" at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            assert blanks is not None
            self._at = blanks.end()
            if self._at < len(self._text) or self._is_over:
                return self._text[self._at : self._at + 1]
            self._read_on()

    def _take(self, character: str) -> None:
        if self._next() != character:
            raise self._malformed(f"{character} is missing")
        self._at += 1

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_over:
                    self._at = error.pos
                    raise self._malformed(error.msg) from None
            except RecursionError:
                raise self._malformed("it is nested too deeply") from None
            else:
                follows = len(self._text) - end
                if self._is_over or not isinstance(value, (int, float)) or follows > _MOST_OF_A_NUMBER:
                    self._at = end
                    return value
            self._read_on()

    def _read_on(self) -> None:
        """Add to the text at least as much as is waiting in it, so that a long member is not tried too often."""
        self._lines += self._text.count("\n", 0, self._at)
        self._text = self._text[self._at :]
        self._at = 0
        if len(self._text) > LARGEST_MEMBER:
            raise self._malformed(f"one entry has more than {LARGEST_MEMBER} characters")
        block = self._stream.read(max(_BLOCK, len(self._text)))
        self._is_over = not block
        try:
            self._text += self._decoder.decode(block, final=self._is_over)
        except UnicodeDecodeError:
            raise self._malformed("it is not UTF-8") from None

    def _malformed(self, why: str) -> MalformedError:
        line = self._lines + self._text.count("\n", 0, self._at)
        if self._is_over and not self._text[self._at :].strip():
            return MalformedError("it is cut off: it ends before its JSON does", f", line {line}")
        return MalformedError(f"it is not JSON: {escaped(why[:200])}", f", line {line}")
