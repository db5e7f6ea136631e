"""The errors of Phonexia's tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk.runtime.errors import CallFailed, DeadlineExceeded, RequestRefused, ServerError

if TYPE_CHECKING:
    from sleeptalk_generated.phonexia.models import RequestError, TaskError


class InvalidTaskId(CallFailed):
    """The task id is not a UUID. Source: Time Analysis: get result, 422."""

    error: RequestError | None


class TaskNotFound(CallFailed):
    """404: there is no such task, or it has expired. Source: Time Analysis: get result, 404."""

    error: RequestError | None


class TaskTimeout(DeadlineExceeded):
    """The task was not finished in time. Wait again with the same `task_id`.

    `state` is the last state seen, None where no answer came. Where the last call failed, its error is the
    `__cause__`.
    """

    def __init__(self, message: str = "", *, timeout: float = 0.0, task_id: str = "", state: str | None = None) -> None:
        super().__init__(message, timeout=timeout)
        self.task_id = task_id
        self.state = state


class TaskRejected(CallFailed):
    """The task ended as rejected: its input cannot be analysed. `error` says why.

    Source: Time Analysis: get result, 200.
    """

    error: TaskError | None


class TaskFailed(CallFailed):
    """The task ended as failed: the service broke while working on it. `error` says how.

    Source: Time Analysis: get result, 200.
    """

    error: TaskError | None


class TaskCancelled(CallFailed):
    """The task ended as cancelled: somebody has called it off. Source: Task lifecycle overview, 5.0.0."""

    error: TaskError | None


class FileTooLarge(RequestRefused):
    """413: the file is larger than the appliance takes. Source: Time Analysis: start, 413."""

    error: RequestError | None


class StorageFull(ServerError):
    """507: the storage of the appliance is full, and no task was started. Source: Time Analysis: start, 507."""

    error: RequestError | None
