# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml, openapi/asleep.yaml, openapi/phonexia.yaml
"""From bytes to the classes of the documents."""

from __future__ import annotations

import json
import math
from typing import Any, TypeVar

import msgspec

Body = TypeVar("Body")

_MOST_DIGITS = 4300

_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


class NumberOutOfRange:
    """A number that no float can hold: it fits no type of a document."""

    def __repr__(self) -> str:
        return "a number out of range"


def _number(text: str) -> int | float | NumberOutOfRange:
    """Read a number that is written with a fraction or an exponent."""
    number = float(text)
    if number.is_integer():
        return int(number)
    return number if math.isfinite(number) else NumberOutOfRange()


def _whole_number(text: str) -> int | NumberOutOfRange:
    """Read a number that is written with digits alone; Python reads at most 4300 of them."""
    return int(text) if len(text) <= _MOST_DIGITS else NumberOutOfRange()


_UNTYPED = msgspec.json.Decoder(float_hook=_number)
_WELL_FORMED = msgspec.json.Decoder(msgspec.Raw)


def untyped(content: bytes) -> object:
    """Decode JSON to plain values, whole numbers without a fraction; what is no value of Python is NumberOutOfRange.

    Raises msgspec.DecodeError, UnicodeDecodeError or RecursionError where the content is not JSON.
    """
    try:
        return _UNTYPED.decode(content)
    except msgspec.ValidationError:  # a whole number of more digits than msgspec reads, which a class may pass over
        _WELL_FORMED.decode(content)
        return json.loads(content, parse_int=_whole_number, parse_float=_number)


def decode(content: bytes, kind: type[Body]) -> Body:
    """Decode a JSON body into a class, strictly: every type is checked, no value is converted to fit.

    JSON Schema counts 34.0 as an integer and msgspec does not, so a body that does not fit is tried once more with its
    whole numbers written without a fraction.

    Raises msgspec.ValidationError, which names the JSON path, where the body does not fit the class, and its base
    msgspec.DecodeError where the content is not JSON.
    """
    decoder: msgspec.json.Decoder[Body] | None = _DECODERS.get(kind)
    if decoder is None:  # made once: making it costs a hundred times what decoding a body does
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        try:
            return decoder.decode(content)
        except msgspec.ValidationError:
            return msgspec.convert(untyped(content), kind)
    except RecursionError as error:
        raise msgspec.ValidationError("The body is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("The body is not UTF-8") from error
