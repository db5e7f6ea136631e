"""What a run remembers between callback deliveries, for the rules that compare one delivery with earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256


def digest(body: bytes) -> bytes:
    """Give a short stand-in for a body, so that a long run stays small."""
    return sha256(body).digest()


@dataclass(slots=True)
class SessionProgress:
    """How far the deliveries of one session have come: the digests seen, the highest window, whether it is complete."""

    seen: set[bytes] = field(default_factory=set)
    highest_window: int | None = None
    complete: bool = False


@dataclass(slots=True)
class History:
    """What was delivered before, and how it was answered."""

    accepted: set[bytes] = field(default_factory=set)
    """digests of bodies that were answered 2xx with the right key"""
    plain: dict[bytes, bool] = field(default_factory=dict)
    """digest of a body without undocumented fields: whether it was answered 2xx"""
    sessions: dict[str, SessionProgress] = field(default_factory=dict)
    """progress by session id, for what a sender delivers"""
