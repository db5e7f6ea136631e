"""What a caller may set, checked once, and the key that is never shown."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx
from attrs import frozen

from sleeptalk.errors import ConfigurationError

BODY_LIMIT = 32 * 1024 * 1024
LONGEST = 1_000_000  # seconds, eleven days; poll(2) counts milliseconds in 32 bits, and would wrap at twice as many


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
        if type(self.retries) is not int or self.retries < 0:
            raise ConfigurationError(f"retries must be a whole number, 0 or more, and is {self.retries!r}.")
        if type(self.body_limit) is not int or self.body_limit < 1:
            raise ConfigurationError(f"body_limit must be a whole number of bytes above 0, and is {self.body_limit!r}.")
        if type(self.check_ids) is not bool:
            raise ConfigurationError(f"check_ids must be True or False, and is {self.check_ids!r}.")
        if self.follow_redirects is not None and type(self.follow_redirects) is not bool:
            raise ConfigurationError(f"follow_redirects must be True or False, and is {self.follow_redirects!r}.")


def check_seconds(name: str, seconds: float) -> None:
    """Raise ConfigurationError unless the value is a number of seconds above 0 that every clock can count."""
    number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
    if not number or not 0 < seconds <= LONGEST:
        shown = "longer" if number and seconds > LONGEST else repr(seconds)  # thousands of digits have no repr
        raise ConfigurationError(f"{name} must be a number of seconds above 0, at most {LONGEST}, and is {shown}.")


def checked_base_url(base_url: str) -> str:
    """Give the address without a slash at its end; raise ConfigurationError where no request could be sent to it."""
    if not isinstance(base_url, str):
        raise ConfigurationError(f"base_url must be a str, not {type(base_url).__name__}.")
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and re.fullmatch("[!-~]+", base_url) is not None and not {"?", "#"}.intersection(base_url)
        httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL):
        usable = False
    if not usable:
        raise ConfigurationError("base_url is not the address of a server: give a URL such as http://appliance:8000.")
    return base_url.rstrip("/")


class Secret:
    """A key that repr does not show."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret()"

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """Give the key itself, to put it into a header."""
        return self._value

    def blot(self, text: str) -> str:
        """Give the text without the key, however it came there."""
        return text.replace(self._value, "[key]") if self._value else text
