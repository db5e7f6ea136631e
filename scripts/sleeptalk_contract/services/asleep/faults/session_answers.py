"""Faults of Asleep's answers to particular requests: wrong ids and timezones, other methods."""

from __future__ import annotations

import html
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    after_byte_order_mark,
    answered,
    cut_off,
    cut_short,
    failing,
    from_second_time,
    when,
    with_header,
    with_status,
)
from sleeptalk_contract.services.asleep.sandbox.application import SESSION_ID
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Condition

_LONG_ID: Final = 20


def _with_detail(detail: Any) -> Apply:
    def apply(_request: Request, answer: Answer) -> Answer:
        answer.body = {"detail": detail}
        return answer

    return apply


def _refused_for(part: str) -> Condition:
    """Pick the refusals whose sentence has some words."""
    return lambda _request, answer: answer.status in {400, 401, 404, 422} and part in answer.body["detail"]


def _ignoring(name: str) -> Apply:
    """Answer as if a header were not there."""
    return lambda request, _answer: request.with_header(name, None).honest_answer()


def _fastapi_detail(_request: Request, answer: Answer) -> Answer:
    answer.body = {"detail": [{"loc": ["header", "x-user-id"], "msg": "field required", "type": "value_error.missing"}]}
    return answer


def _is_long(request: Request, _answer: Answer) -> bool:
    return len(request.identifier) > _LONG_ID


def _is_known(request: Request, answer: Answer) -> bool:
    return answer.status == 200 and any(n.session_id == request.identifier for n in SCENARIOS.values())  # noqa: PLR2004  # OK


def _as_unknown(request: Request, answer: Answer) -> Answer:
    answer.status = 404
    answer.body = {"detail": f"Unable to find the sleep session of id {request.identifier}"}
    return answer


def _named(change: Callable[[str], str]) -> Apply:
    """Name the id of a refusal otherwise."""

    def apply(request: Request, answer: Answer) -> Answer:
        answer.body = {"detail": answer.body["detail"].replace(request.identifier, change(request.identifier))}
        return answer

    return apply


def _read_as(change: Callable[[str], str]) -> Condition:
    """Pick the refusals of malformed ids that become session ids by a change."""
    return lambda request, answer: (
        _MALFORMED(request, answer) and SESSION_ID.fullmatch(change(request.identifier)) is not None
    )


def _concatenated(_request: Request, answer: Answer) -> Answer:
    """Write JSON without escaping what is in it."""
    answer.body = f'{{"detail": "{answer.body["detail"]}"}}'.encode()
    return answer


def _other_digits_as_ascii(identifier: str) -> str:
    return "".join(str(unicodedata.digit(each, each)) for each in identifier)


_FAILS: Final = with_status(500, {"detail": "Internal Server Error"})
_INVALID_TIMEZONE: Final = _refused_for("timezone")
_NOT_FOUND: Final = _refused_for("Unable to find")
_MALFORMED: Final = _refused_for("The format of")
_NO_USER: Final = _refused_for("x-user-id")

FAULTS: Final = (
    Fault(
        "session.invalid-timezone-400",
        "accepted",
        "treats an unknown timezone as UTC",
        when(_INVALID_TIMEZONE, _ignoring("timezone")),
    ),
    Fault(
        "session.invalid-timezone-400",
        "text",
        "words the detail differently",
        when(_INVALID_TIMEZONE, _with_detail("Invalid timezone")),
    ),
    Fault(
        "session.invalid-timezone-400",
        "status",
        "answers 422 to an unknown timezone",
        when(_INVALID_TIMEZONE, with_status(422)),
    ),
    Fault(
        "session.not-found-404",
        "text",
        "words the detail differently",
        when(_NOT_FOUND, _with_detail("Session not found")),
    ),
    Fault(
        "session.not-found-404",
        "without-id",
        "does not name the id",
        when(_NOT_FOUND, _with_detail("Unable to find the sleep session of id {session_id}")),
    ),
    Fault("session.not-found-404", "status", "answers 400 to an unknown id", when(_NOT_FOUND, with_status(400))),
    Fault(
        "session.malformed-id-422",
        "as-unknown",
        "answers a malformed id as if it were unknown",
        when(_MALFORMED, _as_unknown),
    ),
    Fault("session.malformed-id-422", "status", "answers 400 to a malformed id", when(_MALFORMED, with_status(400))),
    Fault(
        "session.malformed-id-422",
        "text",
        "words the detail differently",
        when(_MALFORMED, _with_detail("Invalid session id")),
    ),
    Fault(
        "session.malformed-id-422",
        "upper-case",
        "accepts an id in capitals as well-formed",
        when(
            lambda request, answer: _MALFORMED(request, answer) and request.identifier[-5:].isupper(),
            _as_unknown,
        ),
    ),
    Fault(
        "session.malformed-id-422",
        "line-end",
        "takes an id with a line end for an unknown one",
        when(_read_as(lambda identifier: identifier.removesuffix("\n")), _as_unknown),
    ),
    Fault(
        "session.malformed-id-422",
        "other-digits",
        "takes an id in Arabic digits for an unknown one",
        when(_read_as(_other_digits_as_ascii), _as_unknown),
    ),
    Fault("session.malformed-id-422", "stripped", "names the id without spaces", when(_MALFORMED, _named(str.strip))),
    Fault("session.malformed-id-422", "escaped", "escapes the id as in HTML", when(_MALFORMED, _named(html.escape))),
    Fault("session.malformed-id-422", "encoded", "names the id as in the path", when(_MALFORMED, _named(quote))),
    Fault(
        "session.error-detail-string",
        "concatenated",
        "does not escape the id that it names",
        when(_MALFORMED, _concatenated),
    ),
    Fault(
        "session.error-detail-string",
        "cut-short",
        "sends half of the refusal of a key",
        when(answered(401), cut_short),
    ),
    Fault(
        "session.error-detail-string",
        "byte-order-mark",
        "begins a refusal with a byte order mark",
        when(_NOT_FOUND, after_byte_order_mark),
    ),
    Fault(
        "session.error-detail-string",
        "list",
        "answers a missing user with a list as detail",
        when(_NO_USER, _fastapi_detail),
    ),
    Fault(
        "session.error-detail-string",
        "object",
        "answers a wrong key with an object as detail",
        when(answered(401), _with_detail({"code": "UNAUTHORIZED"})),
    ),
    Fault(
        "session.error-detail-string",
        "null",
        "answers an unknown id with null as detail",
        when(_NOT_FOUND, _with_detail(None)),
    ),
    Fault(
        "session.no-server-error",
        "long-id",
        "fails on an id that is longer than a session id",
        when(_is_long, with_status(500)),
    ),
    Fault(
        "session.no-server-error",
        "second-time",
        "fails when a night is read again",
        when(_is_known, from_second_time(_FAILS)),
    ),
    Fault(
        "session.no-server-error",
        "dropped",
        "drops the connection where a timezone is requested",
        when(lambda request, answer: _is_known(request, answer) and "timezone" in request.headers, cut_off),
    ),
    *failing("session.no-server-error", SESSION_ID, _FAILS),
    Fault("session.documented-status", "203", "answers a night with 203", when(_is_known, with_status(203))),
    Fault(
        "session.documented-status",
        "post",
        "answers a POST with 200",
        when(lambda request, _answer: request.method == "POST", with_status(200, {"detail": "ok"})),
    ),
    Fault(
        "session.documented-status",
        "plain-text",
        "sends a 404 as text/plain",
        when(answered(404), with_header("content-type", "text/plain")),
    ),
)
