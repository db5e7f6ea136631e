"""Faults of Asleep's answers to particular requests: wrong keys, ids and timezones, other methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    answered,
    cut_off,
    from_second_time,
    trusting,
    when,
    with_header,
    with_status,
)
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

if TYPE_CHECKING:
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


def _lenient_key(accepts: Any) -> Apply:
    """Answer as if the right key had been sent where `accepts` takes the given one."""

    def apply(request: Request, answer: Answer) -> Answer:
        given = request.headers.get("x-api-key")
        if answer.status != 401 or not accepts(given, request.implementation.credentials["x-api-key"]):  # noqa: PLR2004  # 401 is 401
            return answer
        return trusting("x-api-key")(request, answer)

    return apply


def _any(given: str | None, _key: str) -> bool:
    return bool(given)


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
        "session.api-key-required",
        "missing",
        "accepts a missing key",
        _lenient_key(lambda given, _key: given is None),
    ),
    Fault(
        "session.api-key-required",
        "any",
        "accepts any key",
        _lenient_key(_any),
    ),
    Fault(
        "session.api-key-required",
        "prefix",
        "accepts every beginning of the right key",
        _lenient_key(lambda given, key: given and key.startswith(given)),
    ),
    Fault(
        "session.api-key-required",
        "capitals",
        "ignores case when it compares keys",
        _lenient_key(lambda given, key: given and given.lower() == key.lower()),
    ),
    Fault("session.api-key-required", "status", "answers 404 to a wrong key", when(answered(401), with_status(404))),
    Fault(
        "session.user-id-required",
        "accepted",
        "accepts a missing user id",
        when(_NO_USER, trusting("x-user-id")),
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
        when(_is_known, from_second_time(with_status(500, {"detail": "Internal Server Error"}))),
    ),
    Fault(
        "session.no-server-error",
        "dropped",
        "drops the connection where a timezone is requested",
        when(lambda request, answer: _is_known(request, answer) and "timezone" in request.headers, cut_off),
    ),
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
