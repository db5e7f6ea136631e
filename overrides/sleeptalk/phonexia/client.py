"""The clients of Phonexia's Time Analysis, sync and async."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from sleeptalk.errors import CallFailed, ConfigurationError, TaskTimeout
from sleeptalk.phonexia.task import OVERRIDES, StartedTimeAnalysis, TimeAnalysisTask, result_of
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.http import AsyncHttpClient, HttpClient
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.polling import Wait, check_progress, check_times
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk.runtime.uploads import Uploadable, upload_of
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS, AsyncPhonexiaMethods, PhonexiaMethods
from sleeptalk_generated.phonexia.models import TaskState

if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Iterator
    from uuid import UUID

    from sleeptalk.recording import Recorder
    from sleeptalk_generated.phonexia.models import TimeAnalysisResult

H = TypeVar("H")

Channels: TypeAlias = int | str | Iterable[int]
"""Channels of a recording, counted from 0: one, several, or their numbers joined by commas."""

_TASK: Final[Wait[TimeAnalysisTask]] = Wait(
    operation=GET_TIME_ANALYSIS,
    identifier="task_id",
    label="task",
    state=lambda task: task.state,
    final=(),
    timed_out=TaskTimeout,
    unfinished=(TaskState.PENDING, TaskState.RUNNING),
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
        recorder: Recorder | str | os.PathLike[str] | None = None,
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
            recorder=recorder,
        )


class Phonexia(_PhonexiaClient[HttpClient], SyncClient, PhonexiaMethods[StartedTimeAnalysis, TimeAnalysisTask]):
    """Starts and reads time analyses.

        with Phonexia("http://appliance:8000") as phonexia:
            analysis = phonexia.analyse_time("call.wav", timeout=600)

    - `base_url`: the appliance's address; None reads PHONEXIA_URL from the environment.
    - `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`, `recorder`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidTaskId, TaskNotFound, FileTooLarge and StorageFull
    are those of this service, and `sleeptalk.errors` has the tree. A task that was rejected or has failed is a result
    of `get_time_analysis`. `error` is the RequestError that was answered, of TaskRejected, TaskFailed and TaskCancelled
    the TaskError, or None.
    """

    def start_time_analysis(
        self,
        file: Uploadable,
        *,
        channels: Channels | None = None,
        on_progress: Callable[[int, int | None], object] | None = None,
        timeout: float | None = None,
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> StartedTimeAnalysis:
        """Upload a recording, and return the task that analyses it as soon as that is queued.

        - `file`: its path, its bytes, or a file that is open for reading bytes, which is sent from its beginning; also
          after a file name as a tuple. It is read in pieces while it is sent, so its size takes no memory.
        - `channels`: the channels to analyse, counted from 0, at most two: `0`, `(0, 1)` or "0,1". None is all.
        - `on_progress`: called with the bytes of the request that have been sent and how many there are, None for a
          file that has no size, such as a pipe. It begins anew where the request is sent again.
        - `timeout`: the deadline of the upload and its answer in seconds; None is the client's own.
        - `correlation_id`, `request_id`: sent as the headers of these names.

        The request is sent again only where nothing was carried out: no connection, 429 or 503. Where the answer got
        lost a task may have been started, and the error says so. Raises ConfigurationError for a file that is empty or
        cannot be read, FileTooLarge (413), StorageFull (507), RequestRefused for other refusals, and what any call
        raises. Whether the recording can be analysed shows only when the task has ended.
        Source: Time Analysis: start.
        """
        check_progress(on_progress, may_be_async=False)
        client = self if timeout is None else self.with_options(timeout=timeout)
        selected = _selected(channels)
        with upload_of(file, on_progress) as upload:
            started = PhonexiaMethods.start_time_analysis(
                client, upload, channels=selected, correlation_id=correlation_id, request_id=request_id
            )
        return started.at(self._server.base_url)

    def analyse_time(
        self,
        file: Uploadable,
        *,
        channels: Channels | None = None,
        timeout: float = 300.0,
        poll: float = 1.0,
        on_upload: Callable[[int, int | None], object] | None = None,
        on_progress: Callable[[TimeAnalysisTask], object] | None = None,
    ) -> TimeAnalysisResult:
        """Upload a recording, wait until it is analysed, and return the result.

        - `file`, `channels`: as for `start_time_analysis`; `on_upload` is its `on_progress`.
        - `timeout`: the deadline of upload and wait together, in seconds.
        - `poll`, `on_progress`: as for `wait_for_time_analysis`. The task that was started is the first that
          `on_progress` is called with.

        Raises TaskTimeout, whose `task_id` is what `wait_for_time_analysis` goes on with, and what
        `start_time_analysis` and `wait_for_time_analysis` raise.
        """
        check_times(timeout, poll)
        check_progress(on_progress, may_be_async=False)
        deadline = Deadline(timeout, self._clock)
        started = self.start_time_analysis(file, channels=channels, on_progress=on_upload, timeout=timeout)
        if on_progress is not None:
            on_progress(started)
        with _about(started):
            begun: tuple[Deadline, TimeAnalysisTask] = (deadline, started)
            return result_of(
                self._wait_for(_TASK, {"task_id": started.task_id}, timeout, poll, on_progress, begun=begun)
            )

    def wait_for_time_analysis(
        self,
        task_id: UUID | str,
        *,
        timeout: float = 300.0,
        poll: float = 1.0,
        on_progress: Callable[[TimeAnalysisTask], object] | None = None,
    ) -> TimeAnalysisResult:
        """Poll one task until it is neither pending nor running, and return its result.

        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two calls in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every task that is read, the last one included.

        Raises TaskRejected, TaskFailed, TaskCancelled, ContractViolation for an end that the contract does not know,
        TaskTimeout with the last state, after which the wait can be resumed with the same id, and what
        `get_time_analysis` raises.
        """
        return result_of(self._wait_for(_TASK, {"task_id": task_id}, timeout, poll, on_progress))


class AsyncPhonexia(
    _PhonexiaClient[AsyncHttpClient], AsyncClient, AsyncPhonexiaMethods[StartedTimeAnalysis, TimeAnalysisTask]
):
    """Starts and reads time analyses without blocking.

        async with AsyncPhonexia("http://appliance:8000") as phonexia:
            analysis = await phonexia.analyse_time("call.wav", timeout=600)

    Takes and raises what Phonexia does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    async def start_time_analysis(
        self,
        file: Uploadable,
        *,
        channels: Channels | None = None,
        on_progress: Callable[[int, int | None], Awaitable[object] | object] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # a deadline of attempts; a caller's cancellation works as well
        correlation_id: UUID | str | None = None,
        request_id: UUID | str | None = None,
    ) -> StartedTimeAnalysis:
        """Upload a recording, as Phonexia.start_time_analysis does; `on_progress` may be async.

        The file is read between two writes, in pieces of 64 kB, without a thread: have it on a disk of this machine.
        """
        check_progress(on_progress, may_be_async=True)
        client = self if timeout is None else self.with_options(timeout=timeout)
        selected = _selected(channels)
        with upload_of(file, on_progress) as upload:
            started = await AsyncPhonexiaMethods.start_time_analysis(
                client, upload, channels=selected, correlation_id=correlation_id, request_id=request_id
            )
        return started.at(self._server.base_url)

    async def analyse_time(
        self,
        file: Uploadable,
        *,
        channels: Channels | None = None,
        timeout: float = 300.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 1.0,
        on_upload: Callable[[int, int | None], Awaitable[object] | object] | None = None,
        on_progress: Callable[[TimeAnalysisTask], Awaitable[object] | object] | None = None,
    ) -> TimeAnalysisResult:
        """Have a recording analysed, as Phonexia.analyse_time does; `on_upload` and `on_progress` may be async."""
        check_times(timeout, poll)
        check_progress(on_progress, may_be_async=True)
        deadline = Deadline(timeout, self._clock)
        started = await self.start_time_analysis(file, channels=channels, on_progress=on_upload, timeout=timeout)
        if on_progress is not None:
            await self._awaited(on_progress(started))
        with _about(started):
            begun: tuple[Deadline, TimeAnalysisTask] = (deadline, started)
            waited = await self._wait_for(_TASK, {"task_id": started.task_id}, timeout, poll, on_progress, begun=begun)
            return result_of(waited)

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


def _selected(channels: Channels | None) -> str | None:
    """Write a selection of channels as it is sent; raises ConfigurationError where it is not one."""
    if channels is None or isinstance(channels, str):
        return channels  # the document's pattern is compared later
    numbers = list(channels) if isinstance(channels, Iterable) else [channels]
    if not numbers or not all(type(number) is int and number >= 0 for number in numbers):
        raise ConfigurationError(f"channels must be numbers of channels, counted from 0, not {channels!r}.")
    return ",".join(map(str, numbers))


@contextmanager
def _about(started: StartedTimeAnalysis) -> Iterator[None]:
    """Note on errors of the block which task they are about: it was started, and may go on."""
    try:
        yield
    except CallFailed as error:
        if str(started.task_id) not in str(error):
            error.add_note(f"It is about the task {started.task_id}, which was started.")
        raise
