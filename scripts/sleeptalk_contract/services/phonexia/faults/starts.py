"""Faults of starts, and of the tasks that were started: those that the sandbox shows by itself are left as they are."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.sandbox.faults import answered, setting, when, with_header, with_status
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS, FAILED
from sleeptalk_contract.services.phonexia.sandbox.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.sandbox.faults import Apply, Change

_SHOWN: Final = frozenset(call.task_id for call in CALLS.values())
_START: Final = "startTimeAnalysis"
_REQUEST_ERROR: Final = {"type": "request.validation-error", "message": "Request validation error.", "detail": []}
_METHOD_ERROR: Final = {"type": "method.invalid", "message": "Method not allowed.", "detail": []}
_NOT_FOUND: Final = {"type": "resource.not-found", "message": "Resource not found.", "detail": []}


def _started(then: Apply) -> Apply:
    """Change the answer to a start with a recording that was accepted."""
    return when(answered(202), when(lambda request, _answer: request.form["file"].file_name == "call.wav", then))


def _refused_start(condition: Callable[[Request], bool], then: Apply) -> Apply:
    """Change the refusal of some starts."""
    return when(answered(422), when(lambda request, _answer: request.operation == _START and condition(request), then))


def _of_an_upload(then: Apply, *states: str) -> Apply:
    """Change the answer to a read of a task that an upload has started, in some states or in all."""

    def is_meant(request: Request, answer: Answer) -> bool:
        identifier = request.identifier.lower()
        if request.method != "GET" or not identifier or identifier in _SHOWN or answer.status != 200:  # noqa: PLR2004  # OK
            return False
        return not states or answer.body["task"]["state"] in states

    return when(is_meant, then)


def _in_result(change: Change) -> Apply:
    """Change the result of each upload's task that is done."""

    def apply(_request: Request, answer: Answer) -> Answer:
        change(answer.body["result"])
        return answer

    return _of_an_upload(apply, "done")


def _in_channels(change: Change, *, silent: bool = False) -> Apply:
    """Change each channel of an upload's result that has speech, or (`silent`) that has none."""
    return _in_result(
        lambda result: [
            change(found) for found in result["channel_analyses"] if (found["speech_rate"] is None) == silent
        ]
    )


def _as_state(state: str, *, error: Any = None) -> Apply:
    """Answer as if the task were in another state, without a result, and with an error where one is given."""

    def apply(_request: Request, answer: Answer) -> Answer:
        answer.body["task"]["state"] = state
        for name in ("result", "error"):
            answer.body.pop(name, None)
        if error is not None:
            answer.body["error"] = copy.deepcopy(error)
        return answer

    return apply


def _from_read(number: int, then: Apply) -> Apply:
    """Apply from the read of this number on, counted from 1."""
    return when(lambda request, _answer: request.count >= number - 1, then)


def _in_headers(change: Callable[[str], str], *names: str) -> Apply:
    def apply(_request: Request, answer: Answer) -> Answer:
        answer.headers |= {name: change(answer.headers[name]) for name in names}
        return answer

    return apply


def _without_locations(request: Request, answer: Answer) -> Answer:
    return with_header("x-location", None)(request, with_header("location", None)(request, answer))


def _another_task(path: str) -> str:
    return path[:-1] + ("0" if path[-1] != "0" else "1")


def _accepting(request: Request, _answer: Answer) -> Answer:
    """Start a task whatever was sent; it is found by no read."""
    task_id = Tasks().start(request.body, "", ())
    path = f"{request.path.rstrip('/')}/{task_id}"
    return Answer(
        202,
        {"content-type": "application/json", "location": path},
        {"task": {"task_id": task_id, "state": "pending"}},
    )


def _lost(request: Request, answer: Answer) -> Answer:
    """Answer as if there were no such task."""
    context = {"task_id": request.identifier}
    detail = {"location": ["root"], "message": "Task not found.", "type": "task.not-found", "context": context}
    return with_status(404, {**_NOT_FOUND, "detail": [detail]})(request, answer)


def _ignoring_channels(request: Request, _answer: Answer) -> Answer:
    return request.honest_answer(query={name: each for name, each in request.query.items() if name != "channels"})


def _selects(request: Request, answer: Answer) -> bool:
    return bool("".join(request.query.get("channels", ()))) and answer.status == 202  # noqa: PLR2004  # Accepted


def _has_a_file(request: Request) -> bool:
    return bool(request.form.get("file") and request.form["file"].content)


def _first_alone(result: dict[str, Any]) -> None:
    del result["channel_analyses"][1:]
    result["reaction_analyses"] = []


def _speech_of_noise(found: dict[str, Any]) -> None:
    found |= {"speech_duration": 0.25, "speech_rate": 3.0}


def _as_done(_request: Request, answer: Answer) -> Answer:
    answer.body["task"]["state"] = "done"
    answer.body.pop("error", None)
    answer.body["result"] = {"channel_analyses": [], "reaction_analyses": []}
    return answer


def _of_type(kind: str) -> Apply:
    def apply(_request: Request, answer: Answer) -> Answer:
        answer.body["type"] = kind
        return answer

    return apply


FAULTS: Final = (
    Fault("analysis.start-accepted", "200", "answers a start with 200", _started(with_status(200))),
    Fault("analysis.start-accepted", "refused", "refuses every recording", _started(with_status(422, _REQUEST_ERROR))),
    Fault(
        "analysis.start-accepted",
        "not-found",
        "knows no such address",
        _started(with_status(404, _NOT_FOUND)),
    ),
    Fault("analysis.started-pending", "running", "calls a new task running", _started(_as_state("running"))),
    Fault("analysis.started-pending", "done", "calls a new task done", _started(_as_state("done"))),
    Fault("analysis.start-location", "missing", "does not say where the task is", _started(_without_locations)),
    Fault(
        "analysis.start-location",
        "other-task",
        "leads to a task with another id",
        _started(_in_headers(_another_task, "location", "x-location")),
    ),
    Fault(
        "analysis.start-location",
        "all-tasks",
        "leads to the address of all tasks",
        _started(_in_headers(lambda path: path.rpartition("/")[0], "location")),
    ),
    Fault(
        "analysis.start-location",
        "old-header",
        "leads to another task in X-Location alone",
        _started(_in_headers(_another_task, "x-location")),
    ),
    Fault(
        "analysis.start-location-current",
        "old-header-alone",
        "has X-Location alone",
        _started(with_header("location", None)),
    ),
    Fault(
        "analysis.file-required",
        "accepted",
        "starts a task without a file",
        _refused_start(lambda request: not _has_a_file(request), _accepting),
    ),
    Fault(
        "analysis.file-required",
        "empty",
        "starts a task for an empty file",
        _refused_start(lambda request: "file" in request.form and not _has_a_file(request), _accepting),
    ),
    Fault(
        "analysis.file-required",
        "status",
        "answers 405 where there is no file",
        _refused_start(lambda request: not _has_a_file(request), with_status(405, _METHOD_ERROR)),
    ),
    Fault(
        "analysis.file-required",
        "other-body",
        "answers with a body that is not a request error where there is no file",
        _refused_start(lambda request: not _has_a_file(request), with_status(422, {"detail": "file required"})),
    ),
    Fault(
        "analysis.channels-form",
        "ignored",
        "takes channels that are not numbers for none",
        _refused_start(_has_a_file, _ignoring_channels),
    ),
    Fault(
        "analysis.channels-form",
        "status",
        "answers 405 to channels that are not numbers",
        _refused_start(_has_a_file, with_status(405, _METHOD_ERROR)),
    ),
    Fault(
        "analysis.started-task-found",
        "never",
        "does not find the task that it has started",
        _of_an_upload(_lost),
    ),
    Fault(
        "analysis.started-task-found",
        "lost",
        "loses a task while it runs",
        _of_an_upload(_lost, "running"),
    ),
    Fault(
        "analysis.task-moves-forward",
        "back-to-pending",
        "calls a task pending that was running",
        _from_read(2, _of_an_upload(_as_state("pending"), "done")),
    ),
    Fault(
        "analysis.task-moves-forward",
        "back-to-running",
        "calls a task running that was done",
        _from_read(4, _of_an_upload(_as_state("running"))),
    ),
    Fault(
        "analysis.task-moves-forward",
        "done-then-failed",
        "calls a task failed that was done",
        _from_read(4, _of_an_upload(_as_state("failed", error=FAILED), "done")),
    ),
    Fault(
        "analysis.selected-channels-analysed",
        "all",
        "analyses all channels where some are selected",
        when(_selects, _ignoring_channels),
    ),
    Fault("analysis.selected-channels-analysed", "first", "analyses the first channel alone", _in_result(_first_alone)),
    Fault(
        "analysis.selected-channels-analysed",
        "none",
        "has no channel analyses",
        _in_result(setting(channel_analyses=[], reaction_analyses=[])),
    ),
    Fault(
        "analysis.total-duration-of-the-recording",
        "too-long",
        "counts a second more than the recording has",
        _in_channels(lambda found: found.update(total_duration=found["total_duration"] + 1)),
    ),
    Fault(
        "analysis.total-duration-of-the-recording",
        "milliseconds",
        "counts milliseconds",
        _in_channels(lambda found: found.update(total_duration=found["total_duration"] * 1000)),
    ),
    Fault(
        "analysis.no-speech-in-silence",
        "noise",
        "hears speech in a silent channel",
        _in_channels(_speech_of_noise, silent=True),
    ),
    Fault(
        "analysis.no-speech-in-silence",
        "rate",
        "has a rate of a silent channel",
        _in_channels(setting(speech_rate=3.0), silent=True),
    ),
    Fault(
        "analysis.no-audio-rejected",
        "failed",
        "fails at a file that is not audio",
        _of_an_upload(_as_state("failed", error=FAILED), "rejected"),
    ),
    Fault(
        "analysis.no-audio-rejected",
        "done",
        "finds nothing in a file that is not audio",
        _of_an_upload(_as_done, "rejected"),
    ),
    Fault(
        "analysis.error-type-fits-status",
        "422",
        "calls a request that is not valid one that cannot be parsed",
        when(answered(422), _of_type("request.invalid")),
    ),
    Fault(
        "analysis.error-type-fits-status",
        "405",
        "calls another method a request that is not valid",
        when(answered(405), _of_type("request.validation-error")),
    ),
)
