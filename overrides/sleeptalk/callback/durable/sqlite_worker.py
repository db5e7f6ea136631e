"""The worker of the SQLite store: it claims callbacks that may run, and hands them to the handler."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from sleeptalk.callback.durable import sqlite_statements as statements
from sleeptalk.callback.durable.delivery import ENDED, Delivery, pause_after
from sleeptalk.callback.durable.handling import failure_of, log_failure, place_of
from sleeptalk.callback.durable.sqlite_connection import HANDLER_POLL, HandlerConnection, begin, connect, is_busy
from sleeptalk.callback.parsing import read
from sleeptalk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from sleeptalk.callback.durable.delivery import Work
    from sleeptalk.callback.durable.handling import Runner
    from sleeptalk.callback.durable.sqlite_statements import Claim

POLL: Final = 0.25  # seconds: what other processes accept is found so
STANDBY_POLL: Final = 1.0
STORE_PAUSE: Final = 1.0
SWEEP_PERIOD: Final = 3600.0
LAST_WORDS: Final = 5.0
"""How long a stop waits for a store that cannot be written to, in seconds. What is not noted runs again."""
LONG_LOCK: Final = 1.0
THREAD_WAIT: Final = 30.0
LOOP_WAIT: Final = 0.05
"""How long a handler waits for the write lock, in seconds: on the event loop, which it holds up, hardly at all."""

logger = logging.getLogger("sleeptalk")
T = TypeVar("T")


class File(Protocol):
    """What a worker needs of its store. `woken` is called when a callback has been stored."""

    woken: Callable[[], object]

    @property
    def path(self) -> Path:
        """The file."""
        ...

    async def write(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a step returns, once it is committed. Raises StoreUnavailable where it could not be."""
        ...

    def write_now(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Do as `write` does, for a thread without an event loop."""
        ...

    def forget(self, work: Work) -> None:
        """Blank the bodies, and remove the identities, of callbacks that were done long enough ago."""
        ...


class SqliteWorker:
    """Works until it is stopped, while no other process works on the same file."""

    def __init__(self, store: File, runner: Runner, work: Work) -> None:
        self._store = store
        self._runner = runner
        self._work = work
        self._wake = asyncio.Event()
        self._stopping = False
        self._held: _Lead | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Let what runs end, and the rest wait."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Work until `stop` is called and what ran then has ended."""
        lead = await self._lead()
        if lead is None:
            return
        self._wake_with(asyncio.get_running_loop())
        try:
            await self._note(lambda db: statements.recover(db, self._work.attempts, time.time()))
            await self._work_on()
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            self._store.woken = lambda: None
            running = list(self._tasks)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            lead.release()

    async def _lead(self) -> _Lead | None:
        """Return the lock of the one process that works, or None where this is stopped before it is free.

        The operating system takes the lock from a process that ends, however it ends.
        """
        path = Path(f"{self._store.path}-worker")
        told = False
        while not self._stopping:
            try:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
                try:
                    lock.execute("BEGIN EXCLUSIVE")
                except BaseException:
                    lock.close()
                    raise
            except (sqlite3.Error, OSError) as error:
                if not told and not (isinstance(error, sqlite3.Error) and is_busy(error)):
                    told = True
                    sentence = "inbox: the worker cannot start (%s), and tries on"
                    logger.error(sentence, error)  # noqa: TRY400  # the traceback adds nothing
                await self._pause(STANDBY_POLL)
            else:
                self._held = _Lead(lock)
                return self._held
        return None

    def _wake_with(self, loop: asyncio.AbstractEventLoop) -> None:
        def woken() -> None:
            with suppress(RuntimeError):  # the loop has been closed
                loop.call_soon_threadsafe(self._wake.set)

        self._store.woken = woken

    async def _work_on(self) -> None:
        swept = float("-inf")
        lost = False
        while not self._stopping:
            self._wake.clear()
            try:
                if time.monotonic() - swept >= SWEEP_PERIOD:
                    swept = time.monotonic()
                    await asyncio.to_thread(self._store.forget, self._work)
                await self._claim()
            except StoreUnavailable as error:
                if not lost:
                    logger.error("inbox: %s The worker waits for it.", error)  # noqa: TRY400  # the sentence says it
                lost = True
                await self._pause(STORE_PAUSE)
            else:
                lost = False
                await self._pause(POLL)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _claim(self) -> None:
        free = self._runner.concurrency - len(self._tasks)
        if free <= 0:
            return
        for claimed in await self._store.write(lambda db: statements.claim(db, free, time.time())):
            task = asyncio.create_task(self._handle(claimed), name=f"callback {claimed.id[:12]}")
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            logger.error("inbox: the worker failed: %s", place_of(task.exception() or RuntimeError()))

    async def _handle(self, claimed: Claim) -> None:
        transaction = _Transaction(self._store.path, LOOP_WAIT if self._runner.is_async else THREAD_WAIT)
        error = await self._attempt(claimed, transaction)
        if transaction.conflict:
            now = time.time()
            await self._note(lambda db: statements.put_back(db, claimed, now + POLL, now))
        elif error is not None:
            await self._failed(claimed, error)

    async def _attempt(self, claimed: Claim, transaction: _Transaction) -> BaseException | None:
        """Run the handler and mark the callback as done, or return what was raised."""
        try:
            received = datetime.fromtimestamp(claimed.received, UTC)
            callback = read(claimed.body, headers=claimed.headers, received=received)
            delivery = Delivery(claimed.id, claimed.attempt, received, claimed.revision_of, transaction.connect)
            await self._runner(callback, delivery, lambda: self._abandoned(claimed, transaction))
            if transaction.conflict:
                return None
            if transaction.begun:
                await self._runner.in_thread(lambda: transaction.end(claimed), lambda: lambda _: transaction.drop())
            else:
                transaction.drop()
                await self._note(lambda db: statements.finish(db, claimed, time.time()))
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                if self._runner.is_async:
                    transaction.drop()
                raise
            transaction.drop()
            return error
        except BaseException as error:  # noqa: BLE001  # whatever a handler raises is noted
            transaction.drop()
            return error
        return None

    def _abandoned(self, claimed: Claim, transaction: _Transaction) -> Callable[[Future[Any]], None]:
        """Return what marks a callback as done whose handler outlives the event loop. Until then nobody else works."""
        lead = self._held
        if lead is not None:
            lead.hold()

        def ended(handler: Future[Any]) -> None:
            try:
                if (
                    handler.exception() is None
                    and not transaction.conflict
                    and not inspect.isawaitable(handler.result())
                ):
                    if transaction.begun:
                        transaction.end(claimed)
                    else:
                        self._store.write_now(lambda db: statements.finish(db, claimed, time.time()))
            except (sqlite3.Error, StoreUnavailable) as error:
                logger.warning("inbox: a callback that was handled could not be marked as done: %s", place_of(error))
            finally:
                transaction.drop()
                if lead is not None:
                    lead.release()

        return ended

    async def _failed(self, claimed: Claim, error: BaseException) -> None:
        now = time.time()
        dead = claimed.attempt >= self._work.attempts
        due = None if dead else now + pause_after(claimed.attempt)
        log_failure(claimed.id, claimed.attempt, place_of(error), dead=dead)
        await self._note(lambda db: statements.fail(db, claimed, failure_of(error), due, now))

    async def _note(self, step: Callable[[sqlite3.Connection], Any]) -> None:
        """Commit a step, however long that takes; after a stop, only for a few seconds."""
        deadline = float("inf")
        while time.monotonic() < deadline:
            try:
                await self._store.write(step)
            except StoreUnavailable:
                if self._stopping and deadline == float("inf"):
                    deadline = time.monotonic() + LAST_WORDS
                await asyncio.sleep(STORE_PAUSE)
            else:
                return


class _Lead:
    """The lock of the one process that works, held by its worker and by handlers that outlive it."""

    def __init__(self, lock: sqlite3.Connection) -> None:
        self._lock = lock
        self._holders = 1
        self._guard = threading.Lock()

    def hold(self) -> None:
        """Keep the lock for one more."""
        with self._guard:
            self._holders += 1

    def release(self) -> None:
        """Give the lock up, once nobody holds it any longer."""
        with self._guard:
            self._holders -= 1
            if self._holders == 0:
                self._lock.close()


class _Transaction:
    """The connection of one attempt, opened when the handler asks for it. `conflict`: it could not have the lock."""

    def __init__(self, path: Path, wait: float) -> None:
        self._path = path
        self._wait = wait
        self._connection: HandlerConnection | None = None
        self._since = 0.0
        self._ended = False
        self.conflict = False

    @property
    def begun(self) -> bool:
        """Whether the handler has asked for the connection."""
        return self._connection is not None

    def connect(self) -> HandlerConnection:
        """Return the connection, in its transaction.

        Raises sqlite3.OperationalError where another connection keeps the lock: the attempt is then made anew; and
        sqlite3.ProgrammingError once the handler has returned.
        """
        if self._ended:
            raise sqlite3.ProgrammingError(ENDED)
        if self._connection is None:
            connection = connect(self._path, HandlerConnection)
            try:
                begin(connection, wait=self._wait, poll=HANDLER_POLL)
            except sqlite3.Error as error:
                connection.close()
                self.conflict = is_busy(error)
                raise
            connection.guard()
            self._connection, self._since, self.conflict = connection, time.monotonic(), False
        return self._connection

    def end(self, claimed: Claim) -> None:
        """Commit what was written and the mark "done", or neither."""
        connection = self._connection
        if connection is None:
            return
        connection.unguard()
        if statements.finish(connection, claimed, time.time()):
            connection.execute("COMMIT")
        held = time.monotonic() - self._since
        if held > LONG_LOCK:
            logger.warning(
                "inbox: a handler had the store's write lock for %.1f s, while no callback can be accepted:"
                " read delivery.connection after what is slow",
                held,
            )
        self.drop()

    def drop(self) -> None:
        """Undo what was not committed, and give no connection any longer."""
        self._ended = True
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
