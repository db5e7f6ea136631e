r"""JSON bytes to typed objects, and what is wrong where when they do not fit.

Decisions where JSON leaves room:

- The bytes must be UTF-8, fields that are not documented included (a charset that a content-type declares has no
  meaning for JSON and is not looked at). A byte order mark is refused.
- NaN, Infinity and lone surrogates (`"\ud800"`) are refused: they are no JSON, or no text.
- Of a key that is there twice, the last one counts. Every occurrence must have the right type.
- A whole number may be written as 34.0, as JSON Schema has it. That costs a second reading, only where it occurs.
- A number that no float can hold (1e999) and a nesting that is deeper than Python's recursion limit are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LARGEST_EXACT = 2**53  # above it a float no longer tells neighbouring whole numbers apart


class NotJsonError(Exception):
    """The bytes are not JSON that can be read. The message says why."""


class MismatchError(Exception):
    """The bytes are JSON of another shape. `path` is where, as a JSON path; the message says what was met."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


def decode(body: bytes | bytearray | memoryview, kind: type[T], *, repair: Callable[[Any], Any] | None = None) -> T:
    """Read JSON bytes as an object of a generated class.

    `repair` is given the untyped value where the first reading did not fit, and returns what is to be read instead.
    Raises NotJsonError or MismatchError, and nothing else, whatever the bytes are.
    """
    try:
        require_utf8(body)
        return _decoder(kind).decode(body)
    except msgspec.ValidationError as error:
        mismatch = _mismatch(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(error) from None
    return _second_reading(body, kind, repair, mismatch)


def require_utf8(body: bytes | bytearray | memoryview) -> None:
    """Raise UnicodeDecodeError unless the whole body is UTF-8. msgspec does not look inside what it skips."""
    text = body if isinstance(body, (bytes, bytearray)) else bytes(body)
    if not text.isascii():
        text.decode()


def _second_reading(
    body: bytes | bytearray | memoryview, kind: type[T], repair: Callable[[Any], Any] | None, mismatch: MismatchError
) -> T:
    """Read again without types, and repair. The first reading stopped at the mismatch: the rest may be no JSON."""
    try:
        value = _whole_numbers(msgspec.json.decode(body))
    except msgspec.ValidationError:  # 1e999 where the typed reading skipped it
        raise mismatch from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error) from None
    try:
        return msgspec.convert(value if repair is None else repair(value), kind)
    except msgspec.ValidationError as error:
        raise _mismatch(error) from None


def _not_json(error: Exception) -> NotJsonError:
    return NotJsonError("the nesting is too deep" if isinstance(error, RecursionError) else str(error))


def _whole_numbers(value: Any) -> Any:
    """Give the value with every float that is whole written as an integer: 34.0 as 34."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= LARGEST_EXACT else value
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    return value


def _mismatch(error: msgspec.ValidationError) -> MismatchError:
    message, _, path = str(error).partition(" - at `")
    return MismatchError(_printable(message.replace("`", "")), path.rstrip("`") or "$")


def _printable(message: str) -> str:
    """Keep a value that the message quotes from writing lines of its own into a log."""
    return "".join(character if character.isprintable() else "?" for character in message)


def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    return decoder


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}
