"""The service that a client talks to."""

from __future__ import annotations

import functools
from importlib.metadata import version
from urllib.parse import urlsplit

from attrs import field, frozen

from sleeptalk.transport.settings import Secret, checked_base_url


@frozen(kw_only=True)
class Server:
    """Where the requests go, the key that goes with them, and how the client names itself.

    `base_url` has no slash at its end; `secret` is empty for a service without keys.
    """

    base_url: str = field(converter=checked_base_url, repr=False)
    user_agent: str
    secret: Secret

    @property
    def shown_url(self) -> str:
        """The address without the user and the password that it may hold."""
        parts = urlsplit(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@functools.cache
def user_agent() -> str:
    """Give the name and the version under which requests are sent."""
    return f"sleeptalk/{version('sleeptalk')}"
