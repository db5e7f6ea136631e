"""Building blocks for the faults of a service: conditions, and changes of an answer."""

from __future__ import annotations

import codecs
import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request

    Apply = Callable[[Request, Answer], Answer]
    Change = Callable[[dict[str, Any]], object]
    Condition = Callable[[Request, Answer], bool]

_SUCCESSES: Final = range(200, 300)


def when(condition: Condition, then: Apply) -> Apply:
    """Apply only to the answers that a condition picks."""

    def apply(request: Request, answer: Answer) -> Answer:
        return then(request, answer) if condition(request, answer) else answer

    return apply


def answered(*statuses: int) -> Condition:
    """Pick the answers with one of these statuses."""
    return lambda _request, answer: answer.status in statuses


def asked_by(*methods: str) -> Condition:
    """Pick the requests with one of these methods."""
    return lambda request, _answer: request.method in methods


def asked_for(text: str) -> Condition:
    """Pick the requests whose id has a text in it; "\N{REPLACEMENT CHARACTER}" stands for bytes that are not UTF-8."""
    return lambda request, _answer: text in request.identifier


def from_second_time(then: Apply) -> Apply:
    """Apply only where the same request came before."""
    return when(lambda request, _answer: request.count > 0, then)


def in_body(change: Change) -> Apply:
    """Change the JSON object of each success in place."""

    def apply(_request: Request, answer: Answer) -> Answer:
        body = answer.body if answer.status in _SUCCESSES else None
        if isinstance(body, dict):
            change(body)
        return answer

    return apply


def with_status(status: int, body: Any = None) -> Apply:
    """Answer with another status, and with another body where one is given."""

    def apply(_request: Request, answer: Answer) -> Answer:
        answer.status = status
        if body is not None:
            answer.body = copy.deepcopy(body)
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


def trusting(header: str) -> Apply:
    """Answer as if a header had the value that is expected in it."""
    return lambda request, _answer: request.with_header(
        header, request.implementation.credentials[header]
    ).honest_answer()


def delayed(seconds: float) -> Apply:
    """Answer later."""

    def apply(_request: Request, answer: Answer) -> Answer:
        answer.delay = seconds
        return answer

    return apply


def cut_off(_request: Request, answer: Answer) -> Answer:
    """Drop the connection in the middle of the body."""
    answer.cut_off = True
    return answer


def cut_short(_request: Request, answer: Answer) -> Answer:
    """Send half of the body, as a wrong Content-Length would."""
    answer.body = answer.content[: len(answer.content) // 2]
    return answer


def after_byte_order_mark(_request: Request, answer: Answer) -> Answer:
    """Begin the body with a byte order mark."""
    answer.body = codecs.BOM_UTF8 + answer.content
    return answer


def setting(**values: Any) -> Change:
    """Set some keys."""
    return lambda found: found.update(copy.deepcopy(values))


def without(*names: str) -> Change:
    """Leave some keys out."""
    return lambda found: [found.pop(name, None) for name in names]


def adding(*names: str, amount: float) -> Change:
    """Add the same amount to some numbers."""
    return lambda found: found.update({name: found[name] + amount for name in names})
