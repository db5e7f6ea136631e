"""What procrastinate does for the PostgreSQL store: a job per callback, whose lock keeps its session in order.

A job holds the id of its callback and nothing else. Whether a callback is done stands in the store's own table, where
it is committed with what the handler has written: a job that runs again finds it there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import procrastinate
from procrastinate import utils
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from sleeptalk.callback.durable.delivery import pause_after

if TYPE_CHECKING:
    import datetime as dt

    from procrastinate.jobs import Status

QUEUE: Final = "sleeptalk"
TASK: Final = "sleeptalk.handle"
_CHANNEL: Final = f"procrastinate_queue_v1#{QUEUE}"
FIRST: Final = 1
"""The priority of a callback that is retried by hand: it goes before the others of its lane."""


class AttemptFailedError(Exception):
    """An attempt failed, and the store has noted what was raised. procrastinate logs this, and so nothing of a body."""


class NotNowError(Exception):
    """The attempt is to be made again soon: another process still handles the session, or the database was lost."""


class Retries(BaseRetryStrategy):
    """When a failed job runs again, and after how many attempts it does not."""

    def __init__(self, attempts: int) -> None:
        self._attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; None for a callback that is dead."""
        if not isinstance(exception, AttemptFailedError):
            return RetryDecision(retry_in={"seconds": 1})
        attempt = job.attempts + 1
        return None if attempt >= self._attempts else RetryDecision(retry_in={"seconds": int(pause_after(attempt))})


class PunctualJobManager(JobManager):
    """Tells the workers when a job has ended, and says when one runs again by the database's clock.

    Without the first, the next job of a lane would wait until a worker looks for it. Without the second, the clock of a
    worker's machine that is wrong would hold a callback back, or use up its attempts at once.
    """

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Set a job to its final state."""
        await super().finish_job(job, status, delete_job)
        await self._wake(job.id)

    async def retry_job_by_id_async(
        self,
        job_id: int,
        retry_at: dt.datetime,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Let a job run again."""
        row = await self.connector.execute_query_one_async("SELECT clock_timestamp() AS now")
        retry_at += row["now"] - utils.utcnow()  # the clock that procrastinate has read
        await super().retry_job_by_id_async(job_id, retry_at, priority, queue, lock)
        await self._wake(job_id)

    async def _wake(self, job_id: int | None) -> None:
        payload = json.dumps({"type": "job_inserted", "job_id": job_id})
        await self.connector.execute_query_async(
            "SELECT pg_notify(%(channel)s, %(payload)s)", channel=_CHANNEL, payload=payload
        )


def job_for(identity: str, lane: str, *, priority: int = 0) -> Job:
    """Return the job of a callback."""
    return Job(
        queue=QUEUE,
        lock=f"{QUEUE}:{lane}",
        queueing_lock=None,
        task_name=TASK,
        task_kwargs={"identity": identity},
        priority=priority,
    )


def application(address: str, connect: dict[str, Any], handle: Any, attempts: int) -> procrastinate.App:
    """Return an application of procrastinate with the one task `handle(context, identity)`."""
    connector = procrastinate.PsycopgConnector(conninfo=address, kwargs=connect, min_size=1, max_size=4)
    made = procrastinate.App(connector=connector)
    made.job_manager = PunctualJobManager(connector)
    made.task(name=TASK, queue=QUEUE, pass_context=True, retry=Retries(attempts))(handle)
    return made
