"""NDJSON of schemathesis: the events of a run, of which the ends of its scenarios have exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sleeptalk.runtime.recorded import Recorded, RecordedRequest, RecordedResponse, body_of
from sleeptalk_contract.recording.text import decoded_base64, member, needed, recorded_body, texts

if TYPE_CHECKING:
    from collections.abc import Iterator


def exchanges_of_event(event: object) -> Iterator[Recorded]:
    """Yield the exchanges of one event. Raises MalformedError."""
    scenario = member(event, "ScenarioFinished", dict)
    if scenario is not None:
        for each in (member(needed(scenario, "recorder", dict), "interactions", dict) or {}).values():
            yield _exchange(each)


def _exchange(interaction: Any) -> Recorded:
    request, response = needed(interaction, "request", dict), member(interaction, "response", dict)
    answer = None
    if response is not None:
        headers = texts(member(response, "headers", dict) or {})
        sizes = [size for size in [member(response, "content_size", int)] if size]  # stated where only a part was kept
        answer = RecordedResponse(
            status=needed(response, "status_code", int),
            headers=headers,
            body=recorded_body(_content(response, "content"), headers, sizes),
        )
    return Recorded(
        request=RecordedRequest(
            method=needed(request, "method", str).upper(),
            url=needed(request, "uri", str),
            headers=texts(member(request, "headers", dict) or {}),
            body=body_of(_content(request, "body")),
        ),
        response=answer,
        seconds=None if response is None else member(response, "elapsed", int, float),
        failure=None if answer is not None else "connection",
    )


def _content(message: Any, name: str) -> bytes | None:
    body = member(message, name, dict)
    return None if body is None else decoded_base64(needed(body, "$base64", str))
