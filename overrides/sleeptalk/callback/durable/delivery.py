"""What a store keeps of a callback, what a handler is told of it, and what is shown of a store."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Protocol

import msgspec

from sleeptalk.callback.events import Callback, UnknownCallback
from sleeptalk.callback.identity import Subject, data_of

ENDED = "delivery.connection is there until the handler returns, and not after that."
PROCESS_ENDED = "The process ended while the handler ran."
SCHEMA_VERSION = 1
"""The version of a store's tables, kept in a view: `user_version` of SQLite belongs to what handlers keep there."""
ATTEMPTS = 20
FIRST_PAUSE = 1.0  # seconds
LONGEST_PAUSE = 3600.0

State = Literal["waiting", "running", "done", "dead"]
STATES: tuple[State, ...] = ("waiting", "running", "done", "dead")


def newer_schema(found: int) -> str:
    """Return why tables that a newer version of Sleeptalk made cannot be used, without a full stop."""
    return (
        f"a newer version of Sleeptalk made its tables (schema {found}; this version knows {SCHEMA_VERSION}):"
        " update sleeptalk"
    )


def pause_after(attempt: int) -> float:
    """Return how long to wait after a failed attempt, in seconds: 1, 2, 4 and so on, at most an hour."""
    return min(FIRST_PAUSE * 2.0 ** (attempt - 1), LONGEST_PAUSE)


@dataclass(frozen=True)
class Accepted:
    """A callback that is to be stored before it is answered.

    - `callback`: the callback as it was read, with its body (`raw`), `headers` without the key, and time `received`.
    - `id`: its identity, which is the same whenever it is delivered again.
    - `subject`: the event, session and window that it is about.
    """

    callback: Callback
    id: str
    subject: Subject

    @classmethod
    def of(cls, callback: Callback) -> Accepted:
        """Return what is to be stored of a callback."""
        return cls(callback, callback.identity, callback.subject)

    @cached_property
    def users(self) -> tuple[str, ...]:
        """The ids of the users that its data and its header name; one, where they agree."""
        named = _user_of(self.callback)
        header = self.callback.headers.get("x-user-id")
        return tuple(dict.fromkeys(user for user in (named, header) if user is not None))

    @cached_property
    def lane(self) -> str:
        """What is handled one at a time and in order: a key of its session, or its own where it names none."""
        session = self.subject.session_id
        return self.id if session is None else _digest(session)

    @cached_property
    def topic(self) -> str:
        """A key of what it is about, by which its revisions are found.

        Callbacks of an event that is not documented are no revisions of each other: what distinguishes them is not
        known.
        """
        return self.id if isinstance(self.callback, UnknownCallback) else _digest(*self.subject)


def lane_of(session: str) -> str:
    """Return the key of a session that `Accepted.lane` has."""
    return _digest(session)


def _digest(*parts: str | int | None) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def _user_of(callback: Callback) -> str | None:
    if not isinstance(callback, UnknownCallback):
        return callback.data.user_id
    user = data_of(callback.raw).get("user_id")
    return user if isinstance(user, str) else None


class Queue(Protocol):
    """What `inbox` needs of a store that is the user's own: one method.

    `put` returns, or its awaitable ends, once the callback is stored so that it outlives this process; the callback is
    then answered 204. What it raises is answered 503, so that the callback is delivered again. It may be given the same
    `accepted.id` more than once. Handling is then up to the consumer of that queue.
    """

    def put(self, accepted: Accepted, /) -> Awaitable[object] | object:
        """Store one callback."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to handle a callback, given to the handler beside it.

    - `id`: the callback's identity, 64 hexadecimal digits: the same at each attempt and each redelivery, and so a key
      for idempotency in other systems.
    - `attempt`: 1 for the first.
    - `received`: when the callback was first received, in UTC.
    - `revision_of`: the id of an earlier callback about the same event, session and window with another body; None
      where there is none.
    """

    id: str
    attempt: int
    received: datetime
    revision_of: str | None
    _connect: Callable[[], Any] = field(repr=False, compare=False)

    @property
    def connection(self) -> Any:
        """A connection to the store, in a transaction that commits when the handler returns.

        What is written through it commits together with the mark "done", so it is there exactly once. A handler that
        raises rolls it back. It is a `sqlite3.Connection`; on PostgreSQL a `psycopg.AsyncConnection` for an async
        handler, and a `psycopg.Connection` for any other.

        On SQLite the transaction has the file's only write lock from the moment that this is first read until the
        handler returns: read it late, after what is slow.
        """
        return self._connect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is shown of a stored callback: no body.

    - `session_id`, `window` and `user_id` are None where the callback does not name one.
    - `attempt`: how many times it was handed to the handler.
    - `due`: when it will be tried next; None unless it waits for that.
    - `finished`: when it was done or dead; None before.
    - `error`: the traceback of the last failed attempt; None without one, and after the body has been blanked.
    """

    id: str
    state: State
    event: str
    session_id: str | None
    window: str | None
    user_id: str | None
    attempt: int
    received: datetime
    due: datetime | None
    finished: datetime | None
    revision_of: str | None
    error: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored callback with its body and its headers, written as JSON; both are None once they have been blanked."""

    entry: Entry
    body: bytes | None = field(repr=False)
    headers: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which callbacks are meant: those that everything which is given applies to."""

    ids: tuple[str, ...] | None = None
    state: State | None = None
    session: str | None = None
    user: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does beside handling: after how many attempts a callback is dead, and what is kept how long.

    `keep_bodies` and `keep_identities` are seconds since a callback was done.
    """

    attempts: int
    keep_bodies: float
    keep_identities: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How many callbacks are in each state, and how old the oldest is that waits or runs, in seconds; None without."""

    waiting: int
    running: int
    done: int
    dead: int
    oldest_seconds: float | None
