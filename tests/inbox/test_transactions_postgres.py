"""`delivery.connection` on PostgreSQL: what a handler writes is there exactly once, together with the mark "done"."""

import asyncio
import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from procrastinate import utils

from sleeptalk.callback.durable.delivery import Selection
from sleeptalk.callback.durable.stores import store_at
from tests.inbox.postgres import Cluster
from tests.inbox.stores import Seen, receiving, window
from tests.waiting import until

A, B, C = (f"20220821093117_aaaa{letter}" for letter in "abc")
INSERT = "INSERT INTO effects VALUES (%s, %s)"


@pytest.fixture
def address(cluster: Cluster) -> str:
    """A database with a table of the user's own, which the store is to share."""
    address = cluster.emptied()
    with psycopg.connect(address) as db:
        db.execute("CREATE TABLE effects (id text, attempt integer)")
    return address


@pytest.fixture
def effects(address: str) -> Iterator[Any]:
    """Return what handlers have written."""
    with psycopg.connect(address, autocommit=True) as db:
        yield lambda: db.execute("SELECT id, attempt FROM effects").fetchall()


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_what_is_written_is_there_once_the_callback_is_done(address: str, effects: Any, kind: str) -> None:
    async def awaited(_: Any, delivery: Any) -> None:
        await asyncio.sleep(0)
        await delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))

    def plain(_: Any, delivery: Any) -> None:
        delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))

    with receiving(plain if kind == "plain" else awaited, address) as receiver:
        for session in (A, B, C):
            receiver.post(window(session))
        receiver.wait_for(done=3)
        assert sorted(effects()) == sorted((entry.id, 1) for entry in receiver.entries())


def test_what_a_failed_attempt_wrote_is_not_there(address: str, effects: Any) -> None:
    def fail_at_first(_: Any, delivery: Any) -> None:
        delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))
        if delivery.attempt == 1:
            raise RuntimeError

    with receiving(fail_at_first, address) as receiver:
        receiver.post(window())
        receiver.wait_for(done=1)
        assert [attempt for _, attempt in effects()] == [2]


@pytest.mark.parametrize("way", ["commit", "commit statement", "swallowed error"])
def test_a_handler_that_ends_the_transaction_has_failed(address: str, effects: Any, way: str) -> None:
    def handle(_: Any, delivery: Any) -> None:
        if way == "swallowed error":
            with pytest.raises(psycopg.Error):
                delivery.connection.execute("SELECT 1 FROM missing")
        elif way == "commit":
            delivery.connection.commit()
        else:
            delivery.connection.execute("COMMIT")

    with receiving(handle, address, attempts=1) as receiver:
        receiver.post(window())
        receiver.wait_for(dead=1)
        assert effects() == []


def test_callbacks_are_accepted_while_a_handler_holds_its_transaction(address: str) -> None:
    def slow(_: Any, delivery: Any) -> None:
        delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))
        until(lambda: len(store_at(address).entries(Selection())) == 4)

    with receiving(slow, address) as receiver:
        for number in range(4):
            assert receiver.post(window(A, number)).elapsed.total_seconds() < 3
        receiver.wait_for(done=4)


def test_a_purged_callback_that_runs_leaves_nothing(address: str, effects: Any) -> None:
    def handle(_: Any, delivery: Any) -> None:
        assert store_at(address).purge(Selection(session=A)) == 1
        delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))

    handler = Seen(handle)
    with receiving(handler, address) as receiver:
        receiver.post(window(A))
        until(lambda: handler.deliveries)
        receiver.wait_for(done=0, running=0, waiting=0, dead=0)
        with psycopg.connect(address, autocommit=True) as db:
            until(lambda: not db.execute("SELECT 1 FROM procrastinate_jobs").fetchall())
    assert effects() == []


def test_a_lost_database_is_answered_503_and_waited_for(cluster: Cluster, address: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        receiver.post(window(A, 1))
        receiver.wait_for(done=1)
        cluster.stop()
        try:
            answer = receiver.post(window(A, 2))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.elapsed.total_seconds() < 5
            assert receiver.client.get("/health").status_code == 503
        finally:
            cluster.start()
        assert receiver.post(window(A, 2)).status_code == 204
        receiver.wait_for(done=2)
        assert receiver.client.get("/health").status_code == 200
    assert handler.windows == [(A, 1), (A, 2)]


def test_a_database_that_is_lost_in_mid_handler_is_not_lost_work(cluster: Cluster, address: str, effects: Any) -> None:
    lost: list[str] = []

    def handle(_: Any, delivery: Any) -> None:
        delivery.connection.execute(INSERT, (delivery.id, delivery.attempt))
        if not lost:
            lost.append("going")
            cluster.stop()
            cluster.start()
            lost.append("back")

    with receiving(handle, address) as receiver:
        receiver.post(window(A, 1))
        until(lambda: lost == ["going", "back"])
        receiver.wait_for(done=1)
    with psycopg.connect(address) as db:
        assert len(db.execute("SELECT id FROM effects").fetchall()) == 1


@contextmanager
def full(address: str, table: str, event: str) -> Iterator[None]:
    """Let the server say of a table what it says of a full disk."""
    with psycopg.connect(address, autocommit=True) as db:
        db.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        db.execute(f"CREATE TRIGGER full_disk BEFORE {event} ON {table} EXECUTE FUNCTION full_disk()")
        try:
            yield
        finally:
            db.execute("DROP FUNCTION full_disk CASCADE")


@pytest.mark.parametrize("table", ["sleeptalk_callbacks", "procrastinate_jobs"])
def test_a_full_disk_is_answered_503_and_what_was_acknowledged_is_handled(address: str, table: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        assert receiver.post(window(A, 1)).status_code == 204
        receiver.wait_for(done=1)
        with full(address, table, "INSERT"):
            answer = receiver.post(window(A, 2))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "space" not in answer.text
        assert receiver.post(window(A, 2)).status_code == 204
        receiver.wait_for(done=2)
    assert handler.windows == [(A, 1), (A, 2)]


def test_a_disk_that_fills_while_a_callback_is_handled_leaves_no_half_of_its_effect(address: str, effects: Any) -> None:
    handler = Seen(lambda _, delivery: delivery.connection.execute(INSERT, (delivery.id, delivery.attempt)))
    with receiving(handler, address) as receiver:
        receiver.post(window(A, 1))
        receiver.wait_for(done=1)
        with full(address, "sleeptalk_callbacks", "UPDATE"):
            receiver.post(window(A, 2))
            until(lambda: len(handler.windows) > 2)
            assert len(effects()) == 1
        receiver.wait_for(done=2)
    assert len(effects()) == 2


@pytest.mark.parametrize("jump", [dt.timedelta(days=-1), dt.timedelta(days=1)])
def test_a_wrong_clock_of_a_worker_neither_holds_back_nor_hastens_a_callback(
    address: str, monkeypatch: pytest.MonkeyPatch, jump: dt.timedelta
) -> None:
    right = utils.utcnow
    monkeypatch.setattr(utils, "utcnow", lambda: right() + jump)
    failed_at: list[float] = []

    def fail_twice(*_: Any) -> None:
        failed_at.append(time.monotonic())
        if len(failed_at) < 3:
            raise RuntimeError

    with receiving(fail_twice, address) as receiver:
        receiver.post(window(A, 1))
        receiver.wait_for(done=1)
    pauses = [after - before for before, after in pairwise(failed_at)]
    assert pauses[0] > 0.9
    assert pauses[1] > 1.9


def test_a_clock_of_the_database_that_is_set_back_holds_no_callback_back(address: str) -> None:
    failing = [True]

    def fail(*_: Any) -> None:
        if failing[0]:
            raise RuntimeError

    with receiving(fail, address) as receiver, psycopg.connect(address, autocommit=True) as db:
        receiver.post(window(A, 1))
        later = "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at + interval '1 day' WHERE status = 'todo'"
        until(lambda: db.execute(later).rowcount and receiver.entries()[0].attempt)
        failing[0] = False
        receiver.wait_for(done=1)


def test_a_delivery_that_was_kept_gives_no_connection_after_its_handler(address: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        receiver.post(window(A))
        receiver.wait_for(done=1)
        with pytest.raises(psycopg.ProgrammingError, match="until the handler returns"):
            _ = handler.deliveries[0].connection
