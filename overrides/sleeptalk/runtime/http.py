"""The HTTP library: the one module of the package that imports it, httpx2 where that is installed and else httpx.

Clients of either can be injected: what belongs to one request is made by the library of its client.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.request import getproxies

from sleeptalk.runtime.connections import assign_each_once, keep_clean, module_of, wrap_network
from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.handlers import raised_by_handler
from sleeptalk.runtime.network import AsyncBackend, BoundedBackend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import httpx
    import httpx2

    from sleeptalk.runtime.bodies import RequestBody

    HttpClient: TypeAlias = httpx.Client | httpx2.Client
    AsyncHttpClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    HttpRequest: TypeAlias = Any  # a client takes only those of its own library
    HttpResponse: TypeAlias = httpx.Response | httpx2.Response
    Url: TypeAlias = httpx.URL | httpx2.URL
    _own_library: Any
else:
    try:
        import httpx2 as _own_library
    except ImportError:
        import httpx as _own_library

    HttpClient, AsyncHttpClient = _own_library.Client, _own_library.AsyncClient
    HttpRequest, HttpResponse, Url = _own_library.Request, _own_library.Response, _own_library.URL

AnyHttpClient: TypeAlias = "HttpClient | AsyncHttpClient"

LIBRARIES = frozenset({"httpx", "httpx2"})
CONNECT_TIMEOUT = 5.0  # seconds; so that a retry can still find another server within the deadline
LARGEST_PORT = 65_535
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # in the words of OpenSSL; httpcore drops the exception that has a class for it

_BENEATH = frozenset(
    {*LIBRARIES, "httpcore", "httpcore2", "h11", "anyio", "asyncio", "trio", "socket", "ssl", "truststore", "encodings"}
)


def _library_of(value: object) -> Any:
    """Return the library that the class of a value belongs to or is derived from: httpx, httpx2, or None."""
    kind: Any = type(value)
    return module_of(kind, LIBRARIES)


def _is(value: object, *names: str) -> bool:
    """Return whether a value is of one of these classes of its library."""
    library = _library_of(value)
    return library is not None and isinstance(value, tuple(getattr(library, name) for name in names))


def sync_client(given: HttpClient | None, connections: int) -> HttpClient:
    """Return the caller's HTTP client, or one of our own with that many `connections`; raises ConfigurationError.

    The connections of both are closed where bytes are left over after an answer. That needs httpx's own transport: one
    that the caller has written has to see to it itself, and one that wraps httpx's is covered unless a hook or the
    authentication of the client reads the answer first.
    """
    if given is None:
        return cast("HttpClient", _own("Client", "HTTPTransport", BoundedBackend, connections))
    return cast("HttpClient", _checked(given, "Client"))


def async_client(given: AsyncHttpClient | None, connections: int) -> AsyncHttpClient:
    """Return the caller's HTTP client, or one of our own, as `sync_client` does; raises ConfigurationError."""
    if given is None:
        return cast("AsyncHttpClient", _own("AsyncClient", "AsyncHTTPTransport", AsyncBackend, connections))
    return cast("AsyncHttpClient", _checked(given, "AsyncClient"))


def _own(kind: str, transport_kind: str, network: Callable[[Any, Any], Any], connections: int) -> Any:
    """Make a client that keeps no cookies, as one user's are not the next one's, with `network` around its backend.

    Raises ConfigurationError where the environment names a proxy or certificates that cannot be used.
    """
    transport: Callable[..., Any] = getattr(_own_library, transport_kind)
    limits = _own_library.Limits(max_connections=connections, max_keepalive_connections=connections)
    try:
        client = getattr(_own_library, kind)(
            timeout=_own_library.Timeout(None, connect=CONNECT_TIMEOUT),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=transport(limits=limits),
            mounts={
                at: None if proxy is None else transport(proxy=proxy, limits=limits) for at, proxy in _proxies().items()
            },
        )
    except OSError as error:
        problem = f"TLS cannot be set up ({error}): look at SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE"
    except ImportError:
        needed = f"{_own_library.__name__}[socks]"
        problem = f"a SOCKS proxy takes `pip install {needed}`: look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
    except (ValueError, _own_library.InvalidURL):  # their messages may hold the password of a proxy
        problem = "the proxies cannot be used: look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY"
    else:
        wrap_network(client, network)
        keep_clean(client)
        assign_each_once(client)
        return client
    raise ConfigurationError(f"No HTTP client can be made, as {problem} in the environment.")


def _proxies() -> dict[str, Any]:
    """Return the proxies of the environment by the patterns of the HTTP library, None for what goes without one.

    The library itself makes no client where it cannot read an entry of NO_PROXY, and container engines write networks
    of IPv6 (`::1/128`, `fe80::/10`) and brackets there: such entries are passed over.
    """
    found = getproxies()
    without = [entry.strip() for entry in found.get("no", "").split(",")]
    if "*" in without:
        return {}
    proxies: dict[str, Any] = {}
    for scheme in ("http", "https", "all"):
        url = found.get(scheme)
        if url:
            proxies[f"{scheme}://"] = _own_library.Proxy(url if "://" in url else f"http://{url}")
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


def _checked(client: object, kind: str) -> Any:
    if not _is(client, kind):
        wanted = " or ".join(f"an {name}.{kind}" for name in sorted(LIBRARIES))
        raise ConfigurationError(f"http_client must be {wanted}, not a {type(client).__name__}.")
    keep_clean(client)
    assign_each_once(client)
    return client


def url_of(text: str) -> Url:
    """Parse a URL; raises ValueError, whose message is what is wrong with it."""
    try:
        return cast("Url", _own_library.URL(text))
    except _own_library.InvalidURL as error:
        raise ValueError(str(error)) from None


def redirect_target(url: Url, response: HttpResponse) -> Url | None:
    """Return where an answer to a request to `url` redirects to, None where no request can be sent to that."""
    try:
        target = url.join(response.headers["location"])
    except (KeyError, ValueError, _own_library.InvalidURL):
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
    check_time: Callable[[], None],
    at_home: bool,
) -> HttpRequest:
    """Make a request.

    - `limit`: shortens a timeout in seconds to what is left of the call; None means no timeout.
    - `check_time`: raises once nothing is left; it is called as the pieces of a form are sent.
    - `at_home`: whether it goes to the service. What the caller's own HTTP client adds to every request, headers,
      cookies or parameters, may be a secret as well: a request to any other server goes without them.
    """
    library = _library_of(client)
    if library is not _own_library:
        url = library.URL(str(url))
    timeout = {phase: limit(seconds) for phase, seconds in client.timeout.as_dict().items()}
    if not at_home:
        return library.Request(method, url, headers=headers, extensions={"timeout": timeout})
    more: dict[str, Any] = {}
    if body is not None:
        more = {"content": body.content, "files": body.parts}
    sending: Any = client
    request = sending.build_request(method, url, headers=headers, timeout=library.Timeout(**timeout), **more)
    if body is not None and body.parts:
        request.stream = _followed(library, request, body, check_time)
    return request


def _followed(library: Any, request: Any, body: RequestBody, check_time: Callable[[], None]) -> Any:
    """Return the stream of a form that says how far it has come, and ends when the call does."""
    stream, length = request.stream, request.headers.get("content-length")
    total = None if length is None else int(length)

    def progress(sent: int) -> object:
        check_time()
        try:
            return None if body.on_progress is None else body.on_progress(sent, total)
        except Exception as error:
            body.interruption = error
            raise

    async def awaited(result: object) -> None:
        try:
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            body.interruption = error
            raise

    class Followed(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]  # of either library
        def __iter__(self) -> Iterator[bytes]:
            sent = 0
            for piece in stream:
                yield piece
                sent += len(piece)
                progress(sent)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            sent = 0
            async for piece in stream:
                yield piece
                sent += len(piece)
                await awaited(progress(sent))

    return Followed()


def auth_of(client: AnyHttpClient, *, at_home: bool) -> Any:
    """Return the `auth` to send a request with: the client's for the service, none for any other server."""
    return _library_of(client).USE_CLIENT_DEFAULT if at_home else None


def is_failure(error: Exception) -> bool:
    """Return whether an error is the HTTP library's or the network's.

    Any other is the caller's own: one that a signal handler raises, for example, or a hook of the HTTP client. The
    library raises built-in ones as well, as for a closed client or a malformed challenge: what counts is whose code
    raised it.
    """
    if isinstance(error, ExceptionGroup):
        return all(map(is_failure, error.exceptions))
    if raised_by_handler(error) is not None:
        return False
    if isinstance(error, OSError) or _is(error, "HTTPError", "InvalidURL", "StreamError", "CookieConflict"):
        return True
    if type(error).__module__ != "builtins" or type(error) is Exception:
        return False
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    return frames is not None and frames.tb_frame.f_globals.get("__name__", "").partition(".")[0] in _BENEATH


def callers_own(error: BaseException) -> BaseException:
    """Return the caller's own exception.

    It may be in the groups in which the library's tasks have put it, or what the library made this error of. Where it
    is neither, it is the error itself.
    """
    while isinstance(error, BaseExceptionGroup):
        inner = (each for each in error.exceptions if not (isinstance(each, Exception) and is_failure(each)))
        error = next(inner, error.exceptions[0])
    return raised_by_handler(error) or error


def is_timeout(error: Exception) -> bool:
    """Return whether a failure is a timeout of one phase of a request."""
    return _is(error, "TimeoutException")


def may_pass(error: Exception) -> bool:
    """Return whether the same request may succeed after this failure."""
    from_network = isinstance(error, OSError) or _is(error, "HTTPError")
    from_network = from_network and not _is(error, "UnsupportedProtocol", "LocalProtocolError")
    return from_network and UNTRUSTED not in str(error)


def nothing_was_sent(error: Exception) -> bool:
    """Return whether a request failed before a byte of it was sent."""
    return _is(error, "ConnectError", "ConnectTimeout", "PoolTimeout")


def reason_of(error: Exception) -> str:
    """Return what happened in one line, without the headers of the caller's own HTTP client."""
    words = str(error)
    if _is(error, "LocalProtocolError"):  # it quotes the header
        words = "the HTTP client makes a request that cannot be sent, look at its headers"
    return " ".join(f"{type(error).__name__}: {words}".rstrip(": ").split())


def refusal_in(error: Exception) -> HttpResponse | None:
    """Return the answer for which a hook of the caller's HTTP client raised this error; None for any other error."""
    if not _is(error, "HTTPStatusError"):
        return None
    response = cast("HttpResponse", cast("Any", error).response)
    return None if response.is_success else response


_reading: ContextVar[Callable[[HttpResponse], Callable[[bytes], None]] | None] = ContextVar("reading", default=None)


@contextmanager
def refusals_read_first(
    client: AnyHttpClient, begin: Callable[[HttpResponse], Callable[[bytes], None]]
) -> Iterator[None]:
    """Read the body of an error answer within the block before the hooks of the caller's HTTP client see it.

    A hook that raises, as with `raise_for_status`, closes the connection, and the body says what was refused. `begin`
    takes the answer, and returns what takes each chunk of its body and may raise to end the reading. The client gets
    one hook more, before its own, that does nothing outside of such blocks.
    """
    hooks: list[Any] = client.event_hooks["response"]
    first = _read_first if _is(client, "Client") else _read_first_async
    if hooks and first not in hooks:
        hooks.insert(0, first)
    token = _reading.set(begin)
    try:
        yield
    finally:
        _reading.reset(token)


def _read_first(response: Any) -> None:
    begin = _reading.get()
    if begin is None or not response.is_error or response.is_stream_consumed:
        return
    feed, pieces = begin(response), list[bytes]()
    for piece in response.stream:
        feed(piece)
        pieces.append(piece)
    response.stream.close()
    response.stream = _library_of(response).ByteStream(b"".join(pieces))


async def _read_first_async(response: Any) -> None:
    begin = _reading.get()
    if begin is None or not response.is_error or response.is_stream_consumed:
        return
    feed, pieces = begin(response), list[bytes]()
    async for piece in response.stream:
        feed(piece)
        pieces.append(piece)
    await response.stream.aclose()
    response.stream = _library_of(response).ByteStream(b"".join(pieces))


def content_of(response: HttpResponse) -> bytes:
    """Return a body as far as it has been read: empty where it has not, as its connection is closed by now."""
    try:
        return response.content
    except RuntimeError as error:
        if not _is(error, "ResponseNotRead"):
            raise
        return b""
