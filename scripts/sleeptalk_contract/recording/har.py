"""HAR files, as browsers, mitmproxy, schemathesis and Playwright write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk.runtime.recorded import Recorded, RecordedRequest, RecordedResponse, body_of
from sleeptalk_contract.recording.text import (
    MalformedError,
    bytes_of_text,
    declared_length,
    decoded_base64,
    member,
    needed,
    recorded_body,
    without_wrong_length,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sleeptalk.runtime.recorded import Body

    Attached = Callable[[str], bytes | None]
    """Returns a body that lies in a file of its own beside the HAR file, by its name; None where there is none."""

PATH: Final = ("log", "entries")

_FINAL: Final = range(200, 1000)
"""Statuses of answers; 101 is the end of HTTP on a connection, and browsers write 0 or -1 where none came."""

_NOT_FROM_THE_SERVER: Final = ("_fromCache", "_fetchedViaServiceWorker")


def exchanges_of_har(entries: Iterable[Any], attached: Attached) -> Iterator[Recorded]:
    """Yield the exchanges of the entries of a HAR file. Raises MalformedError."""
    for number, entry in enumerate(entries, start=1):
        try:
            yield _exchange(entry, attached)
        except MalformedError as error:
            raise MalformedError(str(error), error.place or f", entry {number}") from None


def _exchange(entry: Any, attached: Attached) -> Recorded:
    request, response = needed(entry, "request", dict), member(entry, "response", dict)
    status = 0 if response is None else member(response, "status", int) or 0
    answer = None
    if response is not None and status in _FINAL:
        headers = _headers(response)
        answer = RecordedResponse(
            status=status,
            headers=headers,
            body=_content(member(response, "content", dict) or {}, headers, attached),
            version=str(member(response, "httpVersion", str) or "").upper(),
        )
    headers = list({(name.lower(), value): (name, value) for name, value in _headers(request)}.values())  # some repeat
    sent = _sent(request, headers, attached)
    return Recorded(
        request=RecordedRequest(
            method=needed(request, "method", str).upper(),
            url=needed(request, "url", str),
            headers=without_wrong_length(headers, sent),
            body=body_of(sent),
        ),
        response=answer,
        started=member(entry, "startedDateTime", str) or "",
        seconds=_seconds(entry),
        failure=None if answer is not None else "connection",
        from_cache=any(each.get(name) for each in (entry, response or {}) for name in _NOT_FROM_THE_SERVER),
    )


def _seconds(entry: Any) -> float | None:
    """Return how long an exchange took from the first byte sent, without what the browser had it wait before."""
    timings = member(entry, "timings", dict) or {}
    parts = [member(timings, name, int, float) for name in ("send", "wait", "receive")]
    known = [each for each in parts if each is not None and each >= 0]
    total = sum(known) if known else member(entry, "time", int, float)
    return None if total is None or total < 0 else total / 1000


def _headers(message: Any) -> list[tuple[str, str]]:
    """Return the headers of a message; those of HTTP/2 that begin with a colon are no headers."""
    found = []
    for each in member(message, "headers", list) or []:
        name, value = needed(each, "name", str), member(each, "value", str)
        if not name.startswith(":"):
            found.append((name, value or ""))
    return found


def _content(content: Any, headers: list[tuple[str, str]], attached: Attached) -> Body:
    """Return the body of an answer; None where it was not recorded, or not as a whole."""
    text, name = member(content, "text", str), member(content, "_file", str)
    if not text:
        kept = None if name is None else attached(name)
    else:
        kept = decoded_base64(text) if member(content, "encoding", str) == "base64" else bytes_of_text(text)
    size, compression = (member(content, each, int, float) or 0 for each in ("size", "compression"))
    return recorded_body(kept, headers, [each for each in (size, size + compression, size - compression) if each > 0])


def _sent(request: Any, headers: list[tuple[str, str]], attached: Attached) -> bytes | None:
    """Return the body of a request; None where there was none, or it was not recorded as it was sent."""
    data = member(request, "postData", dict) or {}
    text, name = member(data, "text", str), member(data, "_file", str)
    if not text:  # Playwright writes an empty one beside the name of a file
        return None if name is None else attached(name)
    if "base64" in {member(data, "encoding", str), member(data, "_encoding", str)}:
        return decoded_base64(text)
    declared, size = declared_length(headers), member(request, "bodySize", int, float)
    return bytes_of_text(text, [each for each in (declared, size) if each is not None and each > 0]) or None
