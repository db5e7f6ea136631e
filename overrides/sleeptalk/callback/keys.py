"""The API keys that a callback may carry, compared in constant time."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from sleeptalk.errors import CallbackForbidden, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "SLEEPTALK_CALLBACK_KEY"


class HasItems(Protocol):
    """Headers as a framework keeps them: any object that lists names and values."""

    def items(self) -> Iterable[tuple[str, str]]:
        """List the headers as pairs."""
        ...


Headers: TypeAlias = (
    Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]] | HasItems
)


def accepted_keys(api_key: str | Iterable[str] | None) -> tuple[bytes, ...]:
    """Return the keys to accept; None reads the environment variable SLEEPTALK_CALLBACK_KEY.

    Raises ConfigurationError without a key, and for a key that is not a str or that no header could carry.
    """
    if api_key is None:
        api_key = os.environ.get(VARIABLE, "")
    keys = _texts(api_key)
    if not all(keys) or not keys:
        raise ConfigurationError(f"The callback key is missing: pass api_key, or set {VARIABLE} in the environment.")
    if not all(key.isascii() and key.isprintable() and key == key.strip() for key in keys):
        raise ConfigurationError("A callback key has characters that a header cannot carry: check it for line breaks.")
    return tuple(key.encode() for key in keys)


def _texts(api_key: object) -> list[str]:
    """Return the given keys as a list; raises ConfigurationError where one is not a str."""
    if isinstance(api_key, (str, bytes, bytearray)) or not isinstance(api_key, Iterable):
        api_key = [api_key]
    given = list(api_key)
    texts = [key for key in given if isinstance(key, str)]
    if len(texts) != len(given):
        raise ConfigurationError("A callback key must be a str: pass one as api_key, or a list of them.")
    return texts


def authenticate(headers: Headers, accepted: tuple[bytes, ...]) -> None:
    """Raise CallbackForbidden unless the headers carry exactly one value of x-api-key, and it is an accepted one.

    The time taken does not depend on how much of a key was right, or on which key matched.
    """
    received = set(_received_keys(headers))
    if not received:
        raise CallbackForbidden("The header x-api-key is missing.")
    if len(received) > 1:
        raise CallbackForbidden("The header x-api-key is given more than once, with different values.")
    key = received.pop()
    if not any([hmac.compare_digest(key, known) for known in accepted]):  # noqa: C419  # a list compares with every key
        raise CallbackForbidden("The header x-api-key is not one of the accepted keys.")


def _received_keys(headers: Headers) -> Iterator[bytes]:
    for name, value in _pairs(headers):
        if _as_bytes(name).lower() == b"x-api-key":
            yield _as_bytes(value)


def _pairs(headers: Headers) -> list[tuple[object, object]]:
    """List the headers with every repetition, however the framework at hand keeps them."""
    items = getattr(headers, "multi_items", None) or getattr(headers, "items", None)
    pairs = cast("Iterable[object]", items() if callable(items) else headers)
    try:
        return [(name, value) for name, value in cast("Iterable[tuple[object, object]]", pairs)]
    except (TypeError, ValueError, LookupError):
        raise CallbackForbidden("The headers cannot be read: give a mapping, or pairs of name and value.") from None


def _as_bytes(text: object) -> bytes:
    """Return a header's name or value as bytes; what is neither str nor bytes equals no name and no key."""
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else b""
