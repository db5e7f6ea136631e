"""Where an error is, for programs that speak JSON Pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sleeptalk_generated.phonexia.models import ErrorDetail


def json_pointer(detail: ErrorDetail) -> str:
    """Give the location of an error, a list of names and indexes, as a JSON Pointer (RFC 6901).

    `["body", "channels", 0]` is `/body/channels/0`; an empty location is the empty pointer, which is the whole.
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in detail.location)
