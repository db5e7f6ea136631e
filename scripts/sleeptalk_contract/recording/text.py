"""What the readers of foreign recordings share: values of the right type, and bodies."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

from sleeptalk.recording import body_of
from sleeptalk.runtime.bodies import GZIP_WINDOWS, BodyReader, TooLargeError, UndecodableError
from sleeptalk_contract.contract.usage import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk.recording import Body

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
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise MalformedError("a body is not the base64 that it should be") from None


def plain_body(content: bytes | None, headers: list[tuple[str, str]]) -> Body:
    """Return a body, of which it is not known whether its content-encoding was undone, as a line has it.

    It is undone where that is possible, and else taken to be so already.
    """
    encoding = ", ".join(text for name, text in headers if name.lower() == "content-encoding")
    if not content or not encoding:
        return body_of(content)
    try:
        reader = BodyReader(_LARGEST_BODY, encoding, _WINDOWS)
        reader.feed(content)
        return body_of(reader.finish())
    except (UndecodableError, TooLargeError):
        return body_of(content)


def without_wrong_length(headers: list[tuple[str, str]], body: bytes | None) -> list[tuple[str, str]]:
    """Return the headers of a request without a content-length that is not that of the body as it was recorded.

    Recorders keep text, whose bytes may have been others.
    """
    length = str(len(body or b""))
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
