"""One request with its answer, and the verdict on it: the values that fuzzing, listening and the rules share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from sleeptalk_contract.contract.bodies import read_body
from sleeptalk_contract.contract.json_text import NOT_JSON, is_out_of_range, read_json, text_in, why_not_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sleeptalk_contract.contract.operation import Operation

__all__ = [
    "NOT_JSON",
    "Answer",
    "Breach",
    "Exchange",
    "Knowledge",
    "Role",
    "Verdict",
    "is_out_of_range",
    "is_success",
    "joined_headers",
    "read_json",
    "text_in",
    "why_not_json",
]

Role = Literal["provider", "receiver", "sender"]
"""A provider answers operations under `paths`; a receiver answers webhooks, which a sender delivers."""


def is_success(status: int | None) -> bool:
    """Return whether a status is a 2xx; None, of no answer, is not."""
    return status is not None and 200 <= status <= 299  # noqa: PLR2004  # the range that 2xx means


def joined_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers as an Exchange keeps them: names in lower case, repeated values joined with a comma."""
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
    return joined


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as the tools receive it.

    `status` is None when no answer came; `failure` is then "timeout" or "connection". `headers` keep the
    server's order and case. `seconds` run from the first byte sent to the last byte received. A body is `cut` where
    more of it came than is read. `version` is that of HTTP ("HTTP/1.1"), empty where it is not known. A body is
    `encoded` where it is as it came, because its content-encoding could not be undone. `ended_early` says in words how
    far it came where the connection was closed before its end ("ended after 100 of 200 bytes"); empty for a whole one.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    failure: Literal["timeout", "connection"] | None = None
    cut: bool = False
    version: str = ""
    encoded: bool = False
    ended_early: str = ""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, made by one of `sent` and `delivered`.

    Header names are in lower case; repeated values are joined with ", ". Path parameters are decoded. `status` is
    None where no answer came, and `failure` is then "timeout" or "connection". `seconds` runs from the first byte
    sent to the last byte received; nan where that is not known. The repr names neither headers nor bodies, because keys
    travel in them.
    """

    operation: str
    """the operationId"""
    role: Role
    """the role that is judged: the provider or the receiver that answered, or the sender of what was delivered to us"""
    intent: str
    """why it was sent: "known-id", "unknown-id", "malformed-id", "missing-api-key", "generated", "delivery", ..."""
    method: str
    url: str
    path_parameters: Mapping[str, str]
    request_headers: Mapping[str, str]
    request_body: bytes | None
    status: int | None
    response_headers: Mapping[str, str]
    response_body: bytes
    seconds: float
    failure: str | None = None
    version: str = ""
    """the version of HTTP that was answered in, empty where it is not known"""
    encoded: bool = False
    """whether the answer's content-encoding could not be undone, so that its body is as it came"""
    ended_early: str = ""
    """how far the answer's body came ("ended after 100 of 200 bytes"), empty where it is whole"""

    @classmethod
    def sent(  # noqa: PLR0917  # the parts of an exchange, in their order
        cls,
        operation: Operation,
        intent: str,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | None,
        answer: Answer,
        *,
        method: str | None = None,
        path_parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> Exchange:
        """Return what was sent, by the fuzzer, by hand or by a user's test, and the answer that is judged.

        The method is by default the operation's own.
        """
        return cls(
            operation.id,
            "receiver" if operation.is_webhook else "provider",
            intent,
            operation.method if method is None else method,
            url,
            path_parameters,
            joined_headers(headers),
            body,
            answer.status,
            joined_headers(answer.headers),
            answer.body,
            answer.seconds,
            answer.failure,
            answer.version,
            answer.encoded,
            answer.ended_early,
        )

    @classmethod
    def delivered(
        cls,
        operation: Operation,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        answer: Answer = Answer(None),
    ) -> Exchange:
        """Return what a sender delivered to us, which is judged, and our answer."""
        sent = cls.sent(operation, "delivery", url, headers, body, answer)
        return replace(sent, role="sender")

    def __repr__(self) -> str:
        answer = self.failure if self.status is None else self.status
        return f"<Exchange {self.operation} {self.intent}: {self.method} -> {answer}>"

    @cached_property
    def response_json(self) -> Any:
        """The JSON value of the answer's body, or NOT_JSON."""
        return NOT_JSON if self.encoded or self.ended_early else read_body(self.response_body).value

    @cached_property
    def request_json(self) -> Any:
        """The JSON value of the request's body, or NOT_JSON; NOT_JSON too where there is no body."""
        return NOT_JSON if self.request_body is None else read_body(self.request_body).value

    @property
    def successful(self) -> bool:
        """Whether the answer is a 2xx."""
        return is_success(self.status)

    @property
    def response_is_json_type(self) -> bool:
        """Whether the answer's content-type is application/json, with any parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the user knows of an implementation: header values by header name, and ids that are known to exist.

    `claims` are the options by which the user has said something about it, such as "--kept-warm". `allow_writes` is
    whether requests may create, change and delete something.
    """

    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    known_ids: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    allow_writes: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule; `rule` is empty for what belongs to no rule.

    `location` is a JSON Pointer into the judged body, or "status", or "header retry-after". `message` follows it and
    begins with a verb. `words` are the message without the value at hand, where they stand on their own; else "".
    """

    rule: str
    message: str
    location: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one exchange shows: how often each rule was exercised, what broke, and what is `beyond` the rules.

    `succeeded` marks an honest success: an answer 2xx that the document has, or a delivery that rules are about.
    `throttled` marks an answer that is about too many requests and shows nothing about the request itself.
    """

    checked: Mapping[str, int]
    breaches: tuple[Breach, ...] = ()
    beyond: tuple[Breach, ...] = ()
    succeeded: bool = False
    throttled: bool = False
