"""What the readers of foreign recordings share: values of the right type, and bodies."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sleeptalk.runtime.bodies import GZIP_WINDOWS, BodyReader, TooLargeError, UndecodableError
from sleeptalk.runtime.recorded import body_of
from sleeptalk_contract.contract.usage import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.runtime.recorded import Body

_LARGEST_BODY: Final = 64 * 1024 * 1024
_WINDOWS: Final = {**GZIP_WINDOWS, "deflate": 15}
_NAMES: Final = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


class MalformedError(Exception):
    """A recording that is not what it should be; `place` is where, in words that follow the name of the file."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


def member(value: Any, name: str, *kinds: type) -> Any:
    """Return a member of an object, None where it is not there. Raises MalformedError where it is of another type."""
    if not isinstance(value, dict):
        raise MalformedError(f"what should have {name} is not an object")
    found = value.get(name)
    if found is not None and not isinstance(found, kinds):
        raise MalformedError(f"{name} is not {listed([_NAMES.get(kind, kind.__name__) for kind in kinds])}")
    return found


def needed(value: Any, name: str, *kinds: type) -> Any:
    """Return a member of an object. Raises MalformedError where it is not there, or of another type."""
    found = member(value, name, *kinds)
    if found is None:
        raise MalformedError(f"it has no {name}")
    return found


def decoded_base64(text: str) -> bytes:
    """Return the bytes that a text has in base64. Raises MalformedError."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)  # it may be wrapped, but nothing else
    except (binascii.Error, ValueError):
        raise MalformedError("a body is not the base64 that it should be") from None


def bytes_of_text(text: str, sizes: Sequence[float] = ()) -> bytes | None:
    """Return the bytes of a body that a recorder has kept as text; None where they cannot be told from the text.

    Where bytes are not text, some recorders take them for Latin-1, write lone surrogates (as Python's `surrogateescape`
    does), or write base64 without saying so: `sizes` are those that the recording states, by which that is seen.
    """
    try:
        plain = text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        plain = text.encode(errors="surrogatepass")
    if not sizes or len(plain) in sizes:
        return plain
    others = []
    with suppress(UnicodeEncodeError):
        others.append(text.encode("latin-1"))
    with suppress(ValueError):
        others.append(base64.b64decode(text, validate=True))
    fitting = [each for each in others if len(each) in sizes]
    if fitting:
        return fitting[0]
    return None if "\N{REPLACEMENT CHARACTER}" in text or len(plain) < min(sizes) else plain


def recorded_body(content: bytes | None, headers: list[tuple[str, str]], sizes: Sequence[float] = ()) -> Body:
    """Return the body of an answer, without its content-encoding; None where it was not recorded, or not as a whole.

    `sizes` are the bytes that the recording states, before or after compression, beside the content-length. An empty
    body is believed only where the headers say so: some recorders write nothing for what they did not keep.
    """
    length = declared_length(headers)
    if not content:
        return "" if length == 0 else None
    stated = [each for each in (*sizes, length) if each]
    if stated and len(content) < min(stated):
        return None
    return _plain_body(content, headers)


def declared_length(headers: list[tuple[str, str]]) -> int | None:
    """Return the content-length of a message; None where it has none, or that of a compressed body."""
    named = {name.lower(): value.strip() for name, value in headers}
    length = named.get("content-length", "")
    return int(length) if length.isdecimal() and not named.get("content-encoding") else None


def _plain_body(content: bytes, headers: list[tuple[str, str]]) -> Body:
    """Return a body, of which it is not known whether its content-encoding was undone, as a line has it.

    It is undone where that is possible, and else taken to be so already.
    """
    encoding = ", ".join(text for name, text in headers if name.lower() == "content-encoding")
    if not encoding:
        return body_of(content)
    try:
        reader = BodyReader(_LARGEST_BODY, encoding, _WINDOWS)
        reader.feed(content)
        return body_of(reader.finish())
    except (UndecodableError, TooLargeError):
        return body_of(content)


def without_wrong_length(headers: list[tuple[str, str]], body: bytes | None) -> list[tuple[str, str]]:
    """Return the headers of a request without a content-length that is not that of the body as it was recorded.

    Recorders keep text, whose bytes may have been others. Where there is no body, the header says that it was not kept.
    """
    if not body:
        return headers
    length = str(len(body))
    return [(name, text) for name, text in headers if name.lower() != "content-length" or text.strip() == length]


def texts(value: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Return the headers of a mapping from names to a value or a list of values."""
    return [
        (_text(name), _text(each))
        for name, given in value.items()
        for each in (given if isinstance(given, list) else [given])
    ]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
