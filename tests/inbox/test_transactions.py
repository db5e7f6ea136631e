"""`delivery.connection`: what a handler writes is there exactly once, together with the mark "done"."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from sleeptalk.callback.durable.delivery import Selection
from sleeptalk.callback.durable.stores import store_at
from tests.inbox.stores import Seen, receiving, window
from tests.waiting import until

A, B, C = (f"20220821093117_aaaa{letter}" for letter in "abc")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with a table of the user's own, which the store is to share."""
    path = tmp_path / "callbacks.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE effects (id TEXT, attempt INTEGER)")
    db.close()
    return path


def effects(path: Path) -> list[Any]:
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT id, attempt FROM effects").fetchall()
    finally:
        db.close()


def write(delivery: Any) -> None:
    delivery.connection.execute("INSERT INTO effects VALUES (?, ?)", (delivery.id, delivery.attempt))


def store_first(path: Path, *sessions: str) -> None:
    """Store a callback of each session, for a worker that finds them all at once."""
    with receiving(Seen(), f"sqlite:///{path}", work=False) as receiver:
        for session in sessions:
            assert receiver.post(window(session)).status_code == 204


def test_what_is_written_is_there_once_the_callback_is_done(path: Path) -> None:
    handler = Seen(lambda _, delivery: write(delivery))
    with receiving(handler, f"sqlite:///{path}") as receiver:
        for session in (A, B, C):
            receiver.post(window(session))
        receiver.wait_for(done=3)
        assert sorted(effects(path)) == sorted((delivery.id, 1) for delivery in handler.deliveries)


def test_what_a_failed_attempt_wrote_is_not_there(path: Path) -> None:
    def fail_at_first(_: Any, delivery: Any) -> None:
        write(delivery)
        if delivery.attempt == 1:
            raise RuntimeError

    with receiving(fail_at_first, f"sqlite:///{path}") as receiver:
        receiver.post(window())
        receiver.wait_for(done=1)
        assert [attempt for _, attempt in effects(path)] == [2]


def test_an_async_handler_has_the_connection_too(path: Path) -> None:
    async def handle(_: Any, delivery: Any) -> None:
        await asyncio.sleep(0)
        write(delivery)

    with receiving(handle, f"sqlite:///{path}") as receiver:
        receiver.post(window())
        receiver.wait_for(done=1)
        assert len(effects(path)) == 1


def test_async_handlers_that_hold_the_lock_while_they_wait_do_not_stop_each_other(path: Path) -> None:
    async def handle(_: Any, delivery: Any) -> None:
        write(delivery)
        await asyncio.sleep(0.2)

    store_first(path, A, B, C)
    with receiving(handle, f"sqlite:///{path}") as receiver:
        receiver.wait_for(done=3)
        assert [attempt for _, attempt in effects(path)] == [1, 1, 1]


def test_a_handler_that_catches_that_it_could_not_have_the_lock_is_not_done(path: Path) -> None:
    caught: list[Any] = []

    async def handle(callback: Any, delivery: Any) -> None:
        try:
            write(delivery)
        except sqlite3.OperationalError as error:
            caught.append(error)
            return
        await asyncio.sleep(0.3)

    store_first(path, A, B)
    with receiving(handle, f"sqlite:///{path}") as receiver:
        receiver.wait_for(done=2)
        assert caught
        assert len(effects(path)) == 2


@pytest.mark.parametrize("way", ["commit", "with", "rollback", "begin", "commit statement", "end", "script"])
def test_code_that_commits_by_itself_commits_nothing_before_the_mark(path: Path, way: str) -> None:
    def handle(_: Any, delivery: Any) -> None:
        connection = delivery.connection
        if way == "rollback":
            write(delivery)
            connection.rollback()
        write(delivery)
        if way == "commit":
            connection.commit()
        elif way == "with":
            with connection:
                pass
        elif way == "begin":
            connection.execute("BEGIN")
        elif way == "commit statement":
            connection.execute("COMMIT")
        elif way == "end":
            connection.execute("END")
        elif way == "script":
            connection.executescript("SELECT 1;")
        if delivery.attempt == 1:
            assert effects(path) == []
            raise RuntimeError

    refused = way in ("begin", "commit statement", "end", "script")
    with receiving(handle, f"sqlite:///{path}", attempts=1 if refused else 2) as receiver:
        receiver.post(window())
        receiver.wait_for(dead=int(refused), done=int(not refused))
        assert [attempt for _, attempt in effects(path)] == ([] if refused else [2])


def test_callbacks_are_accepted_while_handlers_write_without_a_pause(path: Path) -> None:
    """Accepting goes first, in this process, although handlers hold the lock nearly all the time."""

    def handle(_: Any, delivery: Any) -> None:
        write(delivery)
        time.sleep(0.02)  # so that the lock is had nearly all the time

    with receiving(handle, f"sqlite:///{path}", concurrency=8) as receiver:
        for number in range(15):
            for session in "abcdefgh":
                answer = receiver.post(window(f"20220821093117_aaaa{session}", number))
                assert answer.status_code == 204
                assert answer.elapsed.total_seconds() < 3
        receiver.wait_for(done=120)
        assert len(effects(path)) == 120


def test_a_purged_callback_that_runs_leaves_nothing(path: Path) -> None:
    address = f"sqlite:///{path}"

    def handle(_: Any, delivery: Any) -> None:
        assert store_at(address).purge(Selection(session=A)) == 1
        write(delivery)

    handler = Seen(handle)
    with receiving(handler, address) as receiver:
        receiver.post(window(A))
        until(lambda: handler.deliveries)
        receiver.wait_for(done=0, running=0, waiting=0, dead=0)
    assert effects(path) == []


def test_a_delivery_that_was_kept_gives_no_connection_after_its_handler(path: Path) -> None:
    handler = Seen(lambda _, delivery: write(delivery))
    with receiving(handler, f"sqlite:///{path}") as receiver:
        receiver.post(window(A))
        receiver.post(window(B))
        receiver.wait_for(done=2)
        for delivery in handler.deliveries:
            with pytest.raises(sqlite3.ProgrammingError, match="until the handler returns"):
                write(delivery)
        assert receiver.post(window(C)).status_code == 204  # nobody keeps the lock
