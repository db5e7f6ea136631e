"""HAR files, as browsers, mitmproxy, schemathesis and Playwright write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk.recording import Recorded, RecordedRequest, RecordedResponse, body_of
from sleeptalk_contract.contract.bounded import RefusedError, read_bytes
from sleeptalk_contract.recording.text import MalformedError, decoded_base64, member, needed, without_wrong_length

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sleeptalk.recording import Body

_FIRST_STATUS: Final = 100
_LAST_STATUS: Final = 999


def exchanges_of_har(value: object, path: Path | None) -> Iterator[Recorded]:
    """Yield the exchanges of a HAR file; `path` is its place, beside which bodies may lie.

    Raises MalformedError.
    """
    entries = needed(needed(value, "log", dict), "entries", list)
    for number, entry in enumerate(entries, start=1):
        try:
            yield _exchange(entry, path)
        except MalformedError as error:
            raise MalformedError(str(error), f", entry {number}") from None


def _exchange(entry: Any, path: Path | None) -> Recorded:
    request, response = needed(entry, "request", dict), member(entry, "response", dict)
    status = 0 if response is None else member(response, "status", int) or 0
    answer = None
    if response is not None and _FIRST_STATUS <= status <= _LAST_STATUS:
        content = member(response, "content", dict)
        answer = RecordedResponse(
            status=status,
            headers=_headers(response),
            body=None if content is None else _content(content, path),
            version=str(member(response, "httpVersion", str) or "").upper(),
        )
    headers, sent = _headers(request), _sent(request, path)
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


def _content(content: Any, path: Path | None) -> Body:
    """Return the body of an answer, which is decoded from its content-encoding; None where it was not recorded."""
    text = member(content, "text", str)
    if text is None:
        attached = member(content, "_file", str)
        if attached is not None:
            return body_of(_attached(attached, path))
        size = member(content, "size", int, float)
        return "" if size == 0 else None
    if member(content, "encoding", str) == "base64":
        return body_of(decoded_base64(text))
    return body_of(text.encode(errors="surrogatepass"))


def _sent(request: Any, path: Path | None) -> bytes | None:
    data = member(request, "postData", dict)
    if data is None:
        return None
    attached = member(data, "_file", str)
    if attached is not None:
        return _attached(attached, path)
    text = member(data, "text", str)
    if text is None:
        return None
    is_base64 = "base64" in {member(data, "encoding", str), member(data, "_encoding", str)}
    return decoded_base64(text) if is_base64 else text.encode(errors="surrogatepass")


def _attached(name: str, path: Path | None) -> bytes | None:
    """Return a body that lies in a file of its own beside the HAR file; None where there is none."""
    if path is None:
        return None
    folder = path.absolute().parent
    try:
        return read_bytes(folder / name, within=folder)
    except (OSError, RefusedError):
        return None
