"""The forms in which a text is printed by programs that encode it: base64, hexadecimal, percent, JSON and HTML."""

import base64
import re
from functools import lru_cache
from typing import Final

_SHORTEST_PART: Final = 8
"""Characters of base64 that are looked for within a longer text: fewer would be found by chance."""


_SHORTEST: Final = 4
"""Characters of a text whose encoded forms are looked for."""


def without(text: str, secret: str, mark: str) -> str:
    """Return a text with `mark` in the place of a secret, in whatever form it is printed."""
    text = text.replace(secret, mark)
    if len(secret) < _SHORTEST:
        return text
    for form in printed_forms(secret):
        text = text.replace(form, mark)
    if "%" in text or "\\" in text or "&" in text:
        text = decoding_pattern(secret).sub(mark, text)
    return text


@lru_cache(maxsize=256)
def printed_forms(text: str) -> tuple[str, ...]:
    """Return a text in hexadecimal and in base64, also as a part of something longer; the longest first.

    Base64 encodes three bytes at a time, so a text within another has one of three forms, but for its ends.
    """
    raw = text.encode(errors="surrogateescape")
    forms = {raw.hex(), raw.hex().upper(), raw.hex(" "), raw.hex(":"), raw.hex(":").upper()}
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        padded = alphabet(raw).decode()
        forms |= {padded, padded.rstrip("=")}
        for before in range(3):
            whole = alphabet(b"\0" * before + raw).decode().rstrip("=")
            first = -(-before * 8 // 6)
            last = (before + len(raw)) * 8 // 6
            if last - first >= _SHORTEST_PART:
                forms.add(whole[first:last])
    return tuple(sorted(forms, key=len, reverse=True))


@lru_cache(maxsize=256)
def decoding_pattern(text: str) -> re.Pattern[str]:
    """Return what finds a text of which any character is escaped as in a URL, in JSON or in HTML.

    A text in which none is escaped is not found, for a caller has its own way with that.
    """
    plain = re.escape(text)
    return re.compile(f"(?!{plain}){''.join(map(_any_form, text))}")


def _any_form(character: str) -> str:
    number = ord(character)
    units = character.encode("utf-16-be", "surrogatepass").hex()
    forms = [
        re.escape(character),
        "".join(f"%{byte:02x}" for byte in character.encode(errors="surrogateescape")),
        "".join(rf"\\u{units[start : start + 4]}" for start in range(0, len(units), 4)),
        f"&#0*{number};",
        f"&#x0*{number:x};",
        *_NAMED.get(character, ()),
    ]
    escapes = "|".join(f"(?i:{form})" for form in forms[1:])
    return f"(?:{forms[0]}|{escapes})"


_NAMED: Final = {
    " ": (r"\+",),
    '"': (r'\\"', "&quot;"),
    "&": ("&amp;",),
    "'": ("&apos;",),
    "/": (r"\\/",),
    "<": ("&lt;",),
    ">": ("&gt;",),
    "\\": (r"\\\\",),
}
"""The escapes of a character that have names of their own."""
