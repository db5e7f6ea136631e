"""The exchanges of one connection, from a copy of its bytes."""

from __future__ import annotations

import datetime as dt
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sleeptalk.runtime.bodies import GZIP_WINDOWS, BodyReader, TooLargeError, UndecodableError
from sleeptalk.runtime.recorded import Recorded, RecordedRequest, RecordedResponse, body_of
from sleeptalk_contract.proxying.feed import What
from sleeptalk_contract.proxying.framing import FIRST_FINAL, SWITCHING, Head, Kind, Messages

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_BODY: Final = 16 * 1024 * 1024
"""Bytes of a body that is looked at; a longer one counts as not recorded."""

_WINDOWS: Final = {**GZIP_WINDOWS, "deflate": 15}


@dataclass(slots=True)
class _Body:
    """A body as it comes."""

    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= LARGEST_BODY:
            self.pieces.append(piece)
        else:
            self.pieces.clear()

    @property
    def content(self) -> bytes | None:
        return b"".join(self.pieces) if self.size <= LARGEST_BODY else None


@dataclass(slots=True)
class _Request:
    head: Head
    began: float
    body: _Body = field(default_factory=_Body)
    is_whole: bool = False


class Conversation:
    """Takes the frames of one connection, and makes exchanges of them; `to` is the address of the server behind."""

    def __init__(self, to: str) -> None:
        self._to = to.rstrip("/")
        self._begin()

    def _begin(self) -> None:
        self._requests = Messages()
        self._responses = Messages(self._method)
        self._asking: _Request | None = None
        self._waiting: deque[_Request] = deque()
        self._answer: Head | None = None
        self._body = _Body()

    def take(self, what: What, when: float, data: bytes) -> Iterator[Recorded]:
        """Take a frame, and yield the exchanges that it completes."""
        if what is What.AGAIN:
            self._begin()
        elif what is What.REQUEST:
            self._ask(when, data)
        elif what is What.RESPONSE:
            yield from self._answered(when, data)
        else:
            yield from self._close(what, when)

    def _method(self) -> bytes:
        return self._waiting[0].head.first[0] if self._waiting else b""

    def _ask(self, when: float, data: bytes) -> None:
        for piece in self._requests.feed(data):
            if piece.kind is Kind.HEAD and self._requests.head is not None:
                self._asking = _Request(self._requests.head, when)
                self._waiting.append(self._asking)
            elif self._asking is not None and piece.kind is Kind.BODY:
                self._asking.body.add(piece.payload)
            elif self._asking is not None and piece.kind is Kind.END:
                self._asking.is_whole = True

    def _answered(self, when: float, data: bytes) -> Iterator[Recorded]:
        for piece in self._responses.feed(data):
            if piece.kind is Kind.HEAD:
                self._answer, self._body = self._responses.head, _Body()
                if self._waiting and self._answer is not None and self._answer.status == SWITCHING:
                    yield self._exchange(self._waiting.popleft(), when, None)  # what follows is not HTTP
                    self._answer = None
            elif piece.kind is Kind.BODY:
                self._body.add(piece.payload)
            elif piece.kind is Kind.END and self._answer is not None and self._waiting:
                if self._answer.status >= FIRST_FINAL:
                    yield self._exchange(self._waiting.popleft(), when, self._response())
                self._answer = None

    def _close(self, what: What, when: float) -> Iterator[Recorded]:
        """Yield what was answered until the connection ended, and what was not."""
        if self._answer is not None and self._waiting and self._answer.status >= FIRST_FINAL:
            left = self._responses.left
            is_whole = self._responses.lasts_until_close and what is not What.UPSTREAM_FAILED
            early = "" if is_whole else f"ended after {self._body.size} bytes"
            if left is not None:
                early = f"ended after {self._body.size} of {self._body.size + left} bytes"
            is_cut_by_client = what is What.CLIENT_CLOSED
            yield self._exchange(self._waiting.popleft(), when, None if is_cut_by_client else self._response(early))
        while self._waiting:
            yield self._exchange(self._waiting.popleft(), when, None)

    def _exchange(self, request: _Request, when: float, response: RecordedResponse | None) -> Recorded:
        method, target, _ = request.head.first
        headers = _pairs(request.head)
        has_body = request.body.size or any(name.lower() in _OF_A_BODY for name, _ in headers)
        content = request.body.content if request.is_whole else None  # some answers come before the whole request
        path = target.decode("latin-1")
        return Recorded(
            request=RecordedRequest(
                method.decode("latin-1"),
                self._to + path if path.startswith("/") else path,
                headers,
                body_of(content) if has_body else None,
            ),
            response=response,
            started=dt.datetime.fromtimestamp(request.began, tz=dt.UTC).isoformat(),
            seconds=max(0.0, when - request.began),
            failure=None if response is not None else "connection",
        )

    def _response(self, ended_early: str = "") -> RecordedResponse:
        answer = self._answer
        assert answer is not None
        headers = _pairs(answer)
        encoding = ", ".join(text for name, text in headers if name.lower() == "content-encoding")
        content = self._body.content
        return RecordedResponse(
            answer.status,
            headers,
            body_of(content if ended_early else _decoded(content, encoding)),
            answer.first[0].decode("latin-1"),
            ended_early,
        )


_OF_A_BODY: Final = frozenset({"content-length", "transfer-encoding"})


def _pairs(head: Head) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers]


def _decoded(content: bytes | None, encoding: str) -> bytes | None:
    """Return a body without its content-encoding; None where that cannot be undone here."""
    if not content or not encoding:
        return content
    try:
        reader = BodyReader(LARGEST_BODY, encoding, _WINDOWS)
        reader.feed(content)
        return reader.finish()
    except (UndecodableError, TooLargeError):
        return None
