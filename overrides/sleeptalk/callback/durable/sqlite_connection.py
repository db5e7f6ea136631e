"""Connections to a file of SQLite: how the write lock is waited for, and the one that a handler is given."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

C = TypeVar("C", bound=sqlite3.Connection)

ACCEPT_POLL: Final = 0.001  # seconds
HANDLER_POLL: Final = 0.01
"""Who accepts looks for the lock more often than handlers do, in every process, and so goes first."""

_TRANSACTION: Final = 22  # SQLITE_TRANSACTION, which the module sqlite3 does not name


def connect(path: Path, kind: type[C], *, timeout: float = 0.0) -> C:
    """Open an existing file; what is committed is on the disk, and what is deleted is overwritten.

    `timeout` is how long a statement waits for other processes, in seconds.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,
        factory=kind,
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def begin(connection: sqlite3.Connection, *, wait: float, poll: float) -> None:
    """Begin a transaction with the write lock, waiting for it up to `wait` seconds, asking every `poll` seconds.

    SQLite's own waiting asks ever more seldom, so that under load those who wait longest would get it last.
    """
    deadline = time.monotonic() + wait
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
        else:
            return
        time.sleep(poll)


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection has the lock."""
    code: int = getattr(error, "sqlite_errorcode", 0)  # errors that the module raises by itself have none
    return code & 0xFF == sqlite3.SQLITE_BUSY


class HandlerConnection(sqlite3.Connection):
    """A connection whose one transaction is begun and ended by the inbox.

    For code that commits by itself, `commit` and the end of a `with` block do nothing; `rollback` undoes what the
    handler has written. Statements that would end the transaction are refused.
    """

    _guarded = False

    def guard(self) -> None:
        """Refuse from now on what would begin or end a transaction."""
        self._guarded = True
        self.set_authorizer(_refuse_transactions)

    def unguard(self) -> None:
        """Let the inbox end the transaction."""
        self._guarded = False
        self.set_authorizer(None)

    def commit(self) -> None:
        """Leave the commit to the inbox."""

    def rollback(self) -> None:
        """Undo what has been written, and stay in a transaction."""
        if not self._guarded:
            super().rollback()
            return
        self.unguard()
        self.execute("ROLLBACK")
        self.execute("BEGIN IMMEDIATE")
        self.guard()

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        """Refuse a script: the module would commit before it runs."""
        if self._guarded:
            raise sqlite3.ProgrammingError(
                "executescript commits: call execute of delivery.connection for each statement."
            )
        return super().executescript(sql_script)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> Any:
        if kind is not None:
            self.rollback()
        return False


def _refuse_transactions(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action == _TRANSACTION else sqlite3.SQLITE_OK
