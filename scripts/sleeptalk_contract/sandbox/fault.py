"""One way to break one rule, and the ways to make one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request

    Apply = Callable[[Request, Answer], Answer]
    Change = Callable[[dict[str, Any]], object]
    Condition = Callable[[Request, Answer], bool]

_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one rule: `apply` gives the answer to send instead of the honest one.

    `rule` is the id of the rule, `name` tells the ways to break the same rule apart, `says` is a sentence about what
    the broken implementation does.
    """

    rule: str
    name: str
    says: str
    apply: Apply

    @property
    def full_name(self) -> str:
        """The rule and the name in one: "session.shape:stat-key-missing"."""
        return f"{self.rule}:{self.name}"


def when(condition: Condition, then: Apply) -> Apply:
    """Apply only to the answers that a condition picks."""

    def apply(request: Request, answer: Answer) -> Answer:
        return then(request, answer) if condition(request, answer) else answer

    return apply


def in_body(change: Change) -> Apply:
    """Change the JSON object of each 200 in place."""

    def apply(_request: Request, answer: Answer) -> Answer:
        body = answer.body if answer.status == _OK else None
        if isinstance(body, dict):
            change(body)
        return answer

    return apply


def from_second_time(then: Apply) -> Apply:
    """Apply only where the same id was asked for before."""
    return when(lambda request, _answer: request.count > 0, then)


def with_status(status: int, body: Any = None) -> Apply:
    """Answer with another status, and with another body where one is given."""

    def apply(_request: Request, answer: Answer) -> Answer:
        answer.status = status
        if body is not None:
            answer.body = body
        return answer

    return apply


def with_header(name: str, value: str | None) -> Apply:
    """Answer with a header (name in lower case) set, or left out where the value is None."""

    def apply(_request: Request, answer: Answer) -> Answer:
        answer.headers.pop(name, None)
        if value is not None:
            answer.headers[name] = value
        return answer

    return apply


def cut_off(_request: Request, answer: Answer) -> Answer:
    """Drop the connection in the middle of the body."""
    answer.cut_off = True
    return answer


def answered(*statuses: int) -> Condition:
    """Pick the answers with one of these statuses."""
    return lambda _request, answer: answer.status in statuses
