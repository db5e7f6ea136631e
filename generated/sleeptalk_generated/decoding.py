# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""From bytes to the classes of the documents."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Body = TypeVar("Body")

_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def decode(content: bytes, kind: type[Body]) -> Body:
    """Decode a JSON body into a class, strictly: every type is checked, no value is converted to fit.

    JSON Schema counts 34.0 as an integer and msgspec does not, so a body that does not fit is tried once more with its
    whole numbers written without a fraction.

    Raises msgspec.ValidationError, which names the JSON path, where the body does not fit the class, and its base
    msgspec.DecodeError where the content is no JSON.
    """
    decoder: msgspec.json.Decoder[Body] | None = _DECODERS.get(kind)
    if decoder is None:  # made once: making it costs a hundred times what decoding a body does
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind)
    try:
        try:
            return decoder.decode(content)
        except msgspec.ValidationError:
            return msgspec.convert(_without_fractions(msgspec.json.decode(content)), kind)
    except RecursionError as error:
        raise msgspec.ValidationError("The body is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("The body is not UTF-8") from error


def _without_fractions(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_without_fractions(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_fractions(item) for key, item in value.items()}
    return value
