"""The store in a file of SQLite, for one machine.

One thread writes, and commits together what came while it wrote. Any number of processes may accept into one file; one
of them at a time works (`sqlite_worker`), and another takes over when it ends, however it ends.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from sleeptalk.callback.durable import sqlite_statements as statements
from sleeptalk.callback.durable.delivery import Entry, Stored, lane_of
from sleeptalk.callback.durable.group import GroupCommit
from sleeptalk.callback.durable.sqlite_connection import ACCEPT_POLL, begin, connect
from sleeptalk.callback.durable.sqlite_worker import SqliteWorker
from sleeptalk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sleeptalk.callback.durable.delivery import Accepted, Counts, Selection, Work
    from sleeptalk.callback.durable.handling import Runner

T = TypeVar("T")
Step: TypeAlias = Callable[[sqlite3.Connection], Any]

LOCK_SECONDS: Final = 3.5
"""How long the write lock is waited for: less than a sender waits for its answer."""
CHUNK: Final = 200
"""How many callbacks are blanked or removed in one transaction, so that nobody waits for long."""
OWNER_ONLY: Final = 0o600

_ENTRY: Final = (
    'id, state, event, session_id, "window", coalesce(user_id, other_user_id), attempt, received,'
    " CASE WHEN state = 'waiting' AND tried IS NOT NULL THEN due END, finished, revision_of, error"
)


class SqliteStore:
    """Keeps callbacks in a file. `create` makes it where it is missing, when it is first written to."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self.woken: Callable[[], object] = lambda: None
        self._create = create
        self._writing = GroupCommit[Step](self._commit_in_thread)
        self._thread = ThreadPoolExecutor(1, "sleeptalk-inbox-store")
        self._writer: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    async def put(self, accepted: Accepted, /) -> None:
        """Store a callback, unless it is known. Raises StoreUnavailable where it could not be committed."""
        await self.write(lambda db: statements.insert(db, accepted))
        self.woken()

    async def write(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a step returns, once it is committed. Raises StoreUnavailable where it could not be."""
        result: T = await self._writing.add(step)
        return result

    def write_now(self, step: Callable[[sqlite3.Connection], T]) -> T:
        """Do as `write` does, for a thread without an event loop."""
        result: T = self._now(lambda: self._commit([step]))[0]
        return result

    async def open(self) -> None:
        """Open the file. Raises StoreUnavailable where that cannot be done."""
        await self.write(lambda _: None)

    async def close(self) -> None:
        """Close the file, after what is being written."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close_writer)

    def abandon(self) -> None:
        """Close the file, without waiting for that."""
        self._thread.submit(self._close_writer)

    def worker(self, runner: Runner, work: Work) -> SqliteWorker:
        """Return what hands the callbacks to a handler."""
        return SqliteWorker(self, runner, work)

    def counts(self) -> Counts:
        """Return how many callbacks are in each state. Raises StoreUnavailable."""
        with self._reading() as db:
            return statements.counts(db, time.time())

    def entries(self, selection: Selection) -> list[Entry]:
        """Return the newest of some callbacks, the newest first. Raises StoreUnavailable."""
        where, values = _where(selection)
        with self._reading() as db:
            query = _select(_ENTRY, f"WHERE {where} ORDER BY seq DESC LIMIT ?")
            return [_entry(row) for row in db.execute(query, (*values, selection.limit))]

    def find(self, beginning: str) -> list[Stored]:
        """Return the callbacks, at most two, whose id begins so, with their bodies. Raises StoreUnavailable."""
        bodies = "LEFT JOIN sleeptalk_bodies USING (seq)"
        query = _select(f"{_ENTRY}, body, headers", f"{bodies} WHERE substr(id, 1, ?) = ? LIMIT 2")
        with self._reading() as db:
            rows = db.execute(query, (len(beginning), beginning)).fetchall()
        return [Stored(_entry(row[:-2]), *row[-2:]) for row in rows]

    def retry(self, selection: Selection) -> int:
        """Make dead callbacks due again, and waiting ones due at once; return how many."""
        return sum(self._in_chunks(selection, statements.retry))

    def purge(self, selection: Selection) -> int:
        """Remove callbacks and all that is known of them, also those that run; return how many."""
        count = sum(self._in_chunks(selection, statements.remove))
        self._now(self._checkpoint)
        return count

    def forget(self, work: Work) -> None:
        """Blank the bodies, and remove the identities, of callbacks that were done long enough ago."""
        now = time.time()
        done = _select("seq", "WHERE state = 'done' AND finished < ?")
        with self._reading() as db:
            old = [row[0] for row in db.execute(done, (now - work.keep_identities,))]
            with_body = f"{done} AND seq IN (SELECT seq FROM sleeptalk_bodies)"  # noqa: S608  # nothing but constants
            full = [row[0] for row in db.execute(with_body, (now - work.keep_bodies,))]
        for chunk in _chunks(full):
            self.write_now(partial(statements.blank, seqs=chunk))
        for chunk in _chunks(old):
            self.write_now(partial(statements.remove, seqs=chunk, now=now))
        if full or old:
            self._now(self._checkpoint)

    def _in_chunks(self, selection: Selection, step: Callable[..., int]) -> Iterator[int]:
        where, values = _where(selection)
        with self._reading() as db:
            seqs = [row[0] for row in db.execute(_select("seq", f"WHERE {where} ORDER BY seq"), values)]
        for chunk in _chunks(seqs):
            yield self.write_now(partial(step, seqs=chunk, now=time.time()))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._create and self._writer is None:
                self._now(self._opened)  # so that the tables are there
            with closing(connect(self.path, sqlite3.Connection, timeout=LOCK_SECONDS)) as db:
                statements.check(db)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from None

    def _now(self, call: Callable[[], T]) -> T:
        """Return the result of a call in the thread that writes."""
        return self._thread.submit(call).result()

    async def _commit_in_thread(self, steps: Sequence[Step]) -> list[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, steps)

    def _commit(self, steps: Sequence[Step]) -> list[Any]:
        try:
            return self._committed(steps)
        except (sqlite3.Error, OSError) as error:
            self._close_writer()
            raise self._unavailable(error) from None

    def _committed(self, steps: Sequence[Step]) -> list[Any]:
        """Return the result of each step, or the error of one that fails by itself, which the others survive."""
        db = self._opened()
        begin(db, wait=LOCK_SECONDS, poll=ACCEPT_POLL)
        try:
            results = [step(db) for step in steps]
            db.execute("COMMIT")
        except BaseException as error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            if len(steps) == 1 or not isinstance(error, Exception) or isinstance(error, sqlite3.OperationalError):
                raise
            return [self._alone(step) for step in steps]
        return results

    def _alone(self, step: Step) -> Any:
        try:
            return self._commit([step])[0]
        except Exception as error:  # noqa: BLE001  # it is raised where the step came from
            return error

    def _opened(self) -> sqlite3.Connection:
        """Return the connection that writes, a new one where the file is no longer the one that it has open."""
        if self._writer is not None and self._file != self._identity():
            self._close_writer()
        if self._writer is None:
            if self._create:
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
                self.path.chmod(OWNER_ONLY)  # also where somebody else has made it
            writer = connect(self.path, sqlite3.Connection, timeout=LOCK_SECONDS)
            try:
                statements.check(writer)
                if self._create:
                    writer.execute("PRAGMA journal_mode = WAL")
                    for statement in statements.SCHEMA:
                        writer.execute(statement)
                writer.execute("PRAGMA busy_timeout = 0")  # from now on `begin` waits
                writer.execute("PRAGMA wal_autocheckpoint = 4000")  # pages: seldom enough to cost little
            except BaseException:
                writer.close()
                raise
            self._writer, self._file = writer, self._identity()
        return self._writer

    def _identity(self) -> tuple[int, int] | None:
        with suppress(OSError):
            status = self.path.stat()
            return status.st_dev, status.st_ino
        return None

    def _close_writer(self) -> None:
        if self._writer is not None:
            with suppress(sqlite3.Error):
                self._writer.close()
        self._writer = self._file = None

    def _checkpoint(self) -> None:
        """Move what was committed into the file, and empty its log, so that no deleted body is left there."""
        with suppress(sqlite3.Error):  # somebody is reading: the next one will do it
            self._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return StoreUnavailable(f"The inbox in {self.path} cannot be used: {reason}.")


def _select(columns: str, rest: str) -> str:
    return f"SELECT {columns} FROM sleeptalk_callbacks {rest}"  # noqa: S608  # both are written in this module


def _chunks(seqs: list[int]) -> list[list[int]]:
    return [seqs[start : start + CHUNK] for start in range(0, len(seqs), CHUNK)]


def _where(selection: Selection) -> tuple[str, list[str]]:
    """Return the condition of a selection, and its values."""
    parts, values = ["1"], list[str]()
    if selection.ids is not None:
        parts.append(f"id IN ({', '.join('?' * len(selection.ids))})")
        values += selection.ids
    if selection.state is not None:
        parts.append("state = ?")
        values.append(selection.state)
    if selection.session is not None:
        parts.append("lane = ? AND session_id = ?")
        values += [lane_of(selection.session), selection.session]
    if selection.user is not None:
        parts.append("(user_id = ? OR other_user_id = ?)")
        values += [selection.user] * 2
    return " AND ".join(parts), values


def _entry(row: Sequence[Any]) -> Entry:
    *known, attempt, received, due, finished, revision_of, error = row
    return Entry(
        **dict(zip(("id", "state", "event", "session_id", "window", "user_id"), known, strict=True)),
        attempt=attempt,
        received=datetime.fromtimestamp(received, UTC),
        due=_time(due),
        finished=_time(finished),
        revision_of=revision_of,
        error=error,
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
