"""Bodies as JSON, read once however often they come: equal ones share what was found to follow from them alone."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sleeptalk_contract.contract.json_text import read_json, read_json_once

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")

_UNREAD: Final = object()
_LARGEST_KEPT: Final = 256 * 1024
_ALL_KEPT: Final = 4 * 1024 * 1024
"""Bytes of the bodies that are kept; what is read from them takes about ten times as much memory."""

_EACH: Final = 512
"""Bytes that each of them counts for beside its own, so that a great many short ones take no more."""


class ReadBody:
    """One body. What is read of it is shared: never change it.

    `content` are its bytes.
    """

    __slots__ = ("_exact", "_found", "_is_exact", "_value", "content")

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._value: Any = _UNREAD
        self._exact: Any = _UNREAD
        self._is_exact = False
        self._found: dict[Hashable, Any] = {}

    @property
    def value(self) -> Any:
        """Its JSON value, or NOT_JSON, as `read_json` returns it."""
        if self._value is _UNREAD:
            value, self._is_exact = read_json_once(self.content)
            self._value = value  # last: another thread may look for it at any moment
        return self._value

    @property
    def exact(self) -> Any:
        """Its JSON value for `number`, or NOT_JSON: a number whose float does not say what was printed is a Decimal."""
        if self._exact is _UNREAD:
            value = self.value
            self._exact = value if self._is_exact else read_json(self.content, decimals=True)
        return self._exact

    def once(self, key: Hashable, find: Callable[[], T]) -> T:
        """Return what follows from the body alone: `find` finds it, and `key` names it, once for all equal bodies."""
        found: Any = self._found.get(key, _UNREAD)
        if found is _UNREAD:
            found = self._found[key] = find()
        known: T = found
        return known


class _Bodies:
    """The bodies that were read last, up to a number of bytes. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[bytes, ReadBody] = {}
        self._size = 0
        self._lock = Lock()

    def of(self, content: bytes) -> ReadBody:
        found = self._kept.get(content)
        if found is not None:
            return found
        read = ReadBody(content)
        if len(content) <= _LARGEST_KEPT:
            with self._lock:
                self._size += len(content) + _EACH if content not in self._kept else 0
                self._kept[content] = read
                while self._size > _ALL_KEPT:
                    oldest = next(iter(self._kept))
                    del self._kept[oldest]
                    self._size -= len(oldest) + _EACH
        return read


_bodies: Final = _Bodies()


def read_body(content: bytes) -> ReadBody:
    """Return a body, the same one for equal bytes that came a short while ago."""
    return _bodies.of(content)
