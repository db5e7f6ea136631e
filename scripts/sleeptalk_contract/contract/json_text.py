"""JSON text: which bodies are one, and their values; it decides as our own clients and receivers do."""

from __future__ import annotations

import codecs
import json
import threading
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


@final
class NotJson:
    """The type of NOT_JSON, which stands for a body that is not JSON text; None would be the JSON value null."""

    def __repr__(self) -> str:
        return "NOT_JSON"

    def __bool__(self) -> bool:
        return False


NOT_JSON: Final = NotJson()


_DEEPEST: Final = 200
_MOST_DIGITS: Final = 4300
"""The digits of the longest whole number that Python reads."""


def read_json(body: bytes | None, *, decimals: bool = False) -> Any:
    """Read a body as one JSON value, or return NOT_JSON when it is not one that every reader can read.

    It decides as our own clients and receivers do (`sleeptalk.runtime.decoding`), so that no body passes that they
    refuse. Not JSON are NaN and Infinity, bytes that are not UTF-8, a byte order mark, half a surrogate pair anywhere,
    and nesting that is too deep for Python. Of a repeated key the last one counts. Values nested deeper than 200 are
    left out: no document goes so deep. With `decimals` a number that has a fraction or an exponent is a Decimal that
    keeps the digits as printed. A number that no float can hold fits no type.
    """
    return NOT_JSON if body is None else _first_read(body, _WITH_DECIMALS if decimals else _WITH_FLOATS, decimals)


def read_json_once(body: bytes) -> tuple[Any, bool]:
    """Read a body as `read_json` does, and return whether its floats say all that was printed.

    Where they do, `read_json` with `decimals` returns the same but for numbers that are Decimals, of the same digits as
    the `repr` of the floats.
    """
    _printed.is_kept = True
    value = _first_read(body, _WITH_NOTED_FLOATS, decimals=False)
    return value, _printed.is_kept


def _first_read(body: bytes, decoder: msgspec.json.Decoder[Any], decimals: bool) -> Any:
    """Read what msgspec reads, which is a good deal faster and refuses more, and the rest with Python's own reader."""
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        try:
            return decoder.decode(body)
        except (ValueError, RecursionError):
            pass
    _printed.is_kept = False
    try:
        return _read(body, decimals=decimals)
    except (ValueError, RecursionError):
        return NOT_JSON


def why_not_json(body: bytes | None) -> str:
    """Return what keeps a body from being JSON, as words that follow its name: "is not JSON: ..."."""
    if not body:
        return "is not JSON: it is empty"
    try:
        _read(body, decimals=False)
    except _UnreadableError as error:
        return f"is not JSON: {error}"
    except UnicodeDecodeError:
        return "is not JSON: it is not UTF-8"
    except RecursionError:
        return "is not JSON: it is nested too deeply"
    except ValueError:
        pass
    return "is not JSON: it is HTML or XML" if body.lstrip().startswith(b"<") else "is not JSON"


class _UnreadableError(ValueError):
    """JSON text that some readers refuse."""


def _read(body: bytes, *, decimals: bool) -> Any:
    if body.startswith(codecs.BOM_UTF8):
        raise _UnreadableError("it begins with a byte order mark")
    text = body.decode()
    value = json.loads(
        text, parse_constant=_refuse_constant, parse_float=_decimal if decimals else _float, parse_int=_whole
    )
    if "\\ud" in text.lower() and _has_half_a_pair(text):
        raise _UnreadableError("it has half of a surrogate pair, which no encoding can write")
    return _pruned(value) if body.count(b"[") + body.count(b"{") > _DEEPEST else value


def _has_half_a_pair(text: str) -> bool:
    """Whether JSON text has half of a surrogate pair, even behind a repeated key."""
    whole = json.loads(text, object_pairs_hook=list, parse_int=str, parse_float=str)
    try:
        json.dumps(whole, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _refuse_constant(text: str) -> Any:
    raise _UnreadableError(f"{text} is not a JSON number")


def is_out_of_range(value: Any) -> bool:
    """Whether a value stands for a number that no float can hold. Where a number is expected it is of a wrong type."""
    return bool(value == _out_of_range())


def _out_of_range() -> Any:
    """Return a value that fits no schema of a number, nor any schema that a number does not fit."""
    return [[[None]]]


def _float(text: str) -> Any:
    value = float(text)
    return value if isfinite(value) else _out_of_range()


def _decimal(text: str) -> Any:
    value = float(text)
    if not isfinite(value):
        return _out_of_range()
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent that is too small even for a Decimal
        return Decimal(value)


class _Printed(threading.local):
    """Whether the floats that this thread has read say all that was printed."""

    is_kept = True


_printed: Final = _Printed()


def _noted_float(text: str) -> float:
    """Return the float that a text means, and note where its `repr` is another text. Raises ValueError if too large."""
    value = float(text)
    if repr(value) != text:
        _printed.is_kept = False
        if not isfinite(value):
            raise ValueError
    return value


_WITH_FLOATS: Final = msgspec.json.Decoder()
_WITH_NOTED_FLOATS: Final = msgspec.json.Decoder(float_hook=_noted_float)
_WITH_DECIMALS: Final = msgspec.json.Decoder(float_hook=_decimal)


def _whole(text: str) -> Any:
    return int(text) if len(text) <= _MOST_DIGITS else _out_of_range()


def _pruned(value: Any) -> Any:
    """Return a value without what is nested deeper than any document goes. Walks without recursion."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _members(outer) if isinstance(inner, list | dict)]
        if not level:
            return value
    for outer in level:
        outer.clear()
    return value


def _members(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def text_in(value: Any, *names: str) -> str | None:
    """Return the string that a path of names leads to in a JSON value, None where it does not lead to a string."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
