"""Proof under load: receivers are killed at random moments, and the store is then searched for what was promised.

`scripts/soak` runs it for ten minutes; the tests run it for seconds. Two receivers share the store. A sender per
session delivers window after window, each until it is acknowledged, and now and then one that was acknowledged before.
"""

import argparse
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from sleeptalk.callback.durable.stores import store_at
from sleeptalk.callback.parsing import read
from tests.inbox.killed import FAILING, POISON
from tests.inbox.stores import HEADERS, window
from tests.waiting import until

SESSIONS = tuple(f"20220821093117_soak{letter}" for letter in "abcdef")
RECEIVERS = 2
SETTLING = 300.0
TABLE = "CREATE TABLE effects (seq {} PRIMARY KEY, id TEXT, session TEXT, number INTEGER, attempt INTEGER)"


@dataclass
class Outcome:
    """What a run has shown: deliveries that were acknowledged, by id, and the effects in the order of their commits."""

    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)
    effects: list[tuple[str, str, int, int]] = field(default_factory=list)
    kills: int = 0
    redelivered: int = 0

    def check(self) -> None:
        """Fail unless nothing was lost, nothing is there twice, and each session was handled in order."""
        wanted = {identity for identity, (session, _) in self.acknowledged.items() if session != POISON}
        counted = Counter(identity for identity, *_ in self.effects)
        assert wanted, "no callback was acknowledged"
        assert not wanted - set(counted), "acknowledged callbacks were lost"
        assert not [identity for identity, count in counted.items() if count > 1], "effects are there twice"
        assert all(session != POISON for _, session, *_ in self.effects)
        for session in SESSIONS:
            numbers = [number for _, one, number, _ in self.effects if one == session]
            assert numbers == sorted(numbers), f"{session} was handled out of order"

    @property
    def interrupted(self) -> int:
        """How many callbacks were handled at a later attempt than failures alone explain."""
        explained = {FAILING - 1: 2}
        return sum(attempt > explained.get(number % FAILING, 1) for *_, number, attempt in self.effects)


class Receivers:
    """The processes that receive, and the one that forks them."""

    def __init__(self, address: str) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        descriptor = self._listener.fileno()
        os.set_inheritable(descriptor, True)
        command = [sys.executable, "-m", "tests.inbox.killed", address, str(descriptor)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[descriptor]
        )
        self.running: list[int] = []

    def start(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.running.append(int(self._process.stdout.readline()))

    def kill(self, process: int) -> None:
        self.running.remove(process)
        os.kill(process, signal.SIGKILL)

    def end(self) -> None:
        for process in list(self.running):
            self.kill(process)
        self._process.communicate()
        self._listener.close()


class Senders:
    """A thread per session, and one that sends the poisoned callback."""

    def __init__(self, url: str, outcome: Outcome, seed: int) -> None:
        self._url = url
        self._outcome = outcome
        self._stopped = threading.Event()
        self._clients = {session: httpx.Client(timeout=5) for session in (*SESSIONS, POISON)}
        self._threads = [
            threading.Thread(target=self._send, args=(session, random.Random(seed + number)))
            for number, session in enumerate(SESSIONS)
        ]
        self._threads.append(threading.Thread(target=self._deliver_until_acknowledged, args=(POISON, 0)))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        for client in self._clients.values():
            client.close()

    def _send(self, session: str, chance: random.Random) -> None:
        number = 0
        while not self._stopped.is_set():
            self._deliver_until_acknowledged(session, number)
            if chance.random() < 0.1:
                self._post(session, chance.randint(0, number))
                self._outcome.redelivered += 1
            number += 1
            self._stopped.wait(chance.random() * 0.1)

    def _deliver_until_acknowledged(self, session: str, number: int) -> None:
        while not self._post(session, number):
            if self._stopped.wait(0.02):
                return

    def _post(self, session: str, number: int) -> bool:
        body = window(session, number)
        client = self._clients[session]
        try:
            answer = client.post(self._url, content=body, headers=HEADERS)
        except httpx.TransportError:
            return False
        if answer.status_code != 204:
            assert answer.status_code == 503, answer.text
            return False
        self._outcome.acknowledged[read(body).identity] = (session, number)
        return True


def soak(address: str, *, kills: int, seconds: float, longest_life: float, seed: int = 0) -> Outcome:
    """Kill receivers until as many were killed, or for as long, as is asked for; return what is then there."""
    chance = random.Random(seed)
    prepare(address)
    outcome, receivers = Outcome(), Receivers(address)
    senders = Senders(receivers.url, outcome, seed)
    try:
        for _ in range(RECEIVERS):
            receivers.start()
        senders.start()
        deadline = time.monotonic() + seconds
        while outcome.kills < kills and time.monotonic() < deadline:
            time.sleep(chance.random() * longest_life)  # a random moment is what is tested
            receivers.kill(chance.choice(receivers.running))
            outcome.kills += 1
            receivers.start()
        senders.stop()
        store = store_at(address)
        until(lambda: (counts := store.counts()).running == 0 and counts.waiting == 1, SETTLING)  # the poison
    finally:
        senders.stop()
        receivers.end()
    with connection(address) as db:
        outcome.effects = [
            (identity, session, number, attempt)
            for identity, session, number, attempt in db.execute(
                "SELECT id, session, number, attempt FROM effects ORDER BY seq"
            ).fetchall()
        ]
    return outcome


def prepare(address: str) -> None:
    """Make the user's own table, and the store's."""
    with connection(address) as db:
        db.execute(TABLE.format("INTEGER" if address.startswith("sqlite") else "bigserial"))
        db.commit()
    store_at(address).counts()


@contextmanager
def connection(address: str) -> Iterator[Any]:
    """Yield a connection to the database of a store."""
    if address.startswith("sqlite"):
        db: Any = sqlite3.connect(address.removeprefix("sqlite:///"))
    else:
        db = psycopg.connect(address)
    try:
        yield db
    finally:
        db.close()


def main() -> None:
    """Run the proof for a while, and say what was seen."""
    parser = argparse.ArgumentParser(
        description="Kill receivers under load, and check that nothing is lost or doubled."
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="how long, 600 by default, for each store")
    parser.add_argument("--kills", type=int, default=10**9, help="after how many kills to end")
    parser.add_argument("--store", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    seconds = asked.seconds / (2 if asked.store == "both" else 1)
    if asked.store != "postgres":
        with tempfile.TemporaryDirectory() as folder:
            _say(
                "SQLite",
                soak(
                    f"sqlite:///{folder}/callbacks.db",
                    kills=asked.kills,
                    seconds=seconds,
                    longest_life=0.5,
                    seed=asked.seed,
                ),
            )
    if asked.store != "sqlite":
        from tests.inbox.postgres import MISSING, running_cluster

        if MISSING:
            sys.exit(f"{MISSING}: nothing was shown of that store.")
        with running_cluster() as cluster:
            _say(
                "PostgreSQL",
                soak(cluster.address, kills=asked.kills, seconds=seconds, longest_life=6.0, seed=asked.seed),
            )


def _say(name: str, outcome: Outcome) -> None:
    outcome.check()
    acknowledged, redelivered, interrupted = len(outcome.acknowledged), outcome.redelivered, outcome.interrupted
    sys.stdout.write(
        f"{name}: {outcome.kills} kills, {acknowledged} callbacks acknowledged, {redelivered} redeliveries,"
        f" {interrupted} handled again after a kill: none lost, none twice, all in order.\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
