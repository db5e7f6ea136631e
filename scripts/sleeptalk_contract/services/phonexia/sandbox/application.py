"""The sandbox's Phonexia Speech Platform: Time Analysis, from an uploaded recording to the result of its task.

The bodies of 400, 404, 422 and 429 are those of the page Time Analysis: get result, word for word; those of 403, 405,
413 and 507 have the documented types, and messages of the sandbox's own.
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
from sleeptalk_contract.services.phonexia.sandbox.tasks import Tasks
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS, START_TIME_ANALYSIS

TASK_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RATE_WINDOW_SECONDS = 5

_BEFORE_DONE: Sequence[State] = ("pending", "running", "running")

REFUSED_FILES: Mapping[str, tuple[int, str, str]] = MappingProxyType(
    {
        "too-large.wav": (413, "request.size-limit-exceeded", "Request size limit exceeded."),
        "storage-full.wav": (507, "storage.capacity-exceeded", "Storage capacity exceeded."),
        "forbidden.wav": (403, "request.forbidden", "Request forbidden."),
    }
)
"""How a start is refused whose file is named so, whatever is in it."""

RATE_LIMITED_FILE = "rate-limited.wav"

_CHANNELS = re.compile(START_TIME_ANALYSIS.parameter("channels").pattern or "")

_NO_CREDENTIALS: Mapping[str, str] = MappingProxyType({})
"""The platform runs in the customer's own network and does not require any."""

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"  # stands in a path for bytes that are not UTF-8


class PhonexiaProvider:
    """Answers for a few tasks, and for those that uploads start.

    The few keep their state for ever, but for the one that shows how a task moves on.
    """

    rule_groups = ("analysis",)
    credentials = _NO_CREDENTIALS

    def __init__(self, _credentials: Mapping[str, str] = _NO_CREDENTIALS) -> None:
        self.operations = tuple(
            document("phonexia").operation(each.id) for each in (START_TIME_ANALYSIS, GET_TIME_ANALYSIS)
        )
        self._tasks = Tasks()
        self._calls = {call.task_id: call for call in CALLS.values()}
        self._to_come = {task_id: list(_BEFORE_DONE) for task_id in self._calls}

    def answer(self, request: Request) -> Answer:
        """Answer one request. An id may be written in capitals; it is repeated as it was written."""
        allowed = "GET" if request.path_parameters else "POST"
        if request.method != allowed:
            return _other_method(allowed)
        return self._read(request.identifier) if request.path_parameters else self._start(request)

    def _read(self, task_id: str) -> Answer:
        if _UNREADABLE in task_id:
            return _refusal(400, "request.invalid", "Invalid request.")
        if not TASK_ID.fullmatch(task_id):
            return _refusal(422, "request.validation-error", "Request validation error.")
        call = self._calls.get(task_id.lower()) or self._tasks.read(task_id.lower())
        if call is None or call.availability == "expired":
            return _not_found(task_id)
        if call.availability == "rate-limited":
            return _rate_limited()
        if call.availability == "progressing" and self._to_come[call.task_id]:
            call = call.unfinished(self._to_come[call.task_id].pop(0))
        return Answer.encoded(200, JSON_HEADERS, encode(call.as_body(task_id)))

    def _start(self, request: Request) -> Answer:
        channels, file = request.query.get("channels", ("",))[-1], request.form.get("file")
        if file is None or not file.content or _CHANNELS.fullmatch(channels) is None:
            return _refusal(422, "request.validation-error", "Request validation error.")
        name = file.file_name or ""
        if name in REFUSED_FILES:
            return _refusal(*REFUSED_FILES[name])
        if name == RATE_LIMITED_FILE:
            return _rate_limited()
        task_id = self._tasks.start(file.content, name, [int(number) for number in channels.split(",") if number])
        path = request.path.rstrip("/") + f"/{task_id}"
        headers = {**JSON_HEADERS, "location": path, "x-location": path}
        return Answer.encoded(202, headers, encode({"task": {"task_id": task_id, "state": "pending"}}))


def phonexia_app(faults: Sequence[Fault] = ()) -> Starlette:
    """Return the service as an ASGI application that has `faults`."""
    return application([PhonexiaProvider()], faults)


def _refusal(status: int, error_type: str, message: str, detail: Sequence[object] = ()) -> Answer:
    return Answer(status, body={"type": error_type, "message": message, "detail": list(detail)})


def _other_method(allowed: str) -> Answer:
    answer = _refusal(405, "method.invalid", "Method not allowed.")
    answer.headers["allow"] = allowed
    return answer


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
