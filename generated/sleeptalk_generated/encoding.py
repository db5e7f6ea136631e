# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml, openapi/asleep.yaml, openapi/phonexia.yaml
"""From the classes of the documents to JSON as the services write it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import msgspec


def plain(value: object) -> object:
    """Return a value as JSON has it: dicts, lists, strings, numbers, booleans and None.

    A time keeps its offset, and that of UTC is `+00:00`, where msgspec would write `Z`. Fields that are UNSET are left
    out; an enumeration is its value, a known one or not. Raises ValueError for a time without an offset, TypeError for
    what JSON has no form for.
    """
    return _written(msgspec.to_builtins(value, builtin_types=(datetime.datetime,)))


def encode(value: object) -> str:
    """Return the JSON of a value, in the form of `plain`. Raises what that raises, and ValueError for NaN and infinity."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_written(item) for item in value]
    if not isinstance(value, datetime.datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no offset from UTC: give the time a zone")
    return value.isoformat()
