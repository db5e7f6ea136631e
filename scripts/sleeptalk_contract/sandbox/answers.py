"""One request to the sandbox and its answer, which faults may change.

A delivery of a sender goes the same way: its request names the position among the deliveries, and the answer's headers
and body are what the sender posts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

from sleeptalk_contract.contract.multipart import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.multipart import Part
    from sleeptalk_contract.contract.service import Fault

JSON_HEADERS: Mapping[str, str] = {"content-type": "application/json"}


class Answer:
    """What the sandbox sends: an HTTP answer, or one delivery. Faults may change every part of it.

    `status` is the HTTP status (0 in a delivery, which has none); `headers` map names in lower case to values.
    `body` is a JSON value, encoded when it is sent, or bytes, sent as they are. `delay` is the number of seconds to
    wait before the answer; with `cut_off` the connection is closed before the body has been sent.
    """

    __slots__ = ("_body", "_content", "cut_off", "delay", "headers", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str] = JSON_HEADERS,
        body: Any = b"",
        *,
        delay: float = 0.0,
        cut_off: bool = False,
    ) -> None:
        self.status = status
        self.headers = dict(headers)
        self._body = body
        self._content: bytes | None = None
        self.delay = delay
        self.cut_off = cut_off

    @classmethod
    def encoded(cls, status: int, headers: Mapping[str, str], content: bytes) -> Self:
        """Make an answer from JSON that is already encoded; it is decoded only when `body` is read."""
        answer = cls(status, headers)
        answer._content = content
        return answer

    @property
    def body(self) -> Any:
        """The JSON value or the bytes to send. A JSON value is this answer's own copy and may be changed in place."""
        if self._content is not None:
            self._body = json.loads(self._content)
            self._content = None
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        self._content = None
        self._body = body

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if self._content is not None:
            return self._content
        return self._body if isinstance(self._body, bytes) else encode(self._body)

    @property
    def sent(self) -> tuple[object, ...]:
        """All that reaches the other side, to compare."""
        return self.status, tuple(self.headers.items()), self.content, self.delay, self.cut_off


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to the sandbox, as its implementations and their faults see it.

    - `implementation`: the honest one that is asked.
    - `operation`: the operationId; None where the document has no such method at the path.
    - `path_parameters`, `query`: decoded values; of a query parameter every value, in order.
    - `headers`: names in lower case; of a repeated header the first value.
    - `count`: how often the same path was requested with the same body before (only counted for faults); in a
      delivery its position among the deliveries of its scenario, from 0.
    """

    implementation: Implementation
    method: str
    path: str
    operation: str | None = None
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    count: int = 0

    @property
    def identifier(self) -> str:
        """The first path parameter; empty where the path has none."""
        return next(iter(self.path_parameters.values()), "")

    @cached_property
    def json(self) -> Any:
        """The body's JSON value; None where the body is not JSON."""
        try:
            return json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None

    @cached_property
    def form(self) -> Mapping[str, Part]:
        """The parts of a multipart/form-data body by name; empty where the body is not one."""
        return parts_of(self.headers.get("content-type", ""), self.body)

    def honest_answer(self, **changes: Any) -> Answer:
        """Return the honest answer to this request, or to this request with some attributes changed."""
        return self.implementation.answer(replace(self, **changes))

    def with_header(self, name: str, value: str | None) -> Request:
        """Return this request with one header (name in lower case) set, or left out where the value is None."""
        headers = {key: text for key, text in self.headers.items() if key != name}
        if value is not None:
            headers[name] = value
        return replace(self, headers=headers)


class Implementation(Protocol):
    """An honest implementation: answers each request as the contract has it."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """The values that it expects, or that a sender sends, by header name in lower case."""
        ...

    def answer(self, request: Request) -> Answer:
        """Answer one request. Never raises."""
        ...


def faults_of_group(faults: Sequence[Fault], *groups: str) -> tuple[Fault, ...]:
    """Return the faults whose rules are of some groups of the catalogue."""
    return tuple(fault for fault in faults if fault.rule.partition(".")[0] in groups)


def answer_with_faults(request: Request, faults: Sequence[Fault]) -> Answer:
    """Return the honest answer after each fault, in order, has changed it."""
    return answer_and_breaks(request, faults, tell=False)[0]


def answer_and_breaks(request: Request, faults: Sequence[Fault], *, tell: bool = True) -> tuple[Answer, list[Fault]]:
    """Return what `answer_with_faults` returns, and which of the faults have changed it; none where not to `tell`."""
    answer = request.implementation.answer(request)
    breaks: list[Fault] = []
    for fault in faults:
        before = answer.sent if tell else None
        answer = fault.apply(request, answer)
        if tell and answer.sent != before:
            breaks.append(fault)
    return answer, breaks


def encode(body: Any) -> bytes:
    """Encode a JSON value as the sandbox sends it: compact, and in ASCII, so that every text can be encoded."""
    return json.dumps(body, separators=(",", ":")).encode()
