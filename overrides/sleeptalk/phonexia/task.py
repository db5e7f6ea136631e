"""One time analysis, as `get_time_analysis` returns it, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from attrs import define, field

from sleeptalk.errors import (
    CallFailed,
    ContractViolation,
    InvalidTaskId,
    RequestRefused,
    TaskFailed,
    TaskNotFound,
    TaskRejected,
)
from sleeptalk.runtime.decoding import untyped_object
from sleeptalk.runtime.kept import KeptResult, one_line
from sleeptalk.runtime.overrides import Identifier, Overrides, Reader, is_of_documented_form
from sleeptalk.runtime.refusals import detail_of, error_by_status, mismatched_id, read_refusal, sentence
from sleeptalk.runtime.response import Response
from sleeptalk_generated.phonexia.models import (
    ErrorDetail,
    RequestError,
    RequestErrorType,
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

    Raises TaskRejected, TaskFailed, or ContractViolation where a task that is done has no result.
    """
    attempts = task.response.attempts
    if task.state in (TaskState.REJECTED, TaskState.FAILED):
        rejected = task.state == TaskState.REJECTED
        kind: type[CallFailed] = TaskRejected if rejected else TaskFailed
        how = "was rejected: its input cannot be analysed" if rejected else "failed: the same input may work later"
        detail = None if task.error is None else task.error.message
        message = sentence(f"The task {task.task_id} {how}", detail)
        raise kind(message, response=task.response, detail=detail, error=task.error, attempts=attempts)
    if task.result is None:
        message = f"The task {task.task_id} is done but has no result."
        violation = ContractViolation(message, path="$.result", response=task.response)
        violation.attempts = attempts
        raise violation
    return task.result


def _task(body: TimeAnalysisResponse, response: Response, call: Call[Any]) -> TimeAnalysisTask:
    """Make a task; raises ContractViolation where it is not the task that was requested."""
    asked = str(call.arguments["task_id"])
    if not _is_id_of(body.task, asked):
        raise mismatched_id(response, "$.task.task_id", f"the task {asked!r}")
    return TimeAnalysisTask._of(body, response)  # noqa: SLF001  # for this module's own use


def _is_id_of(task: Task, asked: str) -> bool:
    """Compare as UUIDs: an id may be requested in capitals or, unchecked, without hyphens."""
    try:
        return task.task_id == UUID(asked)
    except ValueError:
        return False


def _refusal(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
    """Return the error for a refusal. Source: Time Analysis: get result, 400 to 429.

    A proxy in front of the service answers 404 too: only a body in the service's own form makes it TaskNotFound.
    """
    task_id = str(call.arguments.get("task_id"))
    error = read_refusal(response, RequestError)
    words = detail_of(response) if error is None else error.message
    detail = None if words is None else redact(words)
    kind: type[CallFailed]
    match response.status:
        case 404 if error is not None and error.type == RequestErrorType.RESOURCE_NOT_FOUND:
            kind, problem = TaskNotFound, f"There is no task {task_id!r}, or it has expired"
        case 422 if not is_of_documented_form(call, "task_id"):
            kind, problem = InvalidTaskId, f"The task id {task_id!r} was refused by the service"
        case 404 if error is not None:
            kind, problem = RequestRefused, f"Phonexia refused {call.operation.id} with the status 404"
        case _:
            return error_by_status(response, call, "Phonexia", detail, error=error)
    return kind(sentence(problem, detail), response=response, detail=detail, error=error)


OVERRIDES = Overrides(
    readers={"getTimeAnalysis": Reader(read=_task, repair=_repaired_task)},
    identifiers={"task_id": Identifier(label="task id", form="a UUID", error=InvalidTaskId)},
    refusal=_refusal,
)
