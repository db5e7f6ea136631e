"""The raw answer, as every result and every error carries it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from attrs import field, frozen

NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?")


@frozen(kw_only=True)
class Response:
    """One answer of a service, as it came.

    - `status`: the HTTP status.
    - `headers`: names in lower case; the values of a repeated header are joined with ", ".
    - `content`: the body's bytes, decompressed.
    - `attempts`: how many requests were sent until this answer, retries included.
    - `seconds`: how long the request that brought it took.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=lambda content: f"<{len(content)} bytes>")
    attempts: int
    seconds: float = field(repr=False)
    received_at: float = field(factory=time.time, repr=False, eq=False)

    @property
    def request_id(self) -> str | None:
        """The id that the service assigned to the request (`x-request-id`), or None."""
        return self.headers.get("x-request-id")

    @property
    def correlation_id(self) -> str | None:
        """The id that joins a series of requests (`x-correlation-id`), or None."""
        return self.headers.get("x-correlation-id")

    @property
    def retry_after(self) -> float | None:
        """How many seconds the service asks to wait before the next request, or None.

        `retry-after` may be a number of seconds or a date; a date counts from the moment the answer came.
        """
        text = self.headers.get("retry-after", "")
        parts = [part.strip() for part in text.split(",")]  # a repeated header: the longest wait counts
        if all(NUMBER.fullmatch(part) for part in parts):
            return max(0.0, *map(float, parts))
        date = http_date(text)
        return None if date is None else max(0.0, date - self.received_at)

    def number(self, header: str) -> float | None:
        """Return a header's value as a number, or None where it is absent or not a number."""
        text = self.headers.get(header, "").strip()
        return float(text) if NUMBER.fullmatch(text) else None


def http_date(text: str) -> float | None:
    """Return a date of HTTP, in any of its three forms, in seconds since 1970 UTC; None where it is not one."""
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:  # as in the form of asctime, or with -0000; all dates of HTTP are in GMT
            date = date.replace(tzinfo=UTC)
        return date.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
