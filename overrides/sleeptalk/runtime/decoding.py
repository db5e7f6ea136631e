r"""Decode JSON bytes to typed objects, or find what is wrong and where.

Decisions where JSON leaves room:

- The bytes must be UTF-8, fields that are not documented included (a charset that a content-type declares has no
  meaning for JSON and is not looked at). A byte order mark is refused.
- NaN, Infinity and lone surrogates (`"\ud800"`) are refused: they are not JSON, or not text.
- Of a duplicate key, the last one counts.
- A whole number may be written as 34.0, as JSON Schema has it. That costs a second reading, only where it occurs.
- A number that no float can hold (1e999) in a documented field, and a nesting deeper than Python's recursion limit
  anywhere, are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sleeptalk.runtime.errors import ContractViolation
from sleeptalk_generated import decoding

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.runtime.response import Response

T = TypeVar("T")


class NotJsonError(Exception):
    """The bytes are not JSON that can be read. The message is the reason."""


class MismatchError(Exception):
    """The bytes are JSON of another shape. `path` is where, as a JSON path; the message is what is wrong."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.path = path


def decode(body: bytes, kind: type[T], *, repair: Callable[[Any], Any] | None = None) -> T:
    """Read JSON bytes as an object of a generated class.

    Where the body does not fit, `repair` is called once with the untyped value, and returns what to read
    instead. Raises NotJsonError or MismatchError, and nothing else, for any bytes.
    """
    try:
        _require_utf8(body)
        return decoding.decode(body, kind)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, RecursionError):
            raise NotJsonError("it is nested too deeply") from None
        mismatch = _mismatch(error)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotJsonError(printable(str(error))) from None
    if repair is None:
        raise mismatch
    try:
        repaired = repair(untyped(body))
    except (msgspec.DecodeError, RecursionError):  # an untyped reading can fail on what a typed one skips
        raise mismatch from None
    try:
        return msgspec.convert(repaired, kind)
    except msgspec.ValidationError as error:
        raise _mismatch(error) from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply") from None


def untyped(body: bytes) -> Any:
    """Read JSON bytes as plain values; raises msgspec.DecodeError, UnicodeDecodeError or RecursionError."""
    return decoding.untyped(body)


def untyped_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object as plain values; any other body, whether it is JSON or not, is an empty one."""
    try:
        value = untyped(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_json(response: Response, kind: type[T], *, repair: Callable[[Any], Any] | None = None) -> T:
    """Read the body of an answer as `decode` does; raises ContractViolation with the path of what does not fit.

    Without a content-type, an answer is assumed to be JSON.
    """
    declared = response.headers.get("content-type", "").split(";", maxsplit=1)[0].strip().lower()
    if declared and declared != "application/json" and not declared.endswith("+json"):
        advice = "" if response.content.lstrip()[:1] == b"{" else ": check base_url"
        message = f"The answer has the status {response.status}, and its content-type is not JSON{advice}."
        raise ContractViolation(message, path="header content-type", response=response)
    try:
        return decode(response.content, kind, repair=repair)
    except NotJsonError as problem:
        message = f"The answer has the status {response.status}, and its body is not JSON: {problem}."
        raise ContractViolation(message, response=response) from None
    except MismatchError as problem:
        message = f"The answer breaks the contract at {problem.path}: {problem}."
        raise ContractViolation(message, path=problem.path, response=response) from None


def printable(text: str) -> str:
    """Return a text that cannot add lines to a log."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _require_utf8(body: bytes) -> None:
    """Raise UnicodeDecodeError unless the whole body is UTF-8: msgspec does not validate what it skips."""
    if not body.isascii():
        body.decode()


def _mismatch(error: msgspec.ValidationError) -> MismatchError:
    message, _, path = str(error).partition(" - at `")
    return MismatchError(printable(message.replace("`", "")), path.rstrip("`") or "$")
