"""What a body is that is not a callback of a known format, in words for the person who set up its delivery."""

from __future__ import annotations

import re
from typing import Final

from sleeptalk.runtime.decoding import untyped_object

_DECOMPRESS: Final = "and must be decompressed first, or sent without a content-encoding"
_BEGINNINGS: Final = {
    b"\x1f\x8b": f"it is compressed with gzip, {_DECOMPRESS}",
    b"\x28\xb5\x2f\xfd": f"it is compressed with zstd, {_DECOMPRESS}",
    b"eyJ": "it looks like base64, and must be decoded first",
    b"\xef\xbb\xbf": "it begins with a byte order mark",
    b"\xff\xfe": "it is UTF-16, and must be UTF-8",
    b"\xfe\xff": "it is UTF-16, and must be UTF-8",
}
_LATER: Final = re.compile(r"[vV](?![123]$)[0-9]{1,3}(\.[0-9]{1,3})*")


def notation_of(body: bytes) -> str | None:
    """Return what a body is that is not JSON, where its first bytes tell."""
    return next((words for beginning, words in _BEGINNINGS.items() if body.startswith(beginning)), None)


def later_format(body: bytes) -> tuple[str, str] | None:
    """Return the format of a callback that is later than V3, and the JSON path that says so; None for any other."""
    members = untyped_object(body)
    for name in ("callback_version", "version"):
        version = members.get(name)
        if isinstance(version, str) and _LATER.fullmatch(version):
            return version, f"$.{name}"
    return None
