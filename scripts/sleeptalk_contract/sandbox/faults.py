"""Building blocks for the faults of a service: conditions, and changes of an answer."""

from __future__ import annotations

import codecs
import copy
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request

    Apply = Callable[[Request, Answer], Answer]
    Change = Callable[[dict[str, Any]], object]
    Condition = Callable[[Request, Answer], bool]

_SUCCESSES: Final = range(200, 300)
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands in an id for bytes that are not UTF-8."""


def when(condition: Condition, then: Apply) -> Apply:
    """Apply only to the answers that a condition picks."""

    def apply(request: Request, answer: Answer) -> Answer:
        return then(request, answer) if condition(request, answer) else answer

    return apply


def answered(*statuses: int) -> Condition:
    """Pick the answers with one of these statuses."""
    return lambda _request, answer: answer.status in statuses


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


def failing(rule: str, form: re.Pattern[str], then: Apply) -> tuple[Fault, ...]:
    """Return the faults of a server that fails on what it need not serve: other methods, and ids without the form."""
    conditions: tuple[tuple[str, str, Condition], ...] = (
        ("head", "a HEAD", lambda request, _answer: request.method == "HEAD"),
        ("options", "an OPTIONS", lambda request, _answer: request.method == "OPTIONS"),
        (
            "other-method",
            "a DELETE of a malformed id",
            lambda request, _answer: request.method == "DELETE" and form.fullmatch(request.identifier) is None,
        ),
        ("nul", "a NUL in the path", lambda request, _answer: "\0" in request.identifier),
        ("not-utf-8", "a path that is not UTF-8", lambda request, _answer: _REPLACEMENT in request.identifier),
        ("colon", "a colon in the path", lambda request, _answer: ":" in request.identifier),
    )
    return tuple(Fault(rule, name, f"fails on {what}", when(condition, then)) for name, what, condition in conditions)


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
