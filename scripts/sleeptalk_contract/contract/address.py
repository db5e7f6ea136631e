"""Addresses that the user gives: checked once, whatever is sent there, and their passwords kept out of every output."""

import base64
import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from sleeptalk_contract.contract.redaction import redacted, remember
from sleeptalk_contract.contract.usage import UsageError

_CARRIED: Final = re.compile(r"[!-~]+")
_USERINFO: Final = re.compile(r"^([a-z]+:)?(//)?.*@", re.DOTALL)


def checked_address(url: str, option: str) -> str:
    """Return an address as it is, seen to be one that requests can be sent to; a password in it is remembered.

    `option` is where the address comes from, such as "--url". Raises UsageError with a sentence that names both
    where it is not http or https, names no host or no port that there can be, or has characters that no URL has.
    """
    shown = _USERINFO.sub(r"\1\2", url)
    if url and not _CARRIED.fullmatch(url):
        raise UsageError(
            f"{option} {shown!r} has spaces or characters that are not ASCII, which no URL has: percent-encode them,"
            " and write a host's name in its xn-- form."
        )
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise UsageError(
            f"{option} {shown!r} is no address to send requests to: write {option} http://host:port or https://host."
        )
    _remember_password(parts)
    return url


def authorization(url: str) -> dict[str, str]:
    """Give the header that sends the name and password of an address; no header where it has none."""
    parts = urlsplit(url)
    return {} if parts.username is None else {"authorization": f"Basic {_credentials(parts)}"}


def without_userinfo(url: str) -> str:
    """Return an address without the name and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def redacted_url(url: str) -> str:
    """Return an address as it may be printed: without name, password and keys."""
    return redacted(without_userinfo(url))


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host and the port that an address means, without brackets, by default 80 or 443."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _parts(url: str) -> SplitResult | None:
    """Take an address apart; None where its brackets, its port or the labels of its host are wrong."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
        (parts.hostname or "").encode("idna")  # what a socket does with the name
    except ValueError:
        return None
    return parts


def _credentials(parts: SplitResult) -> str:
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    return base64.b64encode(f"{name}:{password}".encode()).decode()


def _remember_password(parts: SplitResult) -> None:
    secret = parts.password or parts.username  # a name alone is a token
    if secret:
        for text in (secret, unquote(secret), _credentials(parts)):
            remember(text)
