"""Deliveries that are sent on to the user's own receiver."""

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.listening.delivery import ReceivedDelivery
from sleeptalk_contract.listening.forwarding import forwarder
from tests.listening.conftest import DEADLINE, KEY, Listen, Receiver, night
from tests.waiting import until


def test_the_receiver_gets_the_very_bytes_and_headers(listen: Listen, receiver: Receiver) -> None:
    delivery = night()[0]
    body = b" " + delivery.body + b"\n"
    spaced = Delivery(delivery.scenario, delivery.event, 0, delivery.headers, body)
    listen(forward=f"{receiver.url}/hooks?source=asleep").post(spaced, "/any", **{"x-trace": "7f"})
    [(url, headers, received)] = receiver.received
    assert url == f"{receiver.url}/hooks?source=asleep"
    assert received == body
    assert headers["x-api-key"] == KEY
    assert headers["x-trace"] == "7f"
    assert headers["content-type"] == "application/json"
    assert headers["host"] == receiver.url.removeprefix("http://")


def test_the_sender_of_a_conforming_delivery_is_answered_by_the_receiver(listen: Listen, receiver: Receiver) -> None:
    receiver.status, receiver.body = 503, b'{"detail": "later"}'
    listening = listen(forward=receiver.url)
    answer = listening.post(night()[0])
    assert (answer.status_code, answer.json()) == (503, {"detail": "later"})
    assert "the receiver answered 503 after 0." in listening.shown
    assert '{"detail": "later"}' in listening.shown
    assert listening.report.outcome == "passed"  # the sender is judged, not the receiver
    assert listening.report.answers == {("INFERENCE_COMPLETE", "503"): 1}


def test_a_delivery_that_breaks_a_rule_is_sent_on_and_refused(listen: Listen, receiver: Receiver) -> None:
    delivery = night()[0]
    empty = Delivery(delivery.scenario, delivery.event, 0, delivery.headers, b"{}")
    listening = listen(forward=receiver.url)
    assert listening.post(empty).status_code == 422
    assert [body for _, _, body in receiver.received] == [b"{}"]
    assert "the receiver answered 204" in listening.shown


def test_a_receiver_that_goes_away_is_reported_and_the_session_continues(listen: Listen) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listening = listen(forward=url)
    answer = listening.post(night()[0])
    assert answer.status_code == 502
    assert "the receiver did not answer" in listening.shown
    assert listening.report.requests == 1


def test_an_answer_that_is_too_large_is_not_passed_on_as_if_it_were_whole(listen: Listen, receiver: Receiver) -> None:
    receiver.status, receiver.body = 200, b" " * (1024 * 1024)
    listening = listen(forward=receiver.url)
    assert listening.post(night()[0]).content == receiver.body
    receiver.body += b" "
    answer = listening.post(night()[1])
    assert answer.status_code == 502
    assert answer.json() == {"detail": "The receiver answered with more than 1048576 bytes."}
    assert "the receiver answered with more than 1048576 bytes" in listening.shown


def test_a_receiver_that_does_not_answer_in_time_is_a_504(
    listen: Listen, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sleeptalk_contract.listening.forwarding.TIMEOUT_SECONDS", 0.3)
    receiver.first_answer = threading.Event()
    listening = listen(forward=receiver.url)
    answer = listening.post(night()[0])
    receiver.first_answer.set()
    assert (answer.status_code, answer.json()) == (504, {"detail": "The receiver did not answer within 0.3 s."})


def test_the_name_and_password_and_the_path_of_the_address_are_sent(listen: Listen, receiver: Receiver) -> None:
    url = receiver.url.replace("http://", "http://me:secret@")
    listen(forward=f"{url}/caf%C3%A9?a=%20b").post(night()[0], authorization="Bearer other")
    [(seen, headers, _)] = receiver.received
    assert headers["authorization"] == "Basic bWU6c2VjcmV0"
    assert seen == f"{receiver.url}/caf\u00e9?a=%20b"  # as the receiver decodes it


def test_a_delivery_that_is_cut_short_cuts_the_one_to_the_receiver(receiver: Receiver) -> None:
    receiver.first_answer = threading.Event()
    sent = night()[0]
    headers = tuple((name.encode(), value.encode()) for name, value in sent.headers.items())

    async def cancelled() -> float:
        to = forwarder(receiver.url)
        assert to is not None
        task = asyncio.create_task(to.send(ReceivedDelivery("http://127.0.0.1/", headers, sent.body)))
        await asyncio.to_thread(until, lambda: receiver.received)
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(to.close)
        return time.monotonic() - started

    assert asyncio.run(cancelled()) < DEADLINE / 3
    receiver.first_answer.set()


@pytest.mark.parametrize(("body", "answer"), [(None, 204), (b"{}", 422)])
def test_a_delivery_that_is_under_way_when_the_time_is_over_still_counts(
    listen: Listen, receiver: Receiver, body: bytes | None, answer: int
) -> None:
    receiver.first_answer = threading.Event()
    delivery = night()[0]
    sent = Delivery(delivery.scenario, delivery.event, 0, delivery.headers, body or delivery.body)
    listening = listen(forward=receiver.url, timeout=0.1)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(listening.post, sent)
        until(lambda: receiver.received)
        waiting = pool.submit(listening.session.wait)
        until(lambda: listening.post(night()[1]).status_code == 503)  # the time is over
        receiver.first_answer.set()
        waiting.result(DEADLINE)
        assert listening.report.requests == len(receiver.received)
        assert listening.report.outcome == ("failed" if body else "passed")
        assert first.result(DEADLINE).status_code == answer


def test_an_interrupt_does_not_wait_for_the_receiver(listen: Listen, receiver: Receiver) -> None:
    receiver.first_answer = threading.Event()
    listening = listen(forward=receiver.url)
    with ThreadPoolExecutor() as pool:
        pool.submit(listening.post, night()[0])
        until(lambda: receiver.received)
        listening.session.interrupt()
        listening.session.wait()
        assert listening.report.interrupted
        assert not receiver.first_answer.is_set()
        receiver.first_answer.set()


def test_a_receiver_that_nobody_runs_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(UsageError, match=rf"No receiver answers at http://127\.0\.0\.1:{port}/x .* --forward\."):
        forwarder(f"http://user:secret@127.0.0.1:{port}/x")


@pytest.mark.parametrize(
    "url", ["receiver:8000", "ftp://receiver/", "http://", "http://[::1", "/callback", "http://a..b/"]
)
def test_what_is_not_an_address_is_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(UsageError, match="--forward"):
        forwarder(url)
