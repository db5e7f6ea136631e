"""The clients of Phonexia's Time Analysis, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk.client import BlockingClient, Client, WaitingClient, required

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    import httpx

    from sleeptalk.phonexia.task import TimeAnalysisTask
    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.watch import Watch
    from sleeptalk_generated.phonexia.models import TimeAnalysisResult


class _Tasks(Client):
    """What both clients know of tasks: everything but how to wait."""

    def _introduce(self, base_url: str | None, timeout: float, retries: int) -> None:
        from sleeptalk.transport.settings import Secret  # noqa: PLC0415  # `import sleeptalk.phonexia` is cheap

        self._configure(required(base_url, "base_url", "PHONEXIA_URL"), Secret(""), timeout, retries)

    def _task(
        self, task_id: UUID | str, correlation_id: UUID | str | None = None, request_id: UUID | str | None = None
    ) -> Operation[TimeAnalysisTask]:
        from sleeptalk.phonexia.reading import task_operation  # noqa: PLC0415  # models are imported when first read

        return task_operation(
            task_id,
            correlation_id=_written(correlation_id),
            request_id=_written(request_id),
            check_ids=self._settings.check_ids,
        )

    def _watch(self, task_id: UUID | str, timeout: float, poll: float) -> Watch[TimeAnalysisTask]:
        from sleeptalk.phonexia.watching import task_watch  # noqa: PLC0415  # as above

        return task_watch(self._task(task_id), str(task_id), timeout=timeout, poll=poll)

    def _result(self, task: TimeAnalysisTask) -> TimeAnalysisResult:
        from sleeptalk.phonexia.watching import result_of  # noqa: PLC0415  # as above

        return result_of(task)


class Phonexia(_Tasks, BlockingClient):
    """Reads time analyses.

        with Phonexia("http://appliance:8000") as phonexia:
            task = phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    - `base_url`: the appliance's address; None reads PHONEXIA_URL from the environment.
    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
    - `retries`: how many further requests a call may send, after a connection error, 408, 429, 502, 503, 504 or
      one 500.
    - `http_client`: an HTTP client to send with; it is neither changed nor closed. With one, `timeout` bounds each try
      to connect and each read of an answer's head, not their sum.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.Client | None = None,
    ) -> None:
        self._introduce(base_url, timeout, retries)
        self._connect(http_client)

    def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Read one task, whatever its state: a task that was rejected or has failed is a result of this call.

        - `task_id`: a UUID, checked before sending.
        - `correlation_id`, `request_id`: sent as `x-correlation-id` and `x-request-id`; the service makes its own where
          they are None.

        Raises a CallFailed: InvalidTaskId, TaskNotFound, RequestRefused, RateLimited, Unauthorized, Forbidden,
        ServerError, UnexpectedStatus, ContractViolation, ResponseTooLarge, ConnectionFailed, DeadlineExceeded,
        InvalidHeaderValue. Source: 002.
        """
        return self._transport.send(self._task(task_id, correlation_id, request_id), self._settings)

    def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], object] | None = None,
    ) -> TimeAnalysisResult:
        """Read one task again and again until it has ended, and give its result.

        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two looks in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every task that was read, the last one included.

        Raises TaskRejected, TaskFailed, TaskTimeout with the last state, after which the wait can be taken up again
        with the same id, and what `get_time_analysis` raises.
        """
        watch = self._watch(task_id, timeout, poll)
        return self._result(self._transport.wait(watch, self._settings, on_progress))


class AsyncPhonexia(_Tasks, WaitingClient):
    """Reads time analyses without blocking.

        async with AsyncPhonexia("http://appliance:8000") as phonexia:
            task = await phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")

    Takes and raises what Phonexia does. A call can be cancelled wherever it waits; no connection stays behind.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._introduce(base_url, timeout, retries)
        self._connect(http_client)

    async def get_time_analysis(
        self,
        task_id: UUID | str,
        *,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> TimeAnalysisTask:
        """Read one task, as Phonexia.get_time_analysis does."""
        return await self._transport.send(self._task(task_id, correlation_id, request_id), self._settings)

    async def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,  # noqa: ASYNC109  # one deadline for many looks; a caller's cancellation works as well
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], Awaitable[object] | object] | None = None,
    ) -> TimeAnalysisResult:
        """Wait for a task, as Phonexia.wait_for_time_analysis does; `on_progress` may be async."""
        watch = self._watch(task_id, timeout, poll)
        return self._result(await self._transport.wait(watch, self._settings, on_progress))


def _written(value: UUID | str | None) -> str | None:
    from uuid import UUID  # noqa: PLC0415  # `import sleeptalk.phonexia` is cheap

    return str(value) if isinstance(value, UUID) else value
