"""What a handler can rely on: once, in order within a session, several sessions at once, again after a failure."""

import asyncio
import threading
import time
from typing import Any

import pytest

from tests.inbox.stores import Seen, receiving, released, window

A, B, C = (f"20220821093117_aaaa{letter}" for letter in "abc")


def test_a_redelivery_is_acknowledged_and_not_handled_again(address: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        for _ in range(3):
            assert receiver.post(window()).status_code == 204
        receiver.wait_for(done=1)
        assert receiver.post(window().replace(b": ", b":  ")).status_code == 204
        receiver.post(window(B))
        receiver.wait_for(done=2)
    assert len(handler.deliveries) == 2


def test_a_redelivery_is_known_while_the_first_is_being_handled(address: str) -> None:
    go = threading.Event()
    handler = Seen(lambda *_: go.wait())
    with receiving(handler, address) as receiver, released(go):
        receiver.post(window())
        receiver.wait_for(running=1)
        assert receiver.post(window()).status_code == 204
        go.set()
        receiver.wait_for(done=1, waiting=0, running=0)
    assert len(handler.deliveries) == 1


def test_the_same_subject_with_another_body_is_a_revision_and_handled(address: str) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        for seq_num in (1, 2, 1, 3):
            receiver.post(window(seq_num=seq_num))
        receiver.post(window(number=9))
        receiver.wait_for(done=4)
    first, second, third, other = handler.deliveries
    assert [delivery.revision_of for delivery in (first, second, third, other)] == [None, first.id, second.id, None]


def test_a_session_is_handled_in_order_and_one_at_a_time_and_several_at_once(address: str) -> None:
    running: set[str] = set()
    together = threading.Barrier(3)

    def watch(callback: Any, _delivery: Any) -> None:
        session = callback.data.session_id
        assert session not in running
        running.add(session)
        if callback.data.inference_seq_num == 0:
            together.wait(30)  # nobody goes on before the first of all three sessions is being handled
        running.discard(session)

    handler = Seen(watch)
    with receiving(handler, address, concurrency=3) as receiver:
        for number in range(6):
            for session in (A, B, C):
                receiver.post(window(session, number))
        receiver.wait_for(done=18)
    for session in (A, B, C):
        assert [number for one, number in handler.windows if one == session] == list(range(6))


def test_no_more_sessions_are_handled_at_once_than_were_asked_for(address: str) -> None:
    running: set[Any] = set()
    most: list[int] = []

    def watch(callback: Any, _delivery: Any) -> None:
        running.add(callback.data.session_id)
        most.append(len(running))
        time.sleep(0.02)  # so that they overlap
        running.discard(callback.data.session_id)

    with receiving(Seen(watch), address, concurrency=2) as receiver:
        for number in range(8):
            receiver.post(window(f"20220821093117_aaaa{number}"))
        receiver.wait_for(done=8)
    assert max(most) <= 2


def test_two_workers_on_one_store_handle_each_callback_once_and_each_session_in_order(address: str) -> None:
    running: set[str] = set()

    def watch(callback: Any, _delivery: Any) -> None:
        session = callback.data.session_id
        assert session not in running
        running.add(session)
        time.sleep(0.005)  # so that they would overlap
        running.discard(session)

    handler = Seen(watch)
    with receiving(handler, address) as first, receiving(handler, address) as second:
        for number in range(12):
            for session in (A, B, C):
                for receiver in (first, second) if number % 3 == 0 else (first,):
                    assert receiver.post(window(session, number)).status_code == 204
        first.wait_for(done=36, waiting=0, running=0)
    for session in (A, B, C):
        assert [number for one, number in handler.windows if one == session] == list(range(12))


def test_a_failing_callback_holds_back_its_own_session_alone_and_is_tried_again(address: str) -> None:
    failing = [2]

    def fail(callback: Any, delivery: Any) -> None:
        if callback.data.session_id == A and callback.data.inference_seq_num == 0 and failing[0]:
            failing[0] -= 1
            raise RuntimeError

    handler = Seen(fail)
    with receiving(handler, address) as receiver:
        for number in range(2):
            for session in (A, B):
                receiver.post(window(session, number))
        receiver.wait_for(done=2)
        assert handler.windows == [(B, 0), (B, 1)]
        receiver.wait_for(done=4)
    assert handler.windows[2:] == [(A, 0), (A, 1)]
    assert [delivery.attempt for delivery in handler.deliveries] == [1, 1, 3, 1]


def test_a_poisoned_callback_is_dead_after_its_attempts_and_its_session_goes_on(address: str) -> None:
    def fail(callback: Any, _delivery: Any) -> None:
        if callback.data.inference_seq_num == 0:
            raise RuntimeError("poison")

    handler = Seen(fail)
    with receiving(handler, address, attempts=2) as receiver:
        for number in range(3):
            receiver.post(window(A, number))
        receiver.wait_for(dead=1, done=2)
        dead = receiver.entries()[0]
        assert receiver.post(window(A, 0)).status_code == 204
        receiver.post(window(A, 3))
        receiver.wait_for(dead=1, done=3)
    assert handler.windows == [(A, 1), (A, 2), (A, 3)]
    assert (dead.state, dead.attempt) == ("dead", 2)
    assert dead.error is not None
    assert "RuntimeError: poison" in dead.error
    assert dead.finished is not None


def test_an_async_handler_runs_on_the_loop_and_a_plain_one_in_a_thread(address: str) -> None:
    where: list[tuple[threading.Thread, bool]] = []

    async def awaited(*_: Any) -> None:
        await asyncio.sleep(0)
        where.append((threading.current_thread(), True))

    def plain(*_: Any) -> None:
        where.append((threading.current_thread(), False))

    def later(*arguments: Any) -> Any:
        return awaited(*arguments)

    for number, handler in enumerate((awaited, plain, later)):
        with receiving(handler, address) as receiver:
            receiver.post(window(number=number))
            receiver.wait_for(done=number + 1)
    assert "sleeptalk-inbox-handler" in where[1][0].name
    assert "sleeptalk-inbox-handler" not in where[0][0].name + where[2][0].name


@pytest.mark.parametrize(
    "raised",
    [
        SystemExit(1),
        asyncio.CancelledError(),
        BaseExceptionGroup("two", [SystemExit()]),
        StopIteration("the first of nothing"),
        GeneratorExit(),
    ],
    ids=lambda raised: type(raised).__name__,
)
def test_a_handler_that_raises_anything_at_all_has_failed(address: str, raised: BaseException) -> None:
    async def fail(*_: Any) -> None:
        raise raised

    def fail_in_a_thread(*_: Any) -> None:
        raise raised

    for dead, failing in enumerate((fail, fail_in_a_thread), 1):
        with receiving(failing, address, attempts=1) as receiver:
            receiver.post(window(number=dead))
            receiver.wait_for(dead=dead)
    with receiving(Seen(), address) as receiver:
        receiver.post(window(number=3))
        receiver.wait_for(done=1)


def test_a_stop_waits_for_what_runs_and_leaves_the_rest(address: str) -> None:
    started, go = threading.Event(), threading.Event()

    def wait(*_: Any) -> None:
        started.set()
        go.wait()

    handler = Seen(wait)
    with receiving(handler, address, concurrency=1) as receiver:
        for number in range(3):
            receiver.post(window(A, number))
        assert started.wait(30)
        threading.Timer(0.5, go.set).start()
    assert handler.windows == [(A, 0)]
    assert (receiver.counts().waiting, receiver.counts().running) == (2, 0)
    with receiving(handler, address):
        receiver.wait_for(done=3)
    assert handler.windows == [(A, 0), (A, 1), (A, 2)]
