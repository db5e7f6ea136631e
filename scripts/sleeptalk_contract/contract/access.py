"""How an implementation is reached, beside its address: additional headers, a proxy, and what TLS trusts and shows."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import httpx

from sleeptalk_contract.contract.address import host_and_port, without_userinfo
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from pathlib import Path

REPLACED: Final = frozenset({"host", "user-agent"})
"""Headers of a request that an additional one replaces. Any other that a request carries by itself keeps its value."""


@dataclass(frozen=True, slots=True)
class Access:
    """How requests reach an implementation.

    `headers` are added to every request, on the connection alone: no exchange has them, and so no report. `proxy` is
    the address of an HTTP proxy, None without one; the environment's are not used. `tls` is what TLS connections are
    made with, None for the certificate authorities that Python and SSL_CERT_FILE name. `shows_certificate` is whether
    it has a client certificate.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    shows_certificate: bool = False

    @property
    def header_names(self) -> tuple[str, ...]:
        """The names of the additional headers, each once, in lower case."""
        return tuple(dict.fromkeys(name.lower() for name, _ in self.headers))

    def context(self) -> ssl.SSLContext:
        """Return what TLS connections are made with."""
        return self.tls or httpx.create_ssl_context()

    def with_headers(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the headers of a request with the additional ones."""
        own = {name.lower() for name, _ in headers} - REPLACED
        added = [(name, value) for name, value in self.headers if name.lower() not in own]
        replaced = {name.lower() for name, _ in added} & REPLACED
        return [(name, value) for name, value in headers if name.lower() not in replaced] + added

    def first_stop(self, url: str) -> tuple[str, int]:
        """Return the host and port that connections for an address are opened to: those of the proxy, if any."""
        return host_and_port(self.proxy or url)

    @property
    def proxy_credentials(self) -> tuple[str, str] | None:
        """The name and password in the proxy's address; None without them."""
        parts = urlsplit(self.proxy or "")
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")

    @property
    def shown_proxy(self) -> str:
        """The proxy's address as it may be printed."""
        return without_userinfo(self.proxy or "")


def tls_context(cacert: Path | None, cert: Path | None, cert_key: Path | None, *, insecure: bool) -> ssl.SSLContext:
    """Return what TLS connections are made with: `cacert` alone is trusted, or, `insecure`, anything at all.

    `cert` is the client certificate; its key is in the same file or in `cert_key`. Raises UsageError for a file that
    cannot be read or does not hold what it should.
    """
    try:
        context = httpx.create_ssl_context() if cacert is None else ssl.create_default_context(cafile=str(cacert))
    except ssl.SSLError as error:
        raise UsageError(f"--cacert {cacert} holds no certificate: name a file with certificates in PEM.") from error
    except OSError as error:
        raise UsageError(
            f"--cacert {cacert} cannot be read ({error.strerror}): name a file of certificates."
        ) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert is not None:
        _show(context, cert, cert_key)
    return context


def _show(context: ssl.SSLContext, cert: Path, cert_key: Path | None) -> None:
    """Let a context show a client certificate. Raises UsageError where it cannot."""
    encrypted = False

    def password() -> str:
        nonlocal encrypted
        encrypted = True
        return ""

    for option, path in (("--cert", cert), ("--cert-key", cert_key)):
        try:
            if path is not None:
                path.read_bytes()
        except OSError as error:
            raise UsageError(f"{option} {path} cannot be read ({error.strerror}): name a file in PEM.") from error
    try:
        context.load_cert_chain(cert, cert_key, password)
    except (ssl.SSLError, OSError, ValueError) as error:
        key_file = cert if cert_key is None else cert_key
        if encrypted:
            raise UsageError(f"The key in {key_file} is encrypted: name one without a password.") from error
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            raise UsageError(f"The key in {key_file} does not belong to the certificate of --cert {cert}.") from error
        advice = " The key may be in a file of its own: name it with --cert-key." if cert_key is None else ""
        raise UsageError(f"--cert {cert} needs a certificate and its key, both in PEM.{advice}") from error
