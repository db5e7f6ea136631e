"""The service that a client talks to."""

from __future__ import annotations

import base64
import functools
from importlib.metadata import version
from urllib.parse import unquote, urlsplit

from attrs import frozen

from sleeptalk.transport.settings import Secret, checked_base_url


@frozen(kw_only=True)
class Server:
    """Where the requests go, the key that goes with them, and how the client names itself.

    - `base_url`: without a slash at its end, and without a user and a password.
    - `secret`: the key, empty for a service without keys.
    - `authorization`: the header's value for the user and the password of the address, empty where it has none.
    """

    base_url: str
    user_agent: str
    secret: Secret
    authorization: Secret


def server_at(base_url: str, secret: Secret) -> Server:
    """Take an address apart; raises ConfigurationError.

    A user and a password leave the address here, as httpx writes the addresses that it asks into its log.
    """
    parts = urlsplit(checked_base_url(base_url))
    userinfo, _, host = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    credentials = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return Server(
        base_url=parts._replace(netloc=host).geturl(),
        user_agent=user_agent(),
        secret=secret,
        authorization=Secret(f"Basic {credentials}" if userinfo else ""),
    )


@functools.cache
def user_agent() -> str:
    """Give the name and the version under which requests are sent."""
    return f"sleeptalk/{version('sleeptalk')}"
