"""When waiting for a time analysis ends, and with what."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sleeptalk.errors import CallFailed, ContractViolation, TaskFailed, TaskRejected, TaskTimeout
from sleeptalk.transport.reading import sentence
from sleeptalk.transport.watch import Watch
from sleeptalk_generated.phonexia.models import TaskState

if TYPE_CHECKING:
    from sleeptalk.phonexia.task import TimeAnalysisTask
    from sleeptalk.transport.operation import Operation
    from sleeptalk_generated.phonexia.models import TimeAnalysisResult

FINISHED = (TaskState.DONE, TaskState.REJECTED, TaskState.FAILED)


def task_watch(
    operation: Operation[TimeAnalysisTask], task_id: str, *, timeout: float, poll: float
) -> Watch[TimeAnalysisTask]:
    """Watch a task until it is done, rejected or failed. A state that is not documented is not taken for an end."""
    return Watch(
        operation,
        f"The task {task_id}",
        timeout=timeout,
        poll=poll,
        state=lambda task: task.state,
        final=FINISHED,
        timed_out=partial(TaskTimeout, task_id=task_id),
    )


def result_of(task: TimeAnalysisTask) -> TimeAnalysisResult:
    """Give a finished task's result; raises TaskRejected, TaskFailed, or ContractViolation where done has no result."""
    if task.state == TaskState.REJECTED:
        raise _ended(TaskRejected, task, "was rejected: its input cannot be analysed")
    if task.state == TaskState.FAILED:
        raise _ended(TaskFailed, task, "failed: the same input may work later")
    if task.result is None:
        message = f"The task {task.task_id} is done and has no result."
        error = ContractViolation(message, path="$.result", response=task.response)
        error.attempts = task.response.attempts
        raise error
    return task.result


def _ended(kind: type[CallFailed], task: TimeAnalysisTask, says: str) -> CallFailed:
    detail = None if task.error is None else task.error.message
    more: dict[str, Any] = {"detail": detail, "error": task.error, "attempts": task.response.attempts}
    return kind(sentence(f"The task {task.task_id} {says}", detail), response=task.response, **more)
