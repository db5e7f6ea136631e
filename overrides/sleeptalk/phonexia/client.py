"""The clients of Phonexia's Time Analysis, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sleeptalk.errors import TaskTimeout
from sleeptalk.phonexia.task import OVERRIDES, TimeAnalysisTask, result_of
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.http import AsyncHttpClient, HttpClient
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.polling import Wait
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS, AsyncPhonexiaMethods, PhonexiaMethods
from sleeptalk_generated.phonexia.models import TaskState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from sleeptalk_generated.phonexia.models import TimeAnalysisResult

H = TypeVar("H")

_TASK: Final[Wait[TimeAnalysisTask]] = Wait(
    operation=GET_TIME_ANALYSIS,
    identifier="task_id",
    label="task",
    state=lambda task: task.state,
    final=(TaskState.DONE, TaskState.REJECTED, TaskState.FAILED),
    timed_out=TaskTimeout,
)


class _PhonexiaClient(Client[H]):
    """What both clients of Phonexia have."""

    _overrides = OVERRIDES

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: H | None = None,
        max_concurrency: int | None = None,
    ) -> None:
        address = Secret.given(base_url, "PHONEXIA_URL")
        del base_url  # it may hold a password, which a traceback would show
        address.required("base_url", "PHONEXIA_URL")
        super().__init__(
            address,
            timeout=timeout,
            retries=retries,
            http_client=http_client,
            max_concurrency=max_concurrency,
        )


class Phonexia(_PhonexiaClient[HttpClient], SyncClient, PhonexiaMethods[TimeAnalysisTask]):
    """Reads time analyses.

        with Phonexia("http://appliance:8000") as phonexia:
            task = phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    - `base_url`: the appliance's address; None reads PHONEXIA_URL from the environment.
    - `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidTaskId and TaskNotFound are those of this service,
    and `sleeptalk.errors` has the tree. A task that was rejected or has failed is a result of `get_time_analysis`.
    `error` is the RequestError that was answered, of TaskRejected and TaskFailed the TaskError, or None.
    """

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
        return result_of(self._wait_for(_TASK, {"task_id": task_id}, timeout, poll, on_progress))


class AsyncPhonexia(_PhonexiaClient[AsyncHttpClient], AsyncClient, AsyncPhonexiaMethods[TimeAnalysisTask]):
    """Reads time analyses without blocking.

        async with AsyncPhonexia("http://appliance:8000") as phonexia:
            task = await phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    Takes and raises what Phonexia does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    async def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], Awaitable[object] | object] | None = None,
    ) -> TimeAnalysisResult:
        """Wait for a task, as Phonexia.wait_for_time_analysis does; `on_progress` may be async."""
        return result_of(await self._wait_for(_TASK, {"task_id": task_id}, timeout, poll, on_progress))
