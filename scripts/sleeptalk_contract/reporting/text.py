"""Text that every kind of report can carry."""

import re
from typing import Final

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


def printable(text: str) -> str:
    """Replace characters that XML cannot carry or that would play tricks on a terminal by a readable escape."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def shortened(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, and show that it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
