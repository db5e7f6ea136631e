"""The HTTP library: the one module of the package that imports httpx."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from urllib.request import getproxies

import httpx

from sleeptalk.runtime.connections import AsyncBackend, BoundedBackend, assign_each_once, keep_clean, wrap_network
from sleeptalk.runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sleeptalk.runtime.bodies import RequestBody

HttpClient: TypeAlias = httpx.Client
AsyncHttpClient: TypeAlias = httpx.AsyncClient
AnyHttpClient: TypeAlias = httpx.Client | httpx.AsyncClient
HttpRequest: TypeAlias = httpx.Request
HttpResponse: TypeAlias = httpx.Response
Url: TypeAlias = httpx.URL
H = TypeVar("H", httpx.Client, httpx.AsyncClient)

CONNECT_TIMEOUT = 5.0  # seconds; so that a retry can still find another server within the deadline
LARGEST_PORT = 65_535
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # in the words of OpenSSL; httpcore drops the exception that has a class for it

_LIBRARY_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, OSError)
_LIBRARIES = frozenset({"httpx", "httpcore", "h11", "anyio", "asyncio", "trio", "socket", "ssl", "encodings"})
_LASTING = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def sync_client(given: httpx.Client | None, connections: int) -> httpx.Client:
    """Return the caller's HTTP client, or one of our own with that many `connections`; raises ConfigurationError.

    The connections of both are closed where bytes are left over after an answer. That needs httpx's own transport: one
    that the caller has written has to see to it itself, and one that wraps httpx's is covered unless a hook or the
    authentication of the client reads the answer first.
    """
    if given is None:
        return _own(httpx.Client, httpx.HTTPTransport, BoundedBackend, connections)
    return _checked(given, httpx.Client)


def async_client(given: httpx.AsyncClient | None, connections: int) -> httpx.AsyncClient:
    """Return the caller's HTTP client, or one of our own, as `sync_client` does; raises ConfigurationError."""
    if given is None:
        return _own(httpx.AsyncClient, httpx.AsyncHTTPTransport, AsyncBackend, connections)
    return _checked(given, httpx.AsyncClient)


def _own(kind: type[H], transport: Callable[..., Any], network: Callable[[Any], Any], connections: int) -> H:
    """Make a client that keeps no cookies, as one user's are not the next one's, with `network` around its backend.

    Raises ConfigurationError where the environment names a proxy or certificates that cannot be used.
    """
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    try:
        client = kind(
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=transport(limits=limits),
            mounts={
                at: None if proxy is None else transport(proxy=proxy, limits=limits) for at, proxy in _proxies().items()
            },
        )
    except OSError as error:
        problem = f"TLS cannot be set up ({error}): look at SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE"
    except ImportError:
        problem = "a SOCKS proxy takes `pip install httpx[socks]`: look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
    except (ValueError, httpx.InvalidURL):  # their messages may hold the password of a proxy
        problem = "the proxies cannot be used: look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
    else:
        wrap_network(client, network)
        keep_clean(client)
        assign_each_once(client)
        return client
    raise ConfigurationError(f"No HTTP client can be made, as {problem} in the environment.")


def _proxies() -> dict[str, httpx.Proxy | None]:
    """Return the proxies of the environment by the patterns of the HTTP library, None for what goes without one.

    The library itself makes no client where it cannot read an entry of NO_PROXY, and container engines write networks
    of IPv6 (`::1/128`, `fe80::/10`) and brackets there: such entries are passed over.
    """
    found = getproxies()
    without = [entry.strip() for entry in found.get("no", "").split(",")]
    if "*" in without:
        return {}
    proxies: dict[str, httpx.Proxy | None] = {}
    for scheme in ("http", "https", "all"):
        url = found.get(scheme)
        if url:
            proxies[f"{scheme}://"] = httpx.Proxy(url if "://" in url else f"http://{url}")
    for pattern in map(_without_proxy, filter(None, without)):
        try:
            url_of(pattern)
        except ValueError:
            continue
        proxies[pattern] = None
    return proxies


def _without_proxy(entry: str) -> str:
    """Return the pattern of an entry of NO_PROXY: a host name stands for those below it as well."""
    if "://" in entry:
        return entry
    try:
        version = ip_address(entry.partition("/")[0]).version
    except ValueError:
        return f"all://{entry}" if entry.lower() == "localhost" else f"all://*{entry}"
    return f"all://{entry}" if version == 4 else f"all://[{entry}]"  # noqa: PLR2004  # of the Internet Protocol


def _checked(client: object, kind: type[H]) -> H:
    if not isinstance(client, kind):
        raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}, not a {type(client).__name__}.")
    keep_clean(client)
    return client


def url_of(text: str) -> Url:
    """Parse a URL; raises ValueError, whose message is what is wrong with it."""
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None


def redirect_target(url: Url, response: HttpResponse) -> Url | None:
    """Return where an answer to a request to `url` redirects to, None where no request can be sent to that."""
    try:
        target = url.join(response.headers["location"])
    except (KeyError, ValueError, httpx.InvalidURL):
        return None
    return target if target.scheme in ("http", "https") and (target.port or 0) <= LARGEST_PORT else None


def request_of(
    client: AnyHttpClient,
    method: str,
    url: Url,
    headers: dict[str, str],
    body: RequestBody | None,
    *,
    limit: Callable[[float | None], float],
    at_home: bool,
) -> HttpRequest:
    """Make a request.

    - `limit`: shortens a timeout in seconds to what is left of the call; None means no timeout.
    - `at_home`: whether it goes to the service. What the caller's own HTTP client adds to every request, headers,
      cookies or parameters, may be a secret as well: a request to any other server goes without them.
    """
    timeout = {phase: limit(seconds) for phase, seconds in client.timeout.as_dict().items()}
    if not at_home:
        return httpx.Request(method, url, headers=headers, extensions={"timeout": timeout})
    more: dict[str, Any] = {}
    if body is not None:
        more = {"content": body.content, "files": body.parts}
    return client.build_request(method, url, headers=headers, timeout=httpx.Timeout(**timeout), **more)


def auth_of(*, at_home: bool) -> Any:
    """Return the `auth` to send a request with: the client's for the service, none for any other server."""
    return httpx.USE_CLIENT_DEFAULT if at_home else None


def is_failure(error: Exception) -> bool:
    """Return whether an error is the HTTP library's or the network's.

    Any other is the caller's own: one that a signal handler raises, for example, or a hook of the HTTP client. The
    library raises built-in ones as well, as for a closed client or a malformed challenge: what counts is whose code
    raised it.
    """
    if isinstance(error, _LIBRARY_ERRORS):
        return True
    if type(error).__module__ != "builtins" or type(error) is Exception:
        return False
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    return frames is not None and frames.tb_frame.f_globals.get("__name__", "").partition(".")[0] in _LIBRARIES


def is_timeout(error: Exception) -> bool:
    """Return whether a failure is a timeout of one phase of a request."""
    return isinstance(error, httpx.TimeoutException)


def may_pass(error: Exception) -> bool:
    """Return whether the same request may succeed after this failure."""
    from_network = isinstance(error, (httpx.HTTPError, OSError)) and not isinstance(error, _LASTING)
    return from_network and UNTRUSTED not in str(error)


def nothing_was_sent(error: Exception) -> bool:
    """Return whether a request failed before a byte of it was sent."""
    return isinstance(error, _BEFORE_SENDING)


def reason_of(error: Exception) -> str:
    """Return what happened in one line, without the headers of the caller's own HTTP client."""
    words = str(error)
    if isinstance(error, httpx.LocalProtocolError):  # it quotes the header
        words = "the HTTP client makes a request that cannot be sent, look at its headers"
    return " ".join(f"{type(error).__name__}: {words}".rstrip(": ").split())


def refusal_in(error: Exception) -> HttpResponse | None:
    """Return the answer for which a hook of the caller's HTTP client raised this error; None for any other error."""
    if isinstance(error, httpx.HTTPStatusError) and not error.response.is_success:
        return error.response
    return None


_reading: ContextVar[Callable[[httpx.Response], Callable[[bytes], None]] | None] = ContextVar("reading", default=None)


@contextmanager
def refusals_read_first(
    client: AnyHttpClient, begin: Callable[[httpx.Response], Callable[[bytes], None]]
) -> Iterator[None]:
    """Read the body of an error answer within the block before the hooks of the caller's HTTP client see it.

    A hook that raises, as with `raise_for_status`, closes the connection, and the body says what was refused. `begin`
    takes the answer, and returns what takes each chunk of its body and may raise to end the reading. The client gets
    one hook more, before its own, that does nothing outside of such blocks.
    """
    hooks: list[Any] = client.event_hooks["response"]
    first = _read_first if isinstance(client, httpx.Client) else _read_first_async
    if hooks and first not in hooks:
        hooks.insert(0, first)
    token = _reading.set(begin)
    try:
        yield
    finally:
        _reading.reset(token)


def _read_first(response: httpx.Response) -> None:
    begin = _reading.get()
    if begin is None or not response.is_error or response.is_stream_consumed:
        return
    feed, pieces = begin(response), list[bytes]()
    for piece in cast("httpx.SyncByteStream", response.stream):
        feed(piece)
        pieces.append(piece)
    response.stream.close()  # type: ignore[union-attr]  # of a sync client
    response.stream = httpx.ByteStream(b"".join(pieces))


async def _read_first_async(response: httpx.Response) -> None:
    begin = _reading.get()
    if begin is None or not response.is_error or response.is_stream_consumed:
        return
    feed, pieces = begin(response), list[bytes]()
    async for piece in cast("httpx.AsyncByteStream", response.stream):
        feed(piece)
        pieces.append(piece)
    await response.stream.aclose()  # type: ignore[union-attr]  # of an async client
    response.stream = httpx.ByteStream(b"".join(pieces))


def content_of(response: HttpResponse) -> bytes:
    """Return a body as far as it has been read: empty where it has not, as its connection is closed by now."""
    try:
        return response.content
    except httpx.ResponseNotRead:
        return b""
