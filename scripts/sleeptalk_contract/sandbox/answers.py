"""One request to the sandbox, its answer, and the place where faults come in.

A callback delivery goes the same way: its request names the session and the position in the night, and the answer's
headers and body are what the sender posts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

JSON_HEADERS: Mapping[str, str] = {"content-type": "application/json"}


class Answer:
    """What is sent: an HTTP answer, or one callback delivery. Faults may change every part of it.

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
        """Make an answer from JSON that is already encoded; it is decoded only if somebody reads `body`."""
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


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a service sees it.

    `identifier` is the id in the path, percent-decoded (in a delivery: the session's id). `headers` have names in lower
    case; a repeated header keeps its first value. `count` says how often the same id was asked for before this request
    (in a delivery: the position among the deliveries of its night, from 0). `service` is the honest service.
    """

    method: str
    path: str
    identifier: str
    headers: Mapping[str, str]
    service: "Service"
    count: int = 0

    def honest_answer(self, **changes: Any) -> Answer:
        """Return what the honest service says to this request, or to this request with some attributes changed."""
        return self.service.answer(replace(self, **changes))

    def with_header(self, name: str, value: str | None) -> "Request":
        """Return this request with one header (name in lower case) set, or left out where the value is None."""
        headers = {key: text for key, text in self.headers.items() if key != name}
        if value is not None:
            headers[name] = value
        return replace(self, headers=headers)


class Service(Protocol):
    """A service: says for each request what the contract calls for."""

    def answer(self, request: Request) -> Answer:
        """Answer one request. Never raises, whatever was asked."""
        ...


class Fault(Protocol):
    """One way to break one rule."""

    @property
    def rule(self) -> str:
        """The id of the rule that it breaks."""
        ...

    def apply(self, request: Request, answer: Answer, /) -> Answer:
        """Return the answer to send instead: the one given, changed in place or not, or a new one."""
        ...


def faults_of_group(faults: Sequence[Fault], group: str) -> tuple[Fault, ...]:
    """Return the faults whose rules are of one group of the catalogue: "session", "analysis" or "callback"."""
    return tuple(fault for fault in faults if fault.rule.startswith(f"{group}."))


def answer_with_faults(request: Request, faults: Sequence[Fault]) -> Answer:
    """Return the service's honest answer after each fault, in order, has had its way with it."""
    answer = request.service.answer(request)
    for fault in faults:
        answer = fault.apply(request, answer)
    return answer


def encode(body: Any) -> bytes:
    """Encode a JSON value as the sandbox sends it: compact, and ASCII, so that no text can fail to encode."""
    return json.dumps(body, separators=(",", ":")).encode()
