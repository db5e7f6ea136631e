"""The options that say how an implementation is reached: headers, a proxy, certificates, the time to wait for it."""

from __future__ import annotations

import base64
import binascii
import os
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from sleeptalk.runtime.options import HEADER_VALUE
from sleeptalk_contract.commands.options import FILE, Command, Seconds, SecretOption, all_of
from sleeptalk_contract.contract.access import Access, tls_context
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.redaction import remember
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sleeptalk_contract.contract.service import Target

HEADERS_VARIABLE: Final = "SLEEPTALK_HEADERS"
"""The environment variable of additional headers, one on each line."""

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OF_THE_MESSAGE: Final = frozenset(
    {"connection", "content-length", "content-type", "accept", "accept-encoding", "expect", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "keep-alive", "proxy-connection", "proxy-authorization", "content-encoding"}
)
"""Headers that say how a message is carried or what is in it, so that runs have to send their own."""

_WORD: Final = re.compile(r"[A-Za-z]{1,12}|[0-9]{1,6}")
"""A value that is too common to be a secret: leaving out each "staging" or "https" would ruin a report."""

_OPTIONS: Final = (
    click.option(
        "-H",
        "--header",
        "header",
        cls=SecretOption,
        variables=[HEADERS_VARIABLE],
        multiple=True,
        metavar="'NAME: VALUE'",
        help="Add a header to every request; can be repeated. Its value appears in no output. Safer in the environment"
        f" variable {HEADERS_VARIABLE}, one header on each line, which other processes cannot see.",
    ),
    click.option(
        "--proxy",
        metavar="URL",
        help="Send every request through this HTTP proxy, http://[NAME:PASSWORD@]HOST:PORT. HTTP_PROXY and its like"
        " are not read.",
    ),
    click.option(
        "--cacert", type=FILE, metavar="FILE", help="Trust the certificate authorities in this PEM file alone."
    ),
    click.option("--insecure", is_flag=True, help="Do not check the certificate of the implementation."),
    click.option("--cert", type=FILE, metavar="FILE", help="Show this client certificate (PEM, with its key or not)."),
    click.option("--cert-key", type=FILE, metavar="FILE", help="The key of --cert, where it is in a file of its own."),
)

WAIT: Final = click.option(
    "--wait-for-url",
    type=Seconds(),
    metavar="SECONDS",
    help="Before the run, wait up to this long until the implementation answers (502, 503 and 504 are no answers).",
)


def access_options(command: Command) -> Command:
    """Add the options of how an implementation is reached to a command, which gets them as `given`."""
    return all_of(_OPTIONS)(command)


def given_access(given: Mapping[str, Any], url: str | None, target: Target) -> Access:
    """Return how an implementation at an address is reached, from the options.

    The values of headers and the password of a proxy are remembered for redaction. Raises UsageError for a value that
    cannot be used, and for a header that runs send by themselves.
    """
    headers = tuple(_headers(given["header"], url or "", target))
    proxy: str | None = given["proxy"]
    if proxy is not None:
        _check_proxy(proxy)
    files = [f"--{name.replace('_', '-')}" for name in ("cacert", "insecure", "cert", "cert_key") if given[name]]
    addresses = [each for each in (url, proxy) if each]
    if files and addresses and not any(each.lower().startswith("https:") for each in addresses):
        raise UsageError(f"{files[0]} needs an https address: --url has none.")
    if given["cert_key"] and not given["cert"]:
        raise UsageError("--cert-key is the key of --cert: name the certificate as well.")
    if given["insecure"] and given["cacert"]:
        raise UsageError("--insecure trusts any certificate, --cacert only some: leave one of them out.")
    tls = tls_context(given["cacert"], given["cert"], given["cert_key"], insecure=given["insecure"]) if files else None
    return Access(headers, proxy, tls, given["cert"] is not None)


def _check_proxy(proxy: str) -> None:
    checked_address(proxy, "--proxy")
    parts = urlsplit(proxy)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise UsageError("--proxy has a path: write http://host:port.")


def _headers(options: Iterable[str], url: str, target: Target) -> Iterator[tuple[str, str]]:
    """Yield names and values of the additional headers: those of the options, then those of the environment."""
    lines = [line for line in os.environ.get(HEADERS_VARIABLE, "").splitlines() if line.strip()]
    for source, texts in (("-H", list(options)), (HEADERS_VARIABLE, lines)):
        for number, text in enumerate(texts, start=1):
            name, colon, value = (part.strip(" \t") for part in text.partition(":"))
            which = f"{source} number {number}" if len(texts) > 1 else source
            if not colon or not _NAME.fullmatch(name) or not value:
                raise UsageError(f"{which} is not a header: write it as 'Name: value'.")
            if not HEADER_VALUE.fullmatch(value):
                raise UsageError(f"The value of {source} {name} cannot be sent in a header: use printable ASCII.")
            _check_name(f"{source} {name}", name.lower(), url, target)
            for secret in _secrets(name.lower(), value):
                if secret not in url:
                    remember(secret)
            yield name, value


def _check_name(shown: str, name: str, url: str, target: Target) -> None:
    """Raise UsageError for a header that runs send by themselves, right and wrong: it would replace what is judged."""
    for credential in target.credentials:
        if credential.header.lower() == name:
            raise UsageError(
                f"{shown} is a credential of {target.name}, which runs also send spoiled: give it with"
                f" {credential.option} or {credential.variable}."
            )
    parameters = {
        each.name.lower() for operation in target.operations for each in operation.parameters if each.place == "header"
    }
    if name in parameters | _OF_THE_MESSAGE:
        raise UsageError(f"{shown} is a header that runs choose by themselves, to judge what it changes: leave it out.")
    if name == "authorization" and urlsplit(url).username is not None:
        raise UsageError(f"{shown} and the name in --url are sent in the same header: give one of them.")


def _secrets(name: str, value: str) -> Iterator[str]:
    """Yield the texts that give the value of a header away: itself, and the parts of it that are secrets."""
    if name == "host":
        return
    parts = [value]
    scheme, _, token = value.partition(" ")
    if name.endswith("authorization") and token:
        parts.append(token.strip())
        if scheme.lower() == "basic":
            parts += _decoded(token)
    if name == "cookie":
        parts += [each.partition("=")[2].strip(' "') for each in value.split(";")]
    yield from (part for part in parts if part and not _WORD.fullmatch(part))


def _decoded(token: str) -> list[str]:
    try:
        pair = base64.b64decode(token.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    return [pair, pair.partition(":")[2]]
