"""The HTTP client that a transport sends with: one of our own, or the caller's."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from sleeptalk.errors import ConfigurationError
from sleeptalk.transport.pools import wrap_network

if TYPE_CHECKING:
    from collections.abc import Callable

H = TypeVar("H", httpx.Client, httpx.AsyncClient)

CONNECT_TIMEOUT = 5.0  # seconds; so that a retry can still find another server within the deadline


def own(kind: type[H], network: Callable[[Any], Any]) -> H:
    """Make a client that keeps no cookies, as one user's are none of the next one's, with `network` around its backend.

    Raises ConfigurationError where the environment names a proxy or certificates that cannot be used.
    """
    try:
        client = kind(
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
    except OSError as error:
        problem = f"TLS cannot be set up ({error}): look at SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE"
    except ImportError:
        problem = "a SOCKS proxy takes `pip install httpx[socks]`: look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
    except (ValueError, httpx.InvalidURL):  # their words may hold the password of a proxy
        problem = "the proxies cannot be used: look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY"
    else:
        wrap_network(client, network)
        return client
    raise ConfigurationError(f"No HTTP client can be made, as {problem} in the environment.")


def injected(client: object, kind: type[H]) -> H:
    """Give the caller's client; raises ConfigurationError where it is not one of this kind."""
    if not isinstance(client, kind):
        raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}, and is a {type(client).__name__}.")
    return client
