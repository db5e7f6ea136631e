"""One time analysis, as `get_time_analysis` returns it, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.parse import urljoin, urlsplit
from uuid import UUID

from attrs import define, evolve, field

from sleeptalk.errors import (
    CallFailed,
    ContractViolation,
    FileTooLarge,
    InvalidTaskId,
    RequestRefused,
    StorageFull,
    TaskCancelled,
    TaskFailed,
    TaskNotFound,
    TaskRejected,
)
from sleeptalk.runtime.decoding import printable, untyped_object
from sleeptalk.runtime.kept import KeptResult, one_line
from sleeptalk.runtime.overrides import Identifier, Overrides, Reader, is_of_documented_form
from sleeptalk.runtime.refusals import detail_of, error_by_status, mismatched_id, read_refusal, sentence
from sleeptalk.runtime.response import Response
from sleeptalk_generated.phonexia.client import START_TIME_ANALYSIS
from sleeptalk_generated.phonexia.models import (
    ErrorDetail,
    RequestError,
    RequestErrorType,
    StartedTask,
    Task,
    TaskError,
    TaskState,
    TimeAnalysisResponse,
    TimeAnalysisResult,
)
from sleeptalk_generated.types import UNSET

if TYPE_CHECKING:
    from sleeptalk_generated.operation import Call


def _repaired_task(body: Any) -> Any:
    """Return an answer with null in place of `{}` for result and error: an empty object is not a result."""
    if not isinstance(body, dict):
        return body
    return {**body, **{name: None for name in ("result", "error") if body.get(name) == {}}}


@define(frozen=True, kw_only=True, repr=False)
class TimeAnalysisTask(KeptResult):
    """A task and, once it has ended, its result or its error.

    - `task_id`, `state`: which task this is, and how far it has come.
    - `result`: the analysis, None unless the state is done. Times are seconds, rates phonemes per second; a channel
      without speech has the `speech_rate` None.
    - `error`: why there is no result, None unless the state is rejected or failed.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared. Of a task that was not
      read from an answer it has the bytes alone, with the status 200 and 0 attempts.

    The service leaves `result` and `error` out, or writes null or `{}`: each is None here.

    `to_json` writes the body that the service sends, and `parse` or `from_json` reads it: documented fields, and
    undocumented values as they came. Undocumented fields are only in `response.content`. As a field of a pydantic
    model, a task is validated from that form and written in it. Source: Time Analysis: get result, 200.
    """

    _body_class: ClassVar[type[Any]] = TimeAnalysisResponse
    _repair: ClassVar[Callable[[Any], Any] | None] = staticmethod(_repaired_task)

    task_id: UUID
    state: TaskState
    result: TimeAnalysisResult | None
    error: TaskError | None
    response: Response = field(eq=False)

    @classmethod
    def _of(cls, body: Any, response: Response) -> Self:
        return cls(
            task_id=body.task.task_id,
            state=body.task.state,
            result=body.result or None,
            error=body.error or None,
            response=response,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the body of its answer, `{"task": ..., "result": ..., "error": ...}`, as JSON has it.

        A result or an error that is None is written as it came: left out, null or `{}`.
        """
        task = Task(task_id=self.task_id, state=self.state)
        response = TimeAnalysisResponse(task=task, result=self.result or UNSET, error=self.error or UNSET)
        absent = {name: part for name, part in self._absent_parts().items() if getattr(self, name) is None}
        return response.to_dict() | absent

    def _absent_parts(self) -> dict[str, Any]:
        """Return how its answer wrote the result and the error that it does not have."""
        parts = untyped_object(self.response.content)
        return {name: part for name in ("result", "error") if (part := parts.get(name, UNSET)) is None or part == {}}

    def __repr__(self) -> str:
        words = f"{self.task_id} {self.state}"
        if self.result is not None:
            channels = self.result.channel_analyses
            length = max((channel.total_duration for channel in channels), default=0)
            words += f", {len(channels)} channel{'s' * (len(channels) != 1)} of {length:g} s"
        if self.error is not None:
            words += f": {self.error.message}"
        return one_line("TimeAnalysisTask", words)

    def _repr_html_(self) -> str:
        """Show the conversation in notebooks, as SVG."""
        from sleeptalk.drawing import conversation  # noqa: PLC0415  # most programs draw nothing

        return conversation(self)


@define(frozen=True, kw_only=True, repr=False)
class StartedTimeAnalysis(TimeAnalysisTask):
    """A task as it was started: pending, without a result or an error.

    - `location`: where the task is read. The start's Location or, of older releases, X-Location; made of the task's id
      where there is neither. Of a start by a client it is a URL: a path is resolved against the client's `base_url`.

    Source: Time Analysis: start, 202.
    """

    location: str

    @classmethod
    def _of(cls, body: Any, response: Response) -> Self:
        task: Task = body.task
        named = (response.headers.get(name, "").strip() for name in ("location", "x-location"))
        made = f"{START_TIME_ANALYSIS.path}/{task.task_id}"
        location = next((each for each in named if each), made)
        return cls(
            task_id=task.task_id, state=task.state, result=None, error=None, response=response, location=location
        )

    def at(self, base_url: str) -> Self:
        """Return the same task with its location as a URL, for a service at `base_url`.

        A path is what follows the service's address, also where that has a path of its own, such as a gateway's.
        """
        try:
            below = urlsplit(base_url).path.rstrip("/")
            is_path = self.location.startswith("/") and not self.location.startswith("//")
            is_below = is_path and below != "" and not self.location.startswith(f"{below}/")
            url = base_url + self.location if is_below else urljoin(base_url + START_TIME_ANALYSIS.path, self.location)
        except ValueError:  # it is not the reference of any URL
            url = f"{base_url}{START_TIME_ANALYSIS.path}/{self.task_id}"
        return evolve(self, location=url)


def parse(body: str | bytes) -> TimeAnalysisTask:
    """Read the body of a task that was kept: what `get_time_analysis` received, or what `to_json` wrote.

    - `body`: JSON as str or bytes.

    Returns the task, equal to the one that was written. Undocumented fields are ignored, and undocumented values are
    kept. Raises ContractViolation with the JSON path where the body breaks the contract, ConfigurationError where it is
    neither str nor bytes.
    """
    return TimeAnalysisTask.from_json(body)


def json_pointer(detail: ErrorDetail) -> str:
    """Return the location of an error, a list of names and indexes, as a JSON Pointer (RFC 6901).

    `["body", "channels", 0]` is `/body/channels/0`; an empty location is the empty pointer: the whole document.
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in detail.location)


def result_of(task: TimeAnalysisTask) -> TimeAnalysisResult:
    """Return a finished task's result.

    Raises TaskRejected, TaskFailed, TaskCancelled, or ContractViolation where a task that is done has no result, or has
    ended in a state that is not documented.
    """
    attempts = task.response.attempts
    if task.state in _BAD_ENDS:
        kind, how = _BAD_ENDS[task.state]
        detail = None if task.error is None else task.error.message
        message = sentence(f"The task {task.task_id} {how}", None if task.error is None else _words_of(task.error))
        raise kind(message, response=task.response, detail=detail, error=task.error, attempts=attempts)
    if task.state == TaskState.DONE and task.result is not None:
        return task.result
    path, problem = "$.result", "is done but has no result"
    if task.state != TaskState.DONE:
        path = "$.task.state"
        problem = f"ended in the state {printable(task.state.value)!r}, which the contract does not know"
    violation = ContractViolation(f"The task {task.task_id} {problem}.", path=path, response=task.response)
    violation.attempts = attempts
    raise violation


_BAD_ENDS: Final[Mapping[TaskState, tuple[type[CallFailed], str]]] = {
    TaskState.REJECTED: (TaskRejected, "was rejected: its input cannot be analysed"),
    TaskState.FAILED: (TaskFailed, "failed: the same input may work later"),
    TaskState.CANCELLED: (TaskCancelled, "was cancelled: somebody has called it off"),
}


def _words_of(error: TaskError) -> str:
    """Return what an error says, with its details, each behind its place."""
    details = [f"{json_pointer(each)}: {each.message}".removeprefix(": ") for each in error.detail or ()]
    return "; ".join([error.message.rstrip("."), *details]) if details else error.message


def _task(body: TimeAnalysisResponse, response: Response, call: Call[Any]) -> TimeAnalysisTask:
    """Make a task; raises ContractViolation where it is not the task that was requested."""
    asked = str(call.arguments["task_id"])
    if not _is_id_of(body.task, asked):
        raise mismatched_id(response, "$.task.task_id", f"the task {asked!r}")
    return TimeAnalysisTask._of(body, response)  # noqa: SLF001  # for this module's own use


def _started(body: StartedTask, response: Response, _call: Call[Any]) -> StartedTimeAnalysis:
    return StartedTimeAnalysis._of(body, response)  # noqa: SLF001  # for this module's own use


def _is_id_of(task: Task, asked: str) -> bool:
    """Compare as UUIDs: an id may be requested in capitals or, unchecked, without hyphens."""
    try:
        return task.task_id == UUID(asked)
    except ValueError:
        return False


def _refusal(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
    """Return the error for a refusal. Source: Time Analysis: get result, 400 to 429, and start, 400 to 507.

    A proxy in front of the service answers 404 too: only a body in the service's own form makes it TaskNotFound.
    """
    task_id = call.arguments.get("task_id")
    error = read_refusal(response, RequestError)
    words = detail_of(response) if error is None else error.message
    detail = None if words is None else redact(words)
    kind: type[CallFailed]
    match response.status:
        case 404 if error is not None and error.type == RequestErrorType.RESOURCE_NOT_FOUND and task_id is not None:
            kind, problem = TaskNotFound, f"There is no task {str(task_id)!r}, or it has expired"
        case 422 if not is_of_documented_form(call, "task_id"):
            kind, problem = InvalidTaskId, f"The task id {str(task_id)!r} was refused by the service"
        case 413 if call.operation is START_TIME_ANALYSIS:
            kind, problem = FileTooLarge, "The file is larger than the appliance takes"
        case 507 if call.operation is START_TIME_ANALYSIS:
            kind, problem = StorageFull, "The storage of the appliance is full, and no task was started: try later"
        case 404 | 405 if error is not None:
            kind, problem = RequestRefused, f"Phonexia refused {call.operation.id} with the status {response.status}"
        case _:
            return error_by_status(response, call, "Phonexia", detail, error=error)
    return kind(sentence(problem, detail), response=response, detail=detail, error=error)


OVERRIDES = Overrides(
    readers={
        "getTimeAnalysis": Reader(read=_task, repair=_repaired_task),
        "startTimeAnalysis": Reader(read=_started),
    },
    identifiers={"task_id": Identifier(label="task id", form="a UUID", error=InvalidTaskId)},
    refusal=_refusal,
)
