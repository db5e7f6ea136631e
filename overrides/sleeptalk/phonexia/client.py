"""The clients of Phonexia's Time Analysis, sync and async."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sleeptalk.errors import TaskTimeout
from sleeptalk.phonexia.task import OVERRIDES, TimeAnalysisTask, result_of
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.options import required
from sleeptalk.runtime.polling import Poll
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.operation import Call
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS, AsyncPhonexiaMethods, PhonexiaMethods
from sleeptalk_generated.phonexia.models import TaskState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    import httpx

    from sleeptalk_generated.phonexia.models import TimeAnalysisResult

FINAL = (TaskState.DONE, TaskState.REJECTED, TaskState.FAILED)  # a state that is not documented does not end the wait


class _PhonexiaClient(Client):
    """The options and values that both clients need for tasks."""

    _overrides = OVERRIDES

    def _prepare(self, base_url: str | None, timeout: float, retries: int) -> None:
        self._configure(required(base_url, "base_url", "PHONEXIA_URL"), timeout, retries)

    def _poll_of(self, task_id: UUID | str, timeout: float, interval: float) -> Poll[TimeAnalysisTask]:
        return Poll(
            Call(operation=GET_TIME_ANALYSIS, arguments={"task_id": task_id}),
            f"The task {task_id}",
            timeout=timeout,
            interval=interval,
            state=lambda task: task.state,
            final=FINAL,
            timed_out=partial(TaskTimeout, task_id=str(task_id)),
            clock=self._clock,
        )


class Phonexia(_PhonexiaClient, SyncClient, PhonexiaMethods[TimeAnalysisTask]):
    """Reads time analyses.

        with Phonexia("http://appliance:8000") as phonexia:
            task = phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    - `base_url`: the appliance's address; None reads PHONEXIA_URL from the environment.
    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
    - `retries`: how many further requests a call may send, after a connection error, 408, 429, 502, 503, 504 or
      one 500.
    - `http_client`: an `httpx.Client` to send with; it is neither changed nor closed. With one, `timeout` bounds each
      try to connect and each read of an answer's head, not their sum.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed: InvalidTaskId, TaskNotFound, RequestRefused, RateLimited,
    Unauthorized, Forbidden, ServerError, UnexpectedStatus, ContractViolation, ResponseTooLarge, ConnectionFailed,
    DeadlineExceeded or InvalidHeaderValue. A task that was rejected or has failed is a result of `get_time_analysis`.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.Client | None = None,
    ) -> None:
        self._prepare(base_url, timeout, retries)
        self._connect(http_client)

    def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], object] | None = None,
    ) -> TimeAnalysisResult:
        """Poll one task until it has ended, and return its result.

        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two calls in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every task that is read, the last one included.

        Raises TaskRejected, TaskFailed, TaskTimeout with the last state, after which the wait can be resumed
        with the same id, and what `get_time_analysis` raises.
        """
        return result_of(self._poll(self._poll_of(task_id, timeout, poll), on_progress))


class AsyncPhonexia(_PhonexiaClient, AsyncClient, AsyncPhonexiaMethods[TimeAnalysisTask]):
    """Reads time analyses without blocking.

        async with AsyncPhonexia("http://appliance:8000") as phonexia:
            task = await phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    Takes and raises what Phonexia does, with an `httpx.AsyncClient` as `http_client`. A call can be cancelled wherever
    it waits; no connection stays behind.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._prepare(base_url, timeout, retries)
        self._connect(http_client)

    async def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], Awaitable[object] | object] | None = None,
    ) -> TimeAnalysisResult:
        """Wait for a task, as Phonexia.wait_for_time_analysis does; `on_progress` may be async."""
        return result_of(await self._poll(self._poll_of(task_id, timeout, poll), on_progress))
