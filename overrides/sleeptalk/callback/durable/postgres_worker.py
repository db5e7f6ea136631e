"""The worker of the PostgreSQL store: procrastinate's, and what hands a callback to the handler in a transaction."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from procrastinate.utils import utcnow

from sleeptalk.callback.durable import postgres_statements as statements
from sleeptalk.callback.durable.delivery import ENDED, FIRST_PAUSE, LONGEST_PAUSE, PROCESS_ENDED, Delivery, pause_after
from sleeptalk.callback.durable.handling import failure_of, log_failure, place_of
from sleeptalk.callback.durable.postgres_jobs import QUEUE, AttemptFailedError, NotNowError, application
from sleeptalk.callback.parsing import read

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import procrastinate
    from procrastinate import JobContext

    from sleeptalk.callback.durable.delivery import Work
    from sleeptalk.callback.durable.handling import Runner

CONNECT: Final[dict[str, Any]] = {"connect_timeout": 3}
POLL: Final = 1.0  # seconds: retries are found so
RECOVERY_PERIOD: Final = 2.0
SWEEP_PERIOD: Final = 3600.0
RESTART_PAUSE: Final = 1.0

logger = logging.getLogger("sleeptalk")


class PostgresWorker:
    """Works until it is stopped, beside any number of others."""

    def __init__(
        self,
        address: str,
        make_tables: Callable[[], Awaitable[None]],
        forget: Callable[[Work], None],
        runner: Runner,
        work: Work,
    ) -> None:
        self._address = address
        self._make_tables = make_tables
        self._forget = forget
        self._runner = runner
        self._work = work
        self._stopping = False
        self._working: asyncio.Task[None] | None = None
        self._idle: list[Any] = []

    def stop(self) -> None:
        """Let what runs end, and the rest wait."""
        self._stopping = True
        if self._working is not None:
            self._working.cancel()  # procrastinate waits for the jobs that run

    async def run(self) -> None:
        """Work until `stop` is called and what ran then has ended. A database that is lost is waited for."""
        try:
            await self._run()
        finally:
            for connection in self._idle:
                connection.pgconn.finish()
            self._idle.clear()

    async def _run(self) -> None:
        lost = False
        while not self._stopping:
            self._working = asyncio.create_task(self._work_on(), name="sleeptalk inbox worker")
            try:
                await self._working
                lost = False
            except asyncio.CancelledError:
                if not self._stopping:
                    self._working.cancel()
                    raise
            except Exception as error:  # noqa: BLE001  # whatever stopped procrastinate's worker, it starts again
                if not lost:
                    sentence = "inbox: the worker waits for its database: %s"
                    logger.error(sentence, place_of(error))  # noqa: TRY400  # the text may quote a body
                lost = True
                await asyncio.sleep(RESTART_PAUSE)

    async def _work_on(self) -> None:
        await self._make_tables()
        app = application(self._address, CONNECT, self._handle, self._work.attempts)
        async with app.open_async():
            recovering = asyncio.create_task(self._recover(app))
            try:
                await app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._runner.concurrency,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=POLL,
                )
            finally:
                recovering.cancel()

    async def _recover(self, app: procrastinate.App) -> None:
        """Let jobs run again whose process has gone or whose time would never come, and blank and forget what is old.

        A job that is said to run, while nobody has its lane's lock, was seen so twice before it is believed: between
        taking a job and taking the lock there is a moment.
        """
        seen: set[Any] = set()
        swept = float("-inf")
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._address, **CONNECT) as db:
                    await db.execute(statements.SET_BACK, {"first": FIRST_PAUSE, "longest": LONGEST_PAUSE})
                    left = set(await (await db.execute(statements.LEFT_RUNNING)).fetchall())
                for job, _ in left & seen:
                    logger.warning("inbox: a process ended while it handled a callback, which is handled again")
                    await app.job_manager.retry_job_by_id_async(job, retry_at=utcnow())
                seen = left
                if time.monotonic() - swept >= SWEEP_PERIOD:
                    swept = time.monotonic()
                    await asyncio.to_thread(self._forget, self._work)
            except Exception as error:  # noqa: BLE001  # the next time it may work
                logger.warning("inbox: what was left running could not be looked for: %s", place_of(error))
            await asyncio.sleep(RECOVERY_PERIOD)

    async def _handle(self, context: JobContext, *, identity: str) -> None:
        """Handle a callback, the task of procrastinate.

        Raises AttemptFailedError, or NotNowError where the attempt could not be made or noted.
        """
        attempt = context.job.attempts + 1
        if attempt > self._work.attempts:
            await self._failed(identity, attempt - 1, PROCESS_ENDED)
            raise AttemptFailedError
        transaction = _Transaction(self._idle.pop() if self._idle else None, self._address, self._runner)
        try:
            await self._attempt(transaction, identity, attempt)
        except NotNowError:
            transaction.drop()
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                if self._runner.is_async:
                    transaction.drop()
                raise
            failure: BaseException = error
        except BaseException as error:  # noqa: BLE001  # whatever a handler raises is noted
            failure = error
        else:
            if transaction.connection is not None:
                self._idle.append(transaction.connection)
            return
        transaction.ended = True
        transaction.drop()
        await self._failed(identity, attempt, failure_of(failure), place_of(failure))
        raise AttemptFailedError

    async def _attempt(self, transaction: _Transaction, identity: str, attempt: int) -> None:
        row = await transaction.begin(identity)
        if row is None:  # it was purged, or done by a process that ended before it could say so
            await transaction.commit()
            return
        body, headers, received, revision_of, number = row
        received = received.astimezone(dt.UTC)
        callback = read(bytes(body), headers=json.loads(headers), received=received)
        delivery = Delivery(identity, attempt, received, revision_of, transaction.given)
        await self._runner(callback, delivery, lambda: lambda _: transaction.drop())
        transaction.ended = True
        if await transaction.execute(statements.FINISH, (attempt, identity, number)):
            await transaction.commit()
        elif await transaction.execute(statements.READ, (identity,)):
            raise RuntimeError("The handler ended the transaction of delivery.connection, which the inbox ends.")
        else:  # purged meanwhile
            transaction.drop()

    async def _failed(self, identity: str, attempt: int, error: str, place: str = "its process ended") -> None:
        dead = attempt >= self._work.attempts
        log_failure(identity, attempt, place, dead=dead)
        values = {"id": identity, "attempt": attempt, "error": error, "pause": pause_after(attempt)}
        try:
            async with await psycopg.AsyncConnection.connect(self._address, **CONNECT) as db:
                await db.execute(statements.FAIL, {**values, "state": "dead" if dead else "waiting"})
        except psycopg.Error:
            raise NotNowError from None  # a job that fails for good must not leave a callback behind that waits


class _Transaction:
    """The transaction of one attempt, on the kind of connection that the handler wants: sync, in a thread, or async."""

    def __init__(self, connection: Any, address: str, runner: Runner) -> None:
        self.connection: Any = connection
        self._address = address
        self._runner = runner
        self._context: Any = None
        self.ended = False

    def given(self) -> Any:
        """Return the connection to the handler; raises psycopg.ProgrammingError once it has returned."""
        if self.ended:
            raise psycopg.ProgrammingError(ENDED)
        return self.connection

    async def begin(self, identity: str) -> Sequence[Any] | None:
        """Begin, with the lock of the callback's lane; returns the callback, None where there is nothing to handle.

        Raises NotNowError where somebody else has the lock.
        """
        try:
            lock = await self._begun(identity)
        except psycopg.OperationalError:
            if self.connection is None:
                raise
            self.drop()  # it was lost while nobody used it
            lock = await self._begun(identity)
        if not lock:
            return None
        if lock != [(True,)]:
            raise NotNowError
        rows = await self.execute(statements.READ, (identity,))
        return rows[0] if rows else None

    async def _begun(self, identity: str) -> Any:
        if self.connection is None:
            kind: Any = psycopg.AsyncConnection if self._runner.is_async else psycopg.Connection
            self.connection = await self._call(lambda: kind.connect(self._address, autocommit=True, **CONNECT))
        self._context = self.connection.transaction()
        await self._call(self._context.__aenter__ if self._runner.is_async else self._context.__enter__)
        return await self.execute(statements.LANE_LOCK, (identity,))

    async def execute(self, query: str, values: Sequence[Any]) -> Any:
        """Return the rows of a query, or how many rows a change was about."""
        connection: Any = self.connection
        cursor = await self._call(lambda: connection.execute(query, values))
        return cursor.rowcount if cursor.description is None else await self._call(cursor.fetchall)

    async def commit(self) -> None:
        """Commit what was written."""
        leave = self._context.__aexit__ if self._runner.is_async else self._context.__exit__
        await self._call(lambda: leave(None, None, None))

    def drop(self) -> None:
        """Undo what was not committed, and close the connection."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.pgconn.finish()

    async def _call(self, call: Callable[[], Any]) -> Any:
        return await (call() if self._runner.is_async else self._runner.in_thread(call, lambda: lambda _: self.drop()))
