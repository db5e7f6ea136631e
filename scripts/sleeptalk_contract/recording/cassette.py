"""Cassettes of VCR: those of VCR.py, in YAML or JSON, of schemathesis and of Ruby's VCR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from sleeptalk.runtime.recorded import Recorded, RecordedRequest, RecordedResponse, body_of
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.recording.text import (
    MalformedError,
    decoded_base64,
    member,
    needed,
    recorded_body,
    texts,
    without_wrong_length,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATHS: Final = (("interactions",), ("http_interactions",))

_LIST: Final = re.compile(rb"(?m)^(http_)?interactions:[ \t]*\r?\n")
_ITEM: Final = re.compile(rb"(?m)^-[ \t]")
_NEXT_MEMBER: Final = re.compile(rb"(?m)^[^\s#-]")
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one, where it was built
_STATUSES: Final = range(100, 1000)


def interactions_in_yaml(content: bytes) -> Iterator[Any]:
    """Yield the interactions of a cassette in YAML. Raises MalformedError.

    Each is read by itself, as what PyYAML makes of a file takes thirty times its size. Where that cannot be done, as
    one refers to another or the list is not written line by line, the cassette is read as a whole.
    """
    count = 0
    try:
        for start, end in _interactions(content):
            (interaction,) = _read_yaml(content, start, end)
            yield interaction
            count += 1
    except _AliasError:
        whole = True
    else:
        whole = count == 0
    if whole:
        value = _read_yaml(content, 0, len(content))
        found = next((path for (path,) in PATHS if isinstance(value, dict) and path in value), PATHS[0][0])
        yield from needed(value, found, list)[count:]


class _AliasError(Exception):
    """An interaction refers to something outside of it."""


def _interactions(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each interaction begins and ends, of a list that has each on lines of its own."""
    opened = _LIST.search(content)
    if opened is None:
        return
    closed = _NEXT_MEMBER.search(content, opened.end())
    last = len(content) if closed is None else closed.start()
    starts = [each.start() for each in _ITEM.finditer(content, opened.end(), last)]
    yield from zip(starts, [*starts[1:], last], strict=True)


def _read_yaml(content: bytes, start: int, end: int) -> Any:
    try:
        return yaml.load(content[start:end], _LOADER)  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        why = getattr(error, "problem", None) or str(error)
        if start and "undefined alias" in str(why):
            raise _AliasError from None
        mark = getattr(error, "problem_mark", None)
        before = content.count(b"\n", 0, start)
        place = "" if mark is None else f", line {before + mark.line + 1}"
        raise MalformedError(f"it is not YAML: {escaped(' '.join(str(why).split())[:200])}", place) from None
    except (ValueError, RecursionError):
        raise MalformedError("it is not YAML that can be read") from None


def exchanges_of_cassette(interactions: Iterable[Any]) -> Iterator[Recorded]:
    """Yield the exchanges of the interactions of a cassette. Raises MalformedError."""
    for number, each in enumerate(interactions, start=1):
        try:
            yield _exchange(each)
        except MalformedError as error:
            raise MalformedError(str(error), error.place or f", interaction {number}") from None


def _exchange(interaction: Any) -> Recorded:
    request, response = needed(interaction, "request", dict), member(interaction, "response", dict)
    seconds = _seconds(interaction)
    sent_headers = texts(member(request, "headers", dict) or {})
    sent = _content(request)
    answer = None
    if response is not None:
        headers = texts(member(response, "headers", dict) or {})
        content = None if response.get("truncated_from") is not None else _content(response)  # schemathesis kept a part
        answer = RecordedResponse(
            status=_status(response),
            headers=headers,
            body=recorded_body(content, headers),
            version=_version(response),
        )
    return Recorded(
        request=RecordedRequest(
            method=str(needed(request, "method", str)).upper(),
            url=needed(request, "uri", str),
            headers=without_wrong_length(sent_headers, sent),
            body=body_of(sent) if sent else None,
        ),
        response=answer,
        started=str(interaction.get("recorded_at") or ""),
        seconds=seconds,
        failure=None if answer is not None else "connection",
        headers_left_out=True,
    )


def _seconds(interaction: Any) -> float | None:
    """Return how long it took: schemathesis writes it as text."""
    given = interaction.get("elapsed")
    if given is None and isinstance(interaction.get("response"), dict):
        given = interaction["response"].get("elapsed")
    try:
        return None if given is None else max(0.0, float(given))
    except (TypeError, ValueError):
        return None


def _status(response: Any) -> int:
    status = response.get("status")
    code: Any = status.get("code") if isinstance(status, dict) else response.get("status_code", status)
    try:
        number = int(code)
    except (TypeError, ValueError):
        raise MalformedError("its response has no status") from None
    if number not in _STATUSES:
        raise MalformedError("the status of its response is not one of HTTP")
    return number


def _version(response: Any) -> str:
    given = str(response.get("http_version") or "")
    return f"HTTP/{given}" if given[:1].isdigit() else given


def _content(message: Any) -> bytes | None:
    """Return a body: text or bytes by themselves, or in an object under string or base64_string."""
    body = message.get("body", message.get("content"))
    if isinstance(body, dict):
        encoded = member(body, "base64_string", str, bytes)
        if encoded is not None:
            return decoded_base64(encoded if isinstance(encoded, str) else encoded.decode("latin-1"))
        body = body.get("string")
    if body is None:
        return None
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode(errors="surrogatepass")
    raise MalformedError("a body is neither text nor bytes")
