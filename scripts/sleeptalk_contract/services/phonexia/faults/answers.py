"""Faults of Phonexia's errors, and of its answers to particular requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    answered,
    cut_off,
    cut_short,
    failing,
    from_second_time,
    setting,
    when,
    with_header,
    with_status,
    without,
)
from sleeptalk_contract.services.phonexia.faults.bodies import task_error
from sleeptalk_contract.services.phonexia.sandbox.application import TASK_ID

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change


def _detail(change: Change) -> Apply:
    """Change each entry of a task error's detail."""
    return task_error(lambda error: [change(entry) for entry in error.get("detail", ())])


def _refusal(status: int, change: Change) -> Apply:
    """Change the body of the refusals with one status."""

    def apply(_request: Request, answer: Answer) -> Answer:
        change(answer.body)
        return answer

    return when(answered(status), apply)


def _is_traced(request: Request, answer: Answer) -> bool:
    return answered(200)(request, answer) and "x-correlation-id" in request.headers


def _as_pending(request: Request, answer: Answer) -> Answer:
    answer.status = 200
    answer.body = {"task": {"task_id": request.identifier, "state": "pending"}}
    return answer


def _as_invalid(_request: Request, answer: Answer) -> Answer:
    answer.status = 400
    answer.body["type"] = "request.invalid"
    return answer


def _naming_the_id(request: Request, answer: Answer) -> Answer:
    """Write JSON without escaping what is in it."""
    answer.body = answer.content.replace(b"Request validation error.", f"{request.identifier} is wrong".encode())
    return answer


def _malformed_id(request: Request, answer: Answer) -> bool:
    """Pick the refusals of ids that are malformed, not those of starts."""
    return answered(422)(request, answer) and bool(request.path_parameters)


FAULTS: Final = (
    Fault(
        "analysis.error-type-values",
        "task",
        "has a task error of type storage.full",
        task_error(setting(type="storage.full")),
    ),
    Fault(
        "analysis.error-type-values",
        "request",
        "answers a malformed id with type validation",
        _refusal(422, setting(type="validation")),
    ),
    Fault(
        "analysis.error-detail-shape", "location", "writes the location as one text", _detail(setting(location="file"))
    ),
    Fault("analysis.error-detail-shape", "key-missing", "leaves out the type of a detail", _detail(without("type"))),
    Fault(
        "analysis.error-detail-shape",
        "context",
        "puts an object into the context",
        _detail(setting(context={"channel": {"number": 1}})),
    ),
    Fault(
        "analysis.error-detail-shape",
        "object",
        "writes the detail as an object",
        task_error(setting(detail={"message": "too short"})),
    ),
    Fault(
        "analysis.not-found-404",
        "type",
        "calls an unknown task invalid",
        _refusal(404, setting(type="request.invalid")),
    ),
    Fault("analysis.not-found-404", "no-detail", "has no detail", _refusal(404, setting(detail=[]))),
    Fault(
        "analysis.not-found-404",
        "no-context",
        "does not name the task",
        _refusal(404, lambda body: body["detail"][0].pop("context")),
    ),
    Fault("analysis.not-found-404", "status", "answers 400 to an unknown task", when(answered(404), _as_invalid)),
    Fault(
        "analysis.malformed-id-422",
        "other-body",
        "answers with a body that is not a request error",
        when(_malformed_id, with_status(422, {"detail": "Invalid UUID"})),
    ),
    Fault(
        "analysis.malformed-id-422",
        "success",
        "answers a malformed id as a pending task",
        when(_malformed_id, _as_pending),
    ),
    Fault(
        "analysis.malformed-id-422",
        "not-json",
        "names the id in its message and does not escape it",
        when(_malformed_id, _naming_the_id),
    ),
    Fault(
        "analysis.malformed-id-422",
        "cut-short",
        "sends half of the refusal of a malformed id",
        when(_malformed_id, cut_short),
    ),
    Fault(
        "analysis.rate-limit-429",
        "type",
        "calls a throttled request invalid",
        _refusal(429, setting(type="request.invalid")),
    ),
    Fault(
        "analysis.rate-limit-429",
        "retry-after",
        "writes Retry-After as a word",
        when(answered(429), with_header("retry-after", "soon")),
    ),
    Fault(
        "analysis.rate-limit-429",
        "reset",
        "writes X-RateLimit-Reset as a date",
        when(answered(429), with_header("x-ratelimit-reset", "Sun, 21 Aug 2022 09:31:17 GMT")),
    ),
    Fault("analysis.no-server-error", "malformed-id", "fails on a malformed id", when(_malformed_id, with_status(500))),
    Fault(
        "analysis.no-server-error",
        "dropped",
        "drops the connection when a task is read again",
        when(answered(200), from_second_time(cut_off)),
    ),
    Fault(
        "analysis.no-server-error",
        "trace",
        "fails where a correlation id is sent",
        when(_is_traced, with_status(503)),
    ),
    *failing("analysis.no-server-error", TASK_ID, with_status(500)),
    Fault("analysis.documented-status", "203", "answers a task with 203", when(answered(200), with_status(203))),
    Fault(
        "analysis.documented-status",
        "post",
        "answers a POST with 200",
        when(lambda request, _answer: request.method == "POST" and request.operation is None, with_status(200, {})),
    ),
    Fault(
        "analysis.documented-status",
        "plain-text",
        "sends a 404 as text/plain",
        when(answered(404), with_header("content-type", "text/plain")),
    ),
)
