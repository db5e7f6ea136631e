"""Keys are kept out of everything that is printed or written."""

import os

from sleeptalk_contract.contract.keys import KEY_VARIABLES, revealing

REPLACEMENT = "[key left out]"

_SHORTEST = 4
"""Shorter texts are not looked for: replacing every "a" would ruin a report and protect nothing."""

_known: set[str] = set()


def remember(key: str | None) -> None:
    """Name a key that must never be shown. None and empty texts are ignored."""
    if key:
        _known.add(key)


def remember_key(key: str | None) -> None:
    """Name an API key, and with it the spoiled keys that are made from it, which would give it away."""
    for text in revealing(key) if key else ():
        remember(text)


def redacted(text: str) -> str:
    """Return `text` with every known key replaced: those remembered and those in the environment."""
    for key in _looked_for():
        text = text.replace(key, REPLACEMENT)
    return text


def redacted_bytes(content: bytes) -> bytes:
    """Return `content`, which may be no text, with every known key replaced."""
    for key in _looked_for():
        content = content.replace(key.encode(errors="surrogateescape"), REPLACEMENT.encode())
    return content


def _looked_for() -> list[str]:
    """Give the known keys, longest first: one may be the beginning of another."""
    keys = _known | {os.environ.get(name, "") for name in KEY_VARIABLES.values()}
    return sorted((key for key in keys if len(key) >= _SHORTEST), key=len, reverse=True)
