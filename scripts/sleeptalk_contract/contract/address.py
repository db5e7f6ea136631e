"""Addresses from the user: checked once for all uses, and their passwords kept out of every output."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from sleeptalk.runtime.options import basic_authorization, is_address
from sleeptalk_contract.contract.redaction import redacted, remember
from sleeptalk_contract.contract.usage import UsageError

_CARRIED: Final = re.compile(r"[!-~]+")
_USERINFO: Final = re.compile(r"^([a-z]+:)?(//)?.*@", re.DOTALL)


def checked_address(url: str, option: str) -> str:
    """Return an address as it is, checked to be one that requests can be sent to; a password in it is remembered.

    `option` is where the address comes from, such as "--url". Raises UsageError with a sentence that names both
    where it is not http or https, names no host or no port that there can be, or has characters that no URL has.
    """
    if not is_address(url) or not _is_host(urlsplit(url).hostname or ""):
        shown = _USERINFO.sub(r"\1\2", url)
        if url and not _CARRIED.fullmatch(url):
            raise UsageError(
                f"{option} {shown!r} has spaces or characters that are not ASCII, which no URL has:"
                " percent-encode them, and write a host's name in its xn-- form."
            )
        bare = shown.removeprefix("//")
        if "://" not in bare and is_address(f"http://{bare}") and _is_host(urlsplit(f"http://{bare}").hostname or ""):
            raise UsageError(f"{option} {shown!r} has no scheme: write {option} http://{bare} or https://{bare}.")
        raise UsageError(
            f"{option} {shown!r} is not an address that requests can be sent to: write {option} http://host:port or"
            " https://host."
        )
    _remember_password(url)
    return url


def authorization(url: str) -> dict[str, str]:
    """Return the header that sends the name and password of an address; no header where it has none."""
    value = basic_authorization(urlsplit(url))
    return {} if value is None else {"authorization": value}


def without_userinfo(url: str) -> str:
    """Return an address without the name and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def redacted_url(url: str) -> str:
    """Return an address as it may be printed: without name, password and keys."""
    return redacted(without_userinfo(url))


def request_target(url: str) -> str:
    """Return the request target of an address: its path and query, verbatim."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host and the port that an address means, without brackets, by default 80 or 443."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _is_host(name: str) -> bool:
    """Return whether a socket accepts a name as that of a host."""
    try:
        name.encode("idna")
    except ValueError:
        return False
    return True


def _remember_password(url: str) -> None:
    parts = urlsplit(url)
    secret = parts.password or parts.username  # a name alone is a token
    if secret:
        for text in (secret, unquote(secret), *(value.removeprefix("Basic ") for value in authorization(url).values())):
            remember(text)
