"""What a caller may set, checked once, and the key that is never shown."""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from attrs import frozen

from sleeptalk.errors import ConfigurationError

BODY_LIMIT = 32 * 1024 * 1024


@frozen(kw_only=True)
class Settings:
    """The options of a client, or of one call.

    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
    - `retries`: how many further requests a call may send.
    - `body_limit`: the largest body in bytes, after decompression.
    - `check_ids`: whether session and task ids are compared with the contract before sending.
    - `follow_redirects`: whether redirects are followed; None does as the injected HTTP client does.
    """

    timeout: float = 30.0
    retries: int = 2
    body_limit: int = BODY_LIMIT
    check_ids: bool = True
    follow_redirects: bool | None = None

    def __attrs_post_init__(self) -> None:
        check_seconds("timeout", self.timeout)
        if not isinstance(self.retries, int) or self.retries < 0:
            raise ConfigurationError(f"retries must be a whole number, 0 or more, and is {self.retries!r}.")
        if not isinstance(self.body_limit, int) or self.body_limit < 1:
            raise ConfigurationError(f"body_limit must be at least 1 byte, and is {self.body_limit!r}.")


def check_seconds(name: str, seconds: float) -> None:
    """Raise ConfigurationError unless the value is a finite number of seconds above 0."""
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds) or seconds <= 0:
        raise ConfigurationError(f"{name} must be a number of seconds above 0, and is {seconds!r}.")


def checked_base_url(base_url: str) -> str:
    """Give the address without a slash at its end; raise ConfigurationError where no request could be sent to it."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable or not re.fullmatch("[!-~]+", base_url):
        raise ConfigurationError("base_url is not the address of a server: give a URL such as http://appliance:8000.")
    return base_url.rstrip("/")


class Secret:
    """A key that repr does not show."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret()"

    def reveal(self) -> str:
        """Give the key itself, to put it into a header."""
        return self._value

    def blot(self, text: str) -> str:
        """Give the text without the key, however it came there."""
        return text.replace(self._value, "[key]") if self._value else text
