# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""From bytes to the classes of the documents."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import msgspec

Body = TypeVar("Body")

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


UNTYPED = msgspec.json.Decoder(float_hook=_number)
"""Decodes JSON to plain values, whole numbers without a fraction."""


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
        except msgspec.ValidationError as mismatch:
            return msgspec.convert(_untyped(content, mismatch), kind)
    except RecursionError as error:
        raise msgspec.ValidationError("The body is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("The body is not UTF-8") from error


def _untyped(content: bytes, mismatch: msgspec.ValidationError) -> Any:
    """Read the content without its class; where a number is too large for that, the `mismatch` with the class stands."""
    try:
        return UNTYPED.decode(content)
    except msgspec.ValidationError:
        raise mismatch from None
