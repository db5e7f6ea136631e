"""What a callback is about, and which callback it is, for receivers that are to handle each one once.

Asleep sends no id of a delivery. What it delivers again has the same event, session, window and body, but for how the
JSON is written.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec

from sleeptalk.runtime.decoding import untyped, untyped_object


class Subject(NamedTuple):
    """What a callback is about. Two callbacks with one subject and different bodies are revisions of one result.

    - `event`: the name of the event.
    - `session_id`: None where an event that is not documented does not name a session.
    - `window`: the `inference_seq_num` of a window; None for a whole session.
    """

    event: str
    session_id: str | None
    window: int | None


def subject_of(body: bytes, event: str) -> Subject:
    """Return the subject of an event that is not documented, as far as its data names one."""
    data = data_of(body)
    within = data.get("session")
    session = data.get("session_id", within.get("id") if isinstance(within, dict) else None)
    window = data.get("inference_seq_num")
    return Subject(event, session if type(session) is str else None, window if type(window) is int else None)


def data_of(body: bytes) -> dict[str, Any]:
    """Return what a callback of any form says of its event: its data, or the whole body where it has none."""
    members = untyped_object(body)
    return next((data for name in ("data", "callback_data") if isinstance(data := members.get(name), dict)), members)


def identity_of(subject: Subject, body: bytes) -> str:
    """Return the SHA-256 of the subject and the canonical body, as 64 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(subject) + b"\n" + canonical(body)).hexdigest()


def canonical(body: bytes) -> bytes:
    """Return a JSON body in one notation: names in order, numbers in their shortest form, nothing between values.

    A body with a number that no float can hold, or nested deeper than can be read, is returned as it is: what is not
    documented may hold such.
    """
    try:
        return msgspec.json.encode(untyped(body), order="sorted")
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError):
        return body
