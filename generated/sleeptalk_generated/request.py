# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml, openapi/phonexia.yaml
"""A request before it is sent."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from attrs import define, field


@define(frozen=True, kw_only=True)
class Request:
    """One request: its method, its path below the server's address (quoted), and its headers, names in lower case.

    The headers may hold keys, so the repr leaves them out.
    """

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)


def path_segment(name: str, value: object) -> str:
    """Quote the value of the path parameter `name`, so that it stays one segment of the path.

    Raises ValueError for what would make it another path: nothing at all, "." or "..", raw, percent-encoded, or between
    slashes.
    """
    text = str(value)
    decoded = text
    while decoded != (once := unquote(decoded)):
        decoded = once
    if not decoded or not {".", ".."}.isdisjoint(re.split(r"[/\\]", decoded)):
        raise ValueError(f'{name} must not be empty, "." or "..": {text[:100]!r} would change the path of the request')
    return quote(text, safe="")
