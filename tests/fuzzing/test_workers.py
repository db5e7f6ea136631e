"""Several requests under way at once, and what they must not change."""

import asyncio
import dataclasses
import threading

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing.plan import Shard
from sleeptalk_contract.fuzzing.workers import Wires, Workers
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from tests.fuzzing.helpers import CREDENTIALS, SLEPT, plan_for, requests_of, run_against, serving, sleeptalk
from tests.waiting import until

APPS = {"asleep": asleep_app, "phonexia": phonexia_app, "callback": lambda: receiver_app("sandbox-api-key")}
COUNT = 4


class Together:
    """An application that answers nothing before `count` requests are under way at once, and counts the most."""

    def __init__(self, app: ASGIApp, count: int) -> None:
        self._app = app
        self._count = count
        self._under_way = 0
        self._reached = asyncio.Event()
        self.most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        if self._under_way == self._count:
            self._reached.set()
        await asyncio.wait_for(self._reached.wait(), 20)
        await self._app(scope, receive, send)
        self._under_way -= 1


@pytest.mark.parametrize("target", APPS)
def test_any_number_of_workers_sends_the_same_set_of_requests(target: str) -> None:
    alone, together = (requests_of(target, APPS[target](), seed=7, workers=count) for count in (1, 8))
    assert sorted(map(repr, alone)) == sorted(map(repr, together))


def test_the_shards_of_a_run_with_workers_send_together_what_one_run_sends() -> None:
    whole = requests_of("asleep", asleep_app(), seed=3)
    shards = [requests_of("asleep", asleep_app(), seed=3, shard=Shard(index, 3), workers=4) for index in (1, 2, 3)]
    assert sorted(map(repr, whole)) == sorted(repr(request) for shard in shards for request in shard)


@pytest.mark.parametrize("target", ["asleep", "phonexia"])
def test_as_many_requests_are_under_way_as_there_are_workers_and_an_honest_server_passes(target: str) -> None:
    app = Together(APPS[target](), COUNT)
    with serving(app) as url:
        report = run_against(dataclasses.replace(plan_for(target, url, workers=COUNT), allow_writes=True))
    assert app.most == COUNT
    assert report.verdict == "passed"


def test_the_command_has_workers() -> None:
    app = Together(asleep_app(), 1)
    with serving(app) as url:
        done = sleeptalk("fuzz", "asleep", "--url", url, *CREDENTIALS, "--session-id", SLEPT, "--workers", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert app.most == 3
    assert "'--workers'" in sleeptalk("fuzz", "asleep", "--workers", "0").stderr


def test_an_error_of_a_worker_is_raised_where_the_work_is_handed_over() -> None:
    done: list[int] = []

    def fail() -> None:
        raise LookupError("a mistake of the judge")

    def hand_over() -> None:
        with Workers(1) as workers:
            workers.submit(fail)
            for number in range(100):
                workers.submit(lambda number=number: done.append(number))

    with pytest.raises(LookupError, match="a mistake of the judge"):
        hand_over()
    assert done == []


def test_tasks_begin_in_the_order_in_which_they_are_handed_over() -> None:
    done: list[int] = []
    with Workers(1) as workers:
        for number in range(50):
            workers.submit(lambda number=number: done.append(number))
        workers.finish()
    assert done == list(range(50))


def test_cutting_the_connections_ends_every_exchange_at_once() -> None:
    asked = threading.Semaphore(0)

    async def silent(_scope: Scope, receive: Receive, _send: Send) -> None:
        asked.release()
        while (await receive())["type"] != "http.disconnect":
            pass

    with serving(silent) as url, Workers(2) as workers:
        wires, failures = Wires(lambda: Wire(url, 60), 2), []
        for _ in range(2):
            workers.submit(lambda: failures.append(wires.exchange("GET", "/", [], None).failure))
        for _ in range(2):
            assert asked.acquire(timeout=20)
        wires.abort()
        until(lambda: failures == ["timeout", "timeout"], seconds=20)
