"""Answers as HTTP libraries and the test clients of frameworks hold them, read into one form.

What an object is, is seen from what it has, so that none of these libraries is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sleeptalk.runtime.bodies import GZIP_WINDOWS, BodyReader, TooLargeError, UndecodableError

READABLE: Final = "a response of httpx or requests, or of the test client of Flask, Django, Starlette or FastAPI"

Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]
"""Headers as a mapping or as pairs, of texts or of bytes."""

_LARGEST_BODY: Final = 64 * 1024 * 1024
_WINDOWS: Final = {**GZIP_WINDOWS, "deflate": 15}


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """An answer and the request that it answers.

    `body` is decoded from its content-encoding. `sent` is the body of the request, None where it has none that can be
    read again. `url` is the whole address, percent-encoded.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    sent: bytes | None


def read_response(response: Any) -> ReadResponse:
    """Read an answer.

    Raises TypeError for what is not READABLE, and ValueError, which says why, for one whose body or request cannot be
    read.
    """
    status, headers = getattr(response, "status_code", None), getattr(response, "headers", None)
    if not isinstance(status, int) or isinstance(status, bool) or headers is None:
        raise TypeError(f"Cannot judge {_name(response)}: pass {READABLE}.")
    given = pairs(headers)
    method, url, request_headers, sent = _request(response)
    return ReadResponse(status, given, _body(response, given), method, url, request_headers, sent)


def pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return the names and values of headers as texts."""
    items = getattr(headers, "items", None)
    listed: Any = headers if items is None else items()
    return tuple((_text(name), _text(value)) for name, value in listed)


def _request(response: Any) -> tuple[str, str, tuple[tuple[str, str], ...], bytes | None]:
    """Return the method, address, headers and body of the request that was answered."""
    django = getattr(response, "wsgi_request", None) or getattr(response, "asgi_request", None)
    try:
        request = django or response.request
        address = _address_in_django(request) if django is not None else str(request.url)
        return str(request.method), address, pairs(request.headers), _sent(request)
    except (AttributeError, RuntimeError) as error:  # httpx raises RuntimeError where a response has no request
        raise ValueError(
            f"Cannot tell which request {_name(response)} answers: pass {READABLE}, as the client returned it."
        ) from error


def _address_in_django(request: Any) -> str:
    """Return the address of a request of Django; its own method wants the host to be an allowed one."""
    return f"{request.scheme}://{request.META.get('SERVER_NAME', 'testserver')}{request.get_full_path()}"


def _sent(request: Any) -> bytes | None:
    """Return the body of a request, which httpx calls content and werkzeug data; None where it cannot be read again."""
    for name in ("body", "content", "data"):
        with suppress(Exception):  # a stream that was read while it was sent; libraries have errors of their own
            body = getattr(request, name)
            if isinstance(body, str | bytes):
                return body.encode() if isinstance(body, str) else body
    return None


def _body(response: Any, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return the body of an answer, decoded: httpx and requests do that, test clients hand on what was sent."""
    try:
        if getattr(response, "streaming", False):  # Django's, whose body can be read once
            content = b"".join(response.streaming_content)
            response.streaming_content = [content]
        elif hasattr(response, "content"):
            content = response.content
        else:
            content = response.get_data()
    except Exception as error:
        raise ValueError(
            f"The body of {_name(response)} cannot be read ({_sentence(error)}): read it to its end before."
        ) from error
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError(f"Cannot judge {_name(response)}, whose body is not bytes: pass {READABLE}.")
    is_as_sent = hasattr(response, "wsgi_request") or hasattr(response, "asgi_request") or hasattr(response, "get_data")
    encoding = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
    return _decoded(bytes(content), encoding) if is_as_sent and encoding else bytes(content)


def _decoded(content: bytes, encoding: str) -> bytes:
    try:
        body = BodyReader(_LARGEST_BODY, encoding, _WINDOWS)
        body.feed(content)
        return body.finish()
    except (UndecodableError, TooLargeError) as error:
        raise ValueError(
            f"The body cannot be read, its content-encoding is {encoding}: send the request without accept-encoding."
        ) from error


def _name(response: object) -> str:
    kind = type(response)
    return f"a {kind.__name__} of {kind.__module__.partition('.')[0]}"


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
