"""Redact text for output: known keys are replaced, control characters escaped, long texts cut."""

import os
import re
from collections.abc import Iterable
from typing import Final

from sleeptalk_contract.contract.keys import revealing

REPLACEMENT: Final = "[key left out]"

_SHORTEST: Final = 4
"""Shorter texts are not replaced: replacing every "a" would ruin a report and protect nothing."""

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)

_known: set[str] = set()
_variables: set[str] = set()


def remember(secret: str | None) -> None:
    """Keep a text out of every later output. None and empty texts are ignored."""
    if secret:
        _known.add(secret)


def remember_key(key: str | None) -> None:
    """Keep an API key out of every later output, and the wrong keys that are derived from it and reveal it."""
    for text in revealing(key) if key else ():
        remember(text)


def remember_variables(names: Iterable[str]) -> None:
    """Keep the values of environment variables out of every later output, as they are by then."""
    _variables.update(names)


def redacted(text: str) -> str:
    """Return `text` with every known key replaced: those remembered and those in the environment."""
    for key in _known_keys():
        text = text.replace(key, REPLACEMENT)
    return text


def redacted_bytes(content: bytes) -> bytes:
    """Return `content`, which need not be text, with every known key replaced."""
    for key in _known_keys():
        content = content.replace(key.encode(errors="surrogateescape"), REPLACEMENT.encode())
    return content


def printable(text: str) -> str:
    """Escape characters that XML cannot carry or that would manipulate a terminal."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def shortened(text: str, limit: int) -> str:
    """Cut a text to `limit` characters; one that is cut ends in "..."."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _known_keys() -> list[str]:
    """Return the known keys, longest first: one may be the beginning of another."""
    keys = _known | {os.environ.get(name, "") for name in _variables}
    return sorted((key for key in keys if len(key) >= _SHORTEST), key=len, reverse=True)
