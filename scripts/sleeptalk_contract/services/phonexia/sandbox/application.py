"""The sandbox's Phonexia Speech Platform: the result of a Time Analysis task.

The bodies of 400, 404, 422 and 429 are those of the page Time Analysis: get result, word for word; that of 405 is the
sandbox's own.
"""

import re
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from starlette.applications import Starlette

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.answers import JSON_HEADERS, Answer, Request, encode
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS, State

TASK_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RATE_WINDOW_SECONDS = 5

_BEFORE_DONE: Sequence[State] = ("pending", "running", "running")

_NO_CREDENTIALS: Mapping[str, str] = MappingProxyType({})
"""The platform runs in the customer's own network and does not require any."""

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"  # stands in a path for bytes that are not UTF-8


class PhonexiaProvider:
    """Answers for a few tasks. Each keeps its state for ever, but for the one that shows how a task moves on."""

    rule_groups = ("analysis",)
    credentials = _NO_CREDENTIALS

    def __init__(self, _credentials: Mapping[str, str] = _NO_CREDENTIALS) -> None:
        self.operations = (document("phonexia").operation("getTimeAnalysis"),)
        self._calls = {call.task_id: call for call in CALLS.values()}
        self._to_come = {task_id: list(_BEFORE_DONE) for task_id in self._calls}

    def answer(self, request: Request) -> Answer:
        """Answer one request. An id may be written in capitals; it is repeated as it was written."""
        task_id = request.identifier
        if request.method != "GET":
            answer = _refusal(405, "method.invalid", "Method not allowed.")
            answer.headers["allow"] = "GET"
            return answer
        if _UNREADABLE in task_id:
            return _refusal(400, "request.invalid", "Invalid request.")
        if not TASK_ID.fullmatch(task_id):
            return _refusal(422, "request.validation-error", "Request validation error.")
        call = self._calls.get(task_id.lower())
        if call is None or call.availability == "expired":
            return _not_found(task_id)
        if call.availability == "rate-limited":
            return _rate_limited()
        if call.availability == "progressing" and self._to_come[call.task_id]:
            call = call.unfinished(self._to_come[call.task_id].pop(0))
        return Answer.encoded(200, JSON_HEADERS, encode(call.as_body(task_id)))


def phonexia_app(faults: Sequence[Fault] = ()) -> Starlette:
    """Return the service as an ASGI application that has `faults`."""
    return application([PhonexiaProvider()], faults)


def _refusal(status: int, error_type: str, message: str, detail: Sequence[object] = ()) -> Answer:
    return Answer(status, body={"type": error_type, "message": message, "detail": list(detail)})


def _not_found(task_id: str) -> Answer:
    detail = {
        "location": ["root"],
        "message": "Task not found.",
        "type": "task.not-found",
        "context": {"task_id": task_id},
    }
    return _refusal(404, "resource.not-found", "Resource not found.", [detail])


def _rate_limited() -> Answer:
    answer = _refusal(429, "request.rate-limit-exceeded", f"Rate limit exceeded: 1 per {RATE_WINDOW_SECONDS} second.")
    answer.headers |= {
        "retry-after": str(RATE_WINDOW_SECONDS),
        "x-ratelimit-limit": "1",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(time.time()) + RATE_WINDOW_SECONDS),
    }
    return answer
