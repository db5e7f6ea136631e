"""What the rules of a run remember between exchanges, for those that compare one with earlier ones."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, TypeVar, cast

T = TypeVar("T")


def digest(body: bytes) -> bytes:
    """Return a short stand-in for a body, so that a long run stays small."""
    return sha256(body).digest()


class History:
    """The memory of one run: each kind of it is an object that a service's rules define."""

    def __init__(self) -> None:
        self._kept: dict[type[Any], object] = {}

    def of(self, kind: type[T]) -> T:
        """Return the one object of a kind, made without arguments when it is first asked for."""
        if kind not in self._kept:
            self._kept[kind] = kind()
        return cast("T", self._kept[kind])
