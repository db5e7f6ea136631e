"""Record the requests that a receiver gets, and its answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sleeptalk.callback.keys import CREDENTIALS
from sleeptalk.runtime.recorded import (
    KEY,
    RIGHT_KEY,
    WRONG_KEY,
    Recorded,
    RecordedRequest,
    RecordedResponse,
    body_of,
    redacted_body,
    redacting,
    without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from sleeptalk.recording import Recorder

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_KEYS = frozenset({b"x-api-key", b"authorization"})
_MARKS = {401: WRONG_KEY, 405: KEY}
"""What an answer shows of the key: it is looked at after the method, and before all the rest."""


def recorded(recorder: Recorder, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Return `receive` and `send` of a request of ASGI that record it once it is answered."""
    began, started = time.monotonic(), datetime.now(UTC)
    body = bytearray()
    is_whole = False
    keys = {value.decode("latin-1") for name, value in scope["headers"] if name.lower() in _KEYS}
    answer: dict[str, Any] = {"status": 0, "headers": [], "body": bytearray()}

    async def receive_noted() -> MutableMapping[str, Any]:
        nonlocal is_whole
        message = await receive()
        body.extend(message.get("body", b"")[: recorder.body_limit + 1 - len(body)])
        is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message

    async def send_noted(message: MutableMapping[str, Any]) -> None:
        await send(message)
        if message["type"] == "http.response.start":
            answer.update(status=message["status"], headers=_texts(message.get("headers", ())))
        elif message["type"] == "http.response.body":
            answer["body"] += message.get("body", b"")
            if not message.get("more_body", False):
                recorder.record(exchange())

    redact = redacting(keys)

    def exchange() -> Recorded:
        mark = _MARKS.get(answer["status"], RIGHT_KEY)
        headers = without_secrets(_texts(scope["headers"]), CREDENTIALS, redact, mark)
        content = body_of(recorder.short(bytes(body)) if is_whole else None)
        return Recorded(
            request=RecordedRequest(
                scope["method"],
                redact(_address(scope)),
                headers,
                redacted_body(content, redact),
            ),
            response=RecordedResponse(
                answer["status"],
                without_secrets(answer["headers"], (), redact),
                redacted_body(body_of(bytes(answer["body"])), redact),
                f"HTTP/{scope['http_version']}",
            ),
            started=started.isoformat(),
            seconds=time.monotonic() - began,
            webhook=scope["method"] == "POST",
        )

    return receive_noted, send_noted


def _address(scope: Scope) -> str:
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return (path + (b"?" + query if query else b"")).decode("latin-1") or "/"


def _texts(headers: Any) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
