"""The SQLite store where things go wrong: full, locked, lost, a clock that jumps, two workers; and what it keeps."""

import datetime as dt
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sleeptalk.callback.durable import sqlite as sqlite_store
from sleeptalk.callback.durable.delivery import Selection
from sleeptalk.callback.durable.stores import store_at
from tests.inbox.stores import Seen, receiving, window
from tests.waiting import until

A, B = "20220821093117_aaaaa", "20220821093117_bbbbb"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callbacks.db"


@pytest.fixture
def address(path: Path) -> str:
    return f"sqlite:///{path}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock, as a tool of the user's might."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        db.close()


def test_only_its_owner_may_read_the_file(path: Path, address: str) -> None:
    path.touch(mode=0o644)
    with receiving(Seen(), address) as receiver:
        receiver.post(window())
        receiver.wait_for(done=1)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert {"callbacks.db", "callbacks.db-wal", "callbacks.db-worker"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_locked_file_is_answered_503_in_time_and_204_once_it_is_free(path: Path, address: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        receiver.post(window(A, 1))
        receiver.wait_for(done=1)
        with locked(path):
            answer = receiver.post(window(A, 2))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert answer.elapsed.total_seconds() < 5
        assert receiver.post(window(A, 2)).status_code == 204
        receiver.wait_for(done=2)
    assert handler.windows == [(A, 1), (A, 2)]


def test_a_short_lock_is_waited_for(path: Path, address: str) -> None:
    with receiving(Seen(), address) as receiver:
        receiver.post(window(A, 1))
        with locked(path):
            answers: list[int] = []
            thread = threading.Thread(target=lambda: answers.append(receiver.post(window(A, 2)).status_code))
            thread.start()
            time.sleep(0.3)  # the time of the lock, which has to be shorter than the patience of the store
        thread.join()
    assert answers == [204]


def test_a_file_that_was_taken_away_is_not_written_to_any_longer(path: Path, address: str) -> None:
    with receiving(Seen(), address) as receiver:
        receiver.post(window(A, 1))
        receiver.wait_for(done=1)
        for file in path.parent.glob("callbacks.db*"):
            file.rename(file.with_name(f"old-{file.name}"))
        assert receiver.post(window(A, 2)).status_code == 204
        receiver.wait_for(done=1)
    assert [entry.window for entry in receiver.entries()] == ["2"]


def test_a_full_disk_is_answered_503_and_what_was_acknowledged_is_handled(
    path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite says of its own limit exactly what it says of a full disk: SQLITE_FULL."""
    whole = sqlite_store.connect

    def small(path: Path, kind: Any, *, timeout: float = 0.0) -> Any:
        db = whole(path, kind, timeout=timeout)
        db.execute("PRAGMA max_page_count = 40")
        return db

    monkeypatch.setattr(sqlite_store, "connect", small)
    go = threading.Event()
    handler = Seen(lambda *_: go.wait())
    with receiving(handler, address) as receiver:
        statuses: list[int] = []
        while 503 not in statuses:
            statuses.append(receiver.post(window(A, len(statuses), stage_list=[0] * 4000)).status_code)
            assert len(statuses) < 100
        assert receiver.post(window(A, 999, stage_list=[0] * 4000)).headers["retry-after"] == "5"
        monkeypatch.undo()
        go.set()
        accepted = statuses.count(204)
        until(lambda: len(handler.windows) == accepted)
    assert accepted > 1
    assert handler.windows == [(A, number) for number in range(accepted)]


@pytest.mark.parametrize("jump", [-86400.0, 86400.0, -(2.0**31)])
def test_a_clock_that_jumps_holds_nothing_back_and_doubles_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    failing = [True]

    def fail(*_: Any) -> None:
        if failing[0]:
            raise RuntimeError

    handler = Seen(fail)
    with receiving(handler, address) as receiver:
        receiver.post(window(A, 1))
        until(lambda: receiver.entries()[0].attempt >= 2 and receiver.entries()[0].due)
        real = time.time
        with monkeypatch.context() as patched:
            patched.setattr(time, "time", lambda: real() + jump)
            failing[0] = False
            receiver.post(window(B, 1))
            receiver.post(window(A, 2))
            receiver.wait_for(done=3)
        receiver.post(window(A, 1))
        receiver.post(window(A, 3))
        receiver.wait_for(done=4)
    assert [one for one in handler.windows if one[0] == A] == [(A, 1), (A, 2), (A, 3)]


def test_a_second_worker_takes_over_when_the_first_ends(address: str) -> None:
    first, second = Seen(), Seen()
    with receiving(second, address) as standby_or_not:
        with receiving(first, address) as receiver:
            for number in range(6):
                (receiver if number % 2 else standby_or_not).post(window(A, number))
            receiver.wait_for(done=6)
            assert [len(first.windows), len(second.windows)] in ([0, 6], [6, 0])
            assert (first.windows or second.windows) == [(A, number) for number in range(6)]
        standby_or_not.post(window(A, 6))
        standby_or_not.wait_for(done=7)


def test_bodies_are_blanked_and_identities_forgotten_in_their_time(
    path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        receiver.post(window(A, 1, user_id="who-this-is-about"))
        receiver.wait_for(done=1)
    day = dt.timedelta(days=1).total_seconds()
    real = time.time

    def later(days: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + days * day)

    def kept() -> tuple[int, bool]:
        """Return how many identities there are, and whether the file has anything of a body."""
        with receiving(handler, address) as receiver:  # a worker looks for what is old when it starts
            receiver.post(window(A, 1, user_id="who-this-is-about"))
            receiver.wait_for(waiting=0, running=0)
            entries = receiver.entries()
        content = b"".join(file.read_bytes() for file in path.parent.glob("callbacks.db*"))
        return len(entries), b"stage_list" in content

    for days, wanted in ((6.9, (1, True)), (7.1, (1, False)), (29.9, (1, False))):
        later(days)
        assert kept() == wanted
    assert len(handler.deliveries) == 1
    later(30.1)
    kept()
    assert len(handler.deliveries) == 2


def test_what_was_purged_is_nowhere_in_the_file(path: Path, address: str) -> None:
    with receiving(Seen(), address) as receiver:
        for number in range(20):
            receiver.post(window(A, number))
            receiver.post(window(B, number))
        receiver.wait_for(done=40)
        assert store_at(address).purge(Selection(session=A)) == 20
    content = b"".join(file.read_bytes() for file in path.parent.glob("callbacks.db*"))
    assert A.encode() not in content
    assert B.encode() in content
