"""The request for a time analysis, and what its answers mean."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from sleeptalk.errors import CallFailed, InvalidTaskId, RequestRefused, TaskNotFound
from sleeptalk.phonexia.repair import repaired_error, repaired_task
from sleeptalk.phonexia.task import TimeAnalysisTask
from sleeptalk.transport.operation import Operation
from sleeptalk.transport.reading import by_status, other_id, read_json, read_refusal, said, sentence
from sleeptalk_generated.phonexia.api import get_time_analysis
from sleeptalk_generated.phonexia.models import RequestError, RequestErrorType, TimeAnalysisResponse

if TYPE_CHECKING:
    from sleeptalk.transport.response import Response

TASK_ID = re.compile(get_time_analysis.TASK_ID_PATTERN)


def task_operation(
    task_id: UUID | str, *, correlation_id: str | None, request_id: str | None, check_ids: bool
) -> Operation[TimeAnalysisTask]:
    """Make the operation that reads one task; raises InvalidTaskId."""
    usable = isinstance(task_id, UUID) or (isinstance(task_id, str) and (not check_ids or TASK_ID.fullmatch(task_id)))
    if not usable:
        raise InvalidTaskId(f"The task id {task_id!r} is not a UUID.")
    request = None
    with suppress(ValueError):
        request = get_time_analysis.request(task_id, x_correlation_id=correlation_id, x_request_id=request_id)
    if request is None:
        raise InvalidTaskId(f"The task id {task_id!r} cannot stand in a URL.")

    def read(response: Response) -> TimeAnalysisTask:
        return task_of(response, str(task_id))

    def refused(response: Response) -> CallFailed:
        return refusal(response, str(task_id))

    return Operation(request=request, read=read, refused=refused)


def task_of(response: Response, task_id: str) -> TimeAnalysisTask:
    """Read a task; raises ContractViolation, also for another task than the one that was asked for."""
    body = read_json(response, TimeAnalysisResponse, repair=repaired_task)
    if not _is_id_of(body.task.task_id, task_id):
        raise other_id(response, "$.task.task_id", f"the task {task_id!r}")
    return TimeAnalysisTask(
        task_id=body.task.task_id,
        state=body.task.state,
        result=body.result or None,
        error=body.error or None,
        response=response,
    )


def _is_id_of(answered: UUID, asked: str) -> bool:
    """Compare as UUIDs: an id may be asked for in capitals, and unchecked without hyphens."""
    try:
        return answered == UUID(asked)
    except ValueError:
        return False


def refusal(response: Response, task_id: str) -> CallFailed:
    """Make the error that a refusal stands for. Source: 002 400 to 429.

    A proxy in front of the service answers 404 too: only a body that is the service's own makes it TaskNotFound.
    """
    error = read_refusal(response, RequestError, repair=repaired_error)
    detail = said(response) if error is None else error.message
    kind: type[CallFailed]
    if response.status == 404 and error is not None and error.type == RequestErrorType.RESOURCE_NOT_FOUND:  # noqa: PLR2004  # as documented
        kind, says = TaskNotFound, f"There is no task {task_id!r}, or it has expired"
    elif response.status == 422 and not TASK_ID.fullmatch(task_id):  # noqa: PLR2004  # as documented
        kind, says = InvalidTaskId, f"The task id {task_id!r} is refused by the service"
    elif response.status in (400, 422) or (response.status == 404 and error is not None):  # noqa: PLR2004  # as documented
        kind, says = RequestRefused, f"The request for a task is refused with the status {response.status}"
    else:
        return by_status(response, "Phonexia", detail, error=error)
    return kind(sentence(says, detail), response=response, detail=detail, error=error)
