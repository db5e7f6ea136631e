"""The store in a database of PostgreSQL, for several machines: one table, and the jobs of procrastinate beside it."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from procrastinate import PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from psycopg.sql import SQL

from sleeptalk.callback.durable import postgres_statements as statements
from sleeptalk.callback.durable.delivery import SCHEMA_VERSION, Counts, Entry, Stored, newer_schema
from sleeptalk.callback.durable.group import GroupCommit
from sleeptalk.callback.durable.postgres_jobs import FIRST, job_for
from sleeptalk.callback.durable.postgres_worker import CONNECT, PostgresWorker
from sleeptalk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk.callback.durable.delivery import Accepted, Selection, Work
    from sleeptalk.callback.durable.handling import Runner

_FAILURES: Final = (psycopg.Error, ConnectorException, OSError)


class PostgresStore:
    """Keeps callbacks in a database. Its tables, and procrastinate's, are made where they are missing."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._writing = GroupCommit["Accepted"](self._commit)
        self._jobs = JobManager(PsycopgConnector())
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = False

    async def put(self, accepted: Accepted, /) -> None:
        """Store a callback, unless it is known. Raises StoreUnavailable where it could not be committed."""
        await self._writing.add(accepted)

    async def open(self) -> None:
        """Make the tables where they are missing. Raises StoreUnavailable where that cannot be done."""
        if not self._ready:
            await asyncio.to_thread(self._make_tables)

    async def close(self) -> None:
        """Close the connection that writes."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_FAILURES):
                await connection.close()

    def abandon(self) -> None:
        """Close the connection that writes, without a word to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.pgconn.finish()

    def worker(self, runner: Runner, work: Work) -> PostgresWorker:
        """Return what hands the callbacks to a handler."""
        return PostgresWorker(self._address, self.open, self.forget, runner, work)

    def counts(self) -> Counts:
        """Return how many callbacks are in each state. Raises StoreUnavailable."""
        with self._transaction() as db:
            rows = {state: (count, age) for state, count, age in db.execute(statements.COUNTS)}
            running: int = db.execute(statements.COUNT_RUNNING).fetchone()[0]  # type: ignore[index]  # a count has a row
        unfinished, age = rows.get("waiting", (0, None))
        return Counts(
            waiting=max(0, unfinished - running),
            running=running,
            done=rows.get("done", (0, None))[0],
            dead=rows.get("dead", (0, None))[0],
            oldest_seconds=None if age is None else max(0.0, float(age)),
        )

    def entries(self, selection: Selection) -> list[Entry]:
        """Return the newest of some callbacks, the newest first. Raises StoreUnavailable."""
        condition, values = statements.where(selection)
        query = f"{statements.ENTRIES} WHERE {condition} ORDER BY c.seq DESC LIMIT %s"
        with self._transaction() as db:
            return [_stored(row).entry for row in db.execute(query, [*values, selection.limit])]

    def find(self, beginning: str) -> list[Stored]:
        """Return the callbacks, at most two, whose id begins so, with their bodies. Raises StoreUnavailable."""
        query = f"{statements.ENTRIES} WHERE left(c.id, %s) = %s LIMIT 2"
        with self._transaction() as db:
            return [_stored(row) for row in db.execute(query, (len(beginning), beginning))]

    def retry(self, selection: Selection) -> int:
        """Make dead callbacks due again, and waiting ones due at once; return how many."""
        jobs = JobManager(SyncPsycopgConnector())
        with self._transaction() as db:
            ids = self._selected(db, selection)
            hastened = [row[0] for row in db.execute(statements.HASTEN, (ids,))]
            db.execute(statements.NO_LONGER_DUE, (hastened,))
            for identity in ids:
                row = db.execute(statements.REVIVE, (identity,)).fetchone()
                if row is not None:
                    db.execute(statements.DROP_JOBS, ([identity],))
                    jobs.defer_job(job_for(identity, row[0], priority=FIRST), connection=db)
                    hastened.append(identity)
        return len(hastened)

    def purge(self, selection: Selection) -> int:
        """Remove callbacks and all that is known of them, also those that run; return how many."""
        with self._transaction() as db:
            ids = self._selected(db, selection)
            db.execute(statements.DROP_JOBS, (ids,))
            return db.execute(statements.REMOVE, (ids,)).rowcount

    def forget(self, work: Work) -> None:
        """Blank the bodies, and remove the identities, of callbacks that were done long enough ago."""
        with self._transaction() as db:
            db.execute(statements.BLANK, (work.keep_bodies,))
            db.execute(statements.FORGET, (work.keep_identities,))

    def _selected(self, db: psycopg.Connection[Any], selection: Selection) -> list[str]:
        condition, values = statements.where(selection)
        return [row[0] for row in db.execute(f"{statements.ENTRIES} WHERE {condition} ORDER BY c.seq", values)]

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            if not self._ready:
                self._make_tables()
            with psycopg.connect(self._address, **CONNECT) as db:
                yield db
        except _FAILURES as error:
            raise _unavailable(error) from None

    def _make_tables(self) -> None:
        try:
            with psycopg.connect(self._address, autocommit=True, **CONNECT) as db:
                if db.execute(statements.EXISTS).fetchone() != (True, True, True):
                    db.execute(statements.SETUP_LOCK)  # until the connection is closed
                    jobs, callbacks, version = db.execute(statements.EXISTS).fetchone() or (False, False, False)
                    with db.transaction():
                        if not jobs:
                            db.execute(SchemaManager.get_schema())
                        if not callbacks:
                            db.execute(statements.SCHEMA)
                        if not version:
                            db.execute(SQL(statements.VERSION).format(SCHEMA_VERSION))
                (found,) = db.execute(statements.FOUND_VERSION).fetchone() or (SCHEMA_VERSION,)
        except _FAILURES as error:
            raise _unavailable(error) from None
        if found > SCHEMA_VERSION:
            raise StoreUnavailable(f"The inbox in PostgreSQL cannot be used: {newer_schema(found)}.")
        self._ready = True

    async def _commit(self, batch: Sequence[Accepted]) -> list[Any]:
        """Commit callbacks together; one that cannot be stored fails by itself."""
        try:
            await self._committed(batch)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(batch) == 1:
                return [_unavailable(error)]
            return [result for accepted in batch for result in await self._commit([accepted])]
        except _FAILURES as error:
            await self.close()
            raise _unavailable(error) from None
        except BaseException:
            await self.close()
            raise
        return [None] * len(batch)

    async def _committed(self, batch: Sequence[Accepted]) -> None:
        db = await self._connected()
        async with db.transaction(), db.cursor() as cursor:
            rows = [statements.row_of(each, json.dumps(dict(each.callback.headers))) for each in batch]
            await cursor.executemany(statements.INSERT, rows, returning=True)
            new = set[str]()
            while True:
                new |= {row[0] for row in await cursor.fetchall()}
                if not cursor.nextset():
                    break
            lanes = {each.id: each.lane for each in batch if each.id in new}
            if lanes:
                await self._jobs.batch_defer_jobs_async(
                    [job_for(identity, lane) for identity, lane in lanes.items()], connection=db
                )

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        loop = asyncio.get_running_loop()
        if self._connection is None or self._connection.closed or self._loop is not loop:
            await self.open()
            self._connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True, **CONNECT)
            self._loop = loop
        return self._connection


def _stored(row: Sequence[Any]) -> Stored:
    *known, body, headers = row
    names = ("id", "state", "event", "session_id", "window", "user_id", "attempt", "received", "due", "finished")
    entry = Entry(**dict(zip((*names, "revision_of", "error"), known, strict=True)))
    return Stored(entry, None if body is None else bytes(body), headers)


def _unavailable(error: Exception) -> StoreUnavailable:
    """Return the error to raise. The text of a database's error may quote values, and is left out."""
    state = getattr(error, "sqlstate", None)
    reason = type(error).__name__ if state is None else f"{type(error).__name__}, SQLSTATE {state}"
    return StoreUnavailable(f"The inbox in PostgreSQL cannot be used ({reason}).")
