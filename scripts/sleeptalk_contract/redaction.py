"""Keys are kept out of everything that is printed or written."""

import os

KEY_VARIABLES = ("ASLEEP_API_KEY", "SLEEPTALK_CALLBACK_KEY")
"""Environment variables that hold keys."""

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
    if key:
        for text in (key, key[:-1], key.swapcase()):
            remember(text)


def redacted(text: str) -> str:
    """Return `text` with every known key replaced: those remembered and those in the environment."""
    keys = _known | {os.environ.get(name, "") for name in KEY_VARIABLES}
    for key in sorted((key for key in keys if len(key) >= _SHORTEST), key=len, reverse=True):
        text = text.replace(key, REPLACEMENT)
    return text
