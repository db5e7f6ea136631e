"""The tables of the SQLite store, and what is done to them, one function per step.

None of them begins or ends a transaction.

A callback that is neither done nor dead is in its session's lane. `due` is when it may run; it is null while an earlier
callback of its lane is unfinished, so that the next ones to run are found without a look at those that wait.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sleeptalk.callback.durable.delivery import PROCESS_ENDED, SCHEMA_VERSION, STATES, Counts, newer_schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk.callback.durable.delivery import Accepted

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS sleeptalk_callbacks (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        topic TEXT NOT NULL,
        lane TEXT NOT NULL,
        event TEXT NOT NULL,
        session_id TEXT,
        "window" TEXT,
        user_id TEXT,
        other_user_id TEXT,
        received REAL NOT NULL,
        revision_of TEXT,
        state TEXT NOT NULL DEFAULT 'waiting',
        attempt INTEGER NOT NULL DEFAULT 0,
        due REAL,
        tried REAL,
        finished REAL,
        error TEXT,
        UNIQUE (topic, id)
    )
    """,
    f"CREATE VIEW IF NOT EXISTS sleeptalk_schema AS SELECT {SCHEMA_VERSION} AS version",
    # bodies stand apart, so that lists and counts read little, and blanking is deleting
    "CREATE TABLE IF NOT EXISTS sleeptalk_bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, headers TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS sleeptalk_lanes ON sleeptalk_callbacks (lane, seq) WHERE finished IS NULL",
    """
    CREATE INDEX IF NOT EXISTS sleeptalk_due ON sleeptalk_callbacks (due, seq)
    WHERE finished IS NULL AND due IS NOT NULL
    """,
)
"""Times are seconds since 1970."""


def check(db: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError where the tables are those of a newer version of Sleeptalk."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'sleeptalk_schema'").fetchone() is None:
        return
    (found,) = db.execute("SELECT max(version) FROM sleeptalk_schema").fetchone()
    if found > SCHEMA_VERSION:
        raise sqlite3.DatabaseError(newer_schema(found))


@dataclass(frozen=True, slots=True)
class Claim:
    """A callback that is to be handled now."""

    seq: int
    id: str
    lane: str
    received: float
    revision_of: str | None
    attempt: int
    body: bytes
    headers: dict[str, str]


def insert(db: sqlite3.Connection, accepted: Accepted) -> None:
    """Store a callback, unless it is known."""
    subject, received = accepted.subject, accepted.callback.received.timestamp()
    user, other = (*accepted.users, None, None)[:2]
    window = None if subject.window is None else str(subject.window)
    stored = db.execute(
        """
        INSERT INTO sleeptalk_callbacks
            (id, topic, lane, event, session_id, "window", user_id, other_user_id, received, due, revision_of)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
            CASE WHEN EXISTS (SELECT 1 FROM sleeptalk_callbacks WHERE lane = ?3 AND finished IS NULL)
                THEN NULL ELSE ?9 END,
            (SELECT id FROM sleeptalk_callbacks WHERE topic = ?2 ORDER BY seq DESC LIMIT 1))
        ON CONFLICT (topic, id) DO NOTHING
        """,
        (
            *(accepted.id, accepted.topic, accepted.lane, subject.event, subject.session_id, window),
            *(user, other, received),
        ),
    )
    if stored.rowcount:
        callback = accepted.callback
        db.execute(
            "INSERT INTO sleeptalk_bodies VALUES (?, ?, ?)",
            (stored.lastrowid, callback.raw, msgspec.json.encode(callback.headers).decode()),
        )


def claim(db: sqlite3.Connection, limit: int, now: float) -> list[Claim]:
    """Take callbacks that may run: those whose time has come, and those whose time no clock would show.

    A time to try again lies after the time of the failed attempt. Where that, or the time of receipt, is still to come,
    the clock was set back, and waiting for it could take for ever.
    """
    rows = db.execute(
        """
        SELECT seq, id, lane, received, revision_of, attempt + 1, body, headers
        FROM sleeptalk_callbacks JOIN sleeptalk_bodies USING (seq)
        WHERE finished IS NULL AND due IS NOT NULL AND state = 'waiting'
            AND (due <= ?1 OR coalesce(tried, due) > ?1)
        ORDER BY due, seq LIMIT ?2
        """,
        (now, limit),
    ).fetchall()
    for row in rows:
        db.execute(
            "UPDATE sleeptalk_callbacks SET state = 'running', attempt = attempt + 1 WHERE seq = ?",
            (row[0],),
        )
    return [
        Claim(seq, identity, lane, received, revision_of, attempt, body, json.loads(headers))
        for seq, identity, lane, received, revision_of, attempt, body, headers in rows
    ]


def finish(db: sqlite3.Connection, claimed: Claim, now: float) -> bool:
    """Mark a callback as done; False where that attempt is no longer the one that runs, or it was purged."""
    if not _leave(db, claimed, "state = 'done', finished = ?, error = NULL", (now,)):
        return False
    promote(db, claimed.lane, now)
    return True


def fail(db: sqlite3.Connection, claimed: Claim, error: str, due: float | None, now: float) -> None:
    """Note a failed attempt: it is due again, or dead where `due` is None."""
    if due is not None:
        _leave(db, claimed, "state = 'waiting', due = ?, tried = ?, error = ?", (due, now, error))
    elif _leave(db, claimed, "state = 'dead', finished = ?, error = ?", (now, error)):
        promote(db, claimed.lane, now)


def put_back(db: sqlite3.Connection, claimed: Claim, due: float, now: float) -> None:
    """Undo a claim, as if the attempt had not been made."""
    _leave(db, claimed, "state = 'waiting', attempt = attempt - 1, due = ?, tried = ?", (due, now))


def _leave(db: sqlite3.Connection, claimed: Claim, change: str, values: Sequence[Any]) -> bool:
    changed = db.execute(
        f"UPDATE sleeptalk_callbacks SET {change} WHERE seq = ? AND state = 'running' AND attempt = ?",  # noqa: S608  # the changes above
        (*values, claimed.seq, claimed.attempt),
    )
    return changed.rowcount == 1


def promote(db: sqlite3.Connection, lane: str, now: float) -> None:
    """Let the first unfinished callback of a lane run next, if none of them runs."""
    db.execute(
        """
        UPDATE sleeptalk_callbacks SET due = ?2
        WHERE seq = (SELECT min(seq) FROM sleeptalk_callbacks WHERE lane = ?1 AND finished IS NULL) AND due IS NULL
            AND NOT EXISTS (
                SELECT 1 FROM sleeptalk_callbacks WHERE lane = ?1 AND finished IS NULL AND state = 'running')
        """,
        (lane, now),
    )


def recover(db: sqlite3.Connection, attempts: int, now: float) -> None:
    """Give back what a worker left running that has gone; what was tried `attempts` times is dead."""
    left = db.execute(
        "SELECT seq, lane, attempt FROM sleeptalk_callbacks WHERE finished IS NULL AND due IS NOT NULL"
        " AND state = 'running'"
    ).fetchall()
    for seq, lane, attempt in left:
        if attempt < attempts:
            db.execute("UPDATE sleeptalk_callbacks SET state = 'waiting', due = ? WHERE seq = ?", (now, seq))
        else:
            db.execute(
                "UPDATE sleeptalk_callbacks SET state = 'dead', finished = ?, error = ? WHERE seq = ?",
                (now, PROCESS_ENDED, seq),
            )
            promote(db, lane, now)


def retry(db: sqlite3.Connection, seqs: Sequence[int], now: float) -> int:
    """Make dead callbacks due before later ones of their lanes, and waiting ones at once; return how many."""
    count = 0
    for seq in seqs:
        row = db.execute("SELECT lane FROM sleeptalk_callbacks WHERE seq = ? AND state = 'dead'", (seq,)).fetchone()
        if row is not None:
            db.execute(
                "UPDATE sleeptalk_callbacks SET due = NULL WHERE lane = ? AND finished IS NULL AND state = 'waiting'",
                row,
            )
            db.execute(
                "UPDATE sleeptalk_callbacks SET state = 'waiting', attempt = 0, due = NULL, tried = NULL,"
                " finished = NULL, error = NULL WHERE seq = ?",
                (seq,),
            )
            promote(db, row[0], now)
            count += 1
        else:
            count += db.execute(
                "UPDATE sleeptalk_callbacks SET due = ? WHERE seq = ? AND state = 'waiting' AND due > ?",
                (now, seq, now),
            ).rowcount
    return count


def remove(db: sqlite3.Connection, seqs: Sequence[int], now: float) -> int:
    """Remove callbacks, their identities included, and let what waited behind them run; return how many there were."""
    count = 0
    for seq in seqs:
        row = db.execute("DELETE FROM sleeptalk_callbacks WHERE seq = ? RETURNING lane", (seq,)).fetchone()
        db.execute("DELETE FROM sleeptalk_bodies WHERE seq = ?", (seq,))
        if row is not None:
            promote(db, row[0], now)
            count += 1
    return count


def blank(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Delete bodies and headers, and what errors say of them."""
    for seq in seqs:
        db.execute("DELETE FROM sleeptalk_bodies WHERE seq = ?", (seq,))
        db.execute("UPDATE sleeptalk_callbacks SET error = NULL WHERE seq = ?", (seq,))


def counts(db: sqlite3.Connection, now: float) -> Counts:
    """Return how many callbacks are in each state."""
    found = dict(db.execute("SELECT state, count(*) FROM sleeptalk_callbacks GROUP BY state").fetchall())
    oldest = db.execute("SELECT min(received) FROM sleeptalk_callbacks WHERE finished IS NULL").fetchone()[0]
    age = None if oldest is None else max(0.0, now - oldest)
    return Counts(**{state: found.get(state, 0) for state in STATES}, oldest_seconds=age)
