"""The API keys that a callback may carry, compared in constant time."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias, cast

from sleeptalk.errors import CallbackForbidden, ConfigurationError

VARIABLE = "SLEEPTALK_CALLBACK_KEY"
CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})


class HasItems(Protocol):
    """Headers as a framework keeps them: any object that lists names and values."""

    def items(self) -> Iterable[tuple[str, str]]:
        """List the headers as pairs."""
        ...


Headers: TypeAlias = (
    Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]] | HasItems
)


class AcceptedKeys:
    """The keys to accept. Its repr does not show them."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(key.encode() for key in keys)

    def __repr__(self) -> str:
        return "AcceptedKeys()"

    def match(self, key: bytes) -> bool:
        """Return whether a key is an accepted one, in a time that does not depend on how much of it was right."""
        return any([hmac.compare_digest(key, known) for known in self._keys])  # noqa: C419  # a list compares with every key


def accepted_keys(api_key: str | Iterable[str] | None) -> AcceptedKeys | ConfigurationError:
    """Return the keys to accept; None reads the environment variable SLEEPTALK_CALLBACK_KEY.

    Without a key, and for a key that is not a str or that no header could carry, returns the error to raise: raised
    here, its traceback would have the key in the variables of its frames.
    """
    if api_key is None:
        api_key = os.environ.get(VARIABLE, "")
    keys = _texts(api_key)
    if keys is None:
        return ConfigurationError("A callback key must be a str: pass one as api_key, or a list of them.")
    if not all(keys) or not keys:
        return ConfigurationError(f"The callback key is missing: pass api_key, or set {VARIABLE} in the environment.")
    if not all(key.isascii() and key.isprintable() and key == key.strip() for key in keys):
        return ConfigurationError("A callback key has characters that a header cannot carry: check it for line breaks.")
    return AcceptedKeys(keys)


def _texts(api_key: object) -> list[str] | None:
    """Return the given keys as a list; None where one is not a str."""
    if isinstance(api_key, (str, bytes, bytearray)) or not isinstance(api_key, Iterable):
        api_key = [api_key]
    given = list(api_key)
    texts = [key for key in given if isinstance(key, str)]
    return texts if len(texts) == len(given) else None


def authenticated(headers: Headers, accepted: AcceptedKeys) -> dict[str, str] | CallbackForbidden:
    """Return the headers without their credentials, if they carry exactly one value of x-api-key, an accepted one.

    Names are in lower case, and the values of a repeated header are joined with ", ". Otherwise returns the error to
    raise, for the same reason as in `accepted_keys`. The time taken does not depend on how much of a key was right, or
    on which key matched.
    """
    pairs = _pairs(headers)
    if pairs is None:
        return CallbackForbidden("The headers cannot be read: give a mapping, or pairs of name and value.")
    received = {_as_bytes(value) for name, value in pairs if _as_bytes(name).lower() == b"x-api-key"}
    if not received:
        return CallbackForbidden("The header x-api-key is missing.")
    if len(received) > 1:
        return CallbackForbidden("The header x-api-key is given more than once, with different values.")
    key = received.pop()
    if not accepted.match(key):
        return CallbackForbidden("The header x-api-key is not one of the accepted keys.")
    return _without_credentials(pairs, key)


def _without_credentials(pairs: list[tuple[object, object]], key: bytes) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in pairs:
        lower, written = _as_text(name).lower(), _as_text(value)
        if lower not in CREDENTIALS and key not in _as_bytes(value):
            kept[lower] = f"{kept[lower]}, {written}" if lower in kept else written
    return kept


def _pairs(headers: Headers) -> list[tuple[object, object]] | None:
    """List the headers with every repetition, however the framework at hand keeps them; None where it cannot."""
    items = getattr(headers, "multi_items", None) or getattr(headers, "items", None)
    pairs = cast("Iterable[object]", items() if callable(items) else headers)
    try:
        return [(name, value) for name, value in cast("Iterable[tuple[object, object]]", pairs)]
    except (TypeError, ValueError, LookupError):
        return None


def _as_bytes(text: object) -> bytes:
    """Return a header's name or value as bytes; what is neither str nor bytes equals no name and no key."""
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else b""


def _as_text(text: object) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else str(text)
