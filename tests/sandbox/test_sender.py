"""The sender delivers in order, tries again, and reports what the receiver answered."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sleeptalk_contract.contract.service import Delivery
from sleeptalk_contract.sandbox.sender import Manner, send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from tests.clients.hostile import answer, drip_after, hostile

NIGHT = SCENARIOS["invalid"]


@dataclass
class Recorder:
    """A receiver that keeps what it was sent and answers with the statuses that are left, and with 204 after that."""

    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        self.seconds.append(time.monotonic())
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)


@contextmanager
def recording(*statuses: int) -> Iterator[Recorder]:
    recorder = Recorder(list(statuses))
    with running(Starlette(routes=[Route("/callback", recorder.receive, methods=["POST"])])) as server:
        recorder.url = f"{server.url}/callback"
        yield recorder


def test_deliveries_arrive_in_order_byte_for_byte_with_their_headers() -> None:
    planned = deliveries(NIGHT)
    with recording() as recorder:
        receipts = list(send(planned, recorder.url))
    assert recorder.bodies == [delivery.body for delivery in planned]
    for received in recorder.headers:
        assert received.items() >= planned[0].headers.items()
    assert [(receipt.status, receipt.attempts, receipt.accepted) for receipt in receipts] == [(204, 1, True)] * 4


def test_a_delivery_that_is_not_accepted_is_sent_again_before_the_next_one() -> None:
    planned = deliveries(NIGHT)
    with recording(503, 302, 200) as recorder:
        receipts = list(send(planned, recorder.url, retry_pause=0))
    assert recorder.bodies == [planned[0].body] * 3 + [delivery.body for delivery in planned[1:]]
    assert [receipt.attempts for receipt in receipts] == [3, 1, 1, 1]
    assert all(receipt.accepted for receipt in receipts)


def test_it_gives_a_delivery_up_after_the_last_attempt_and_goes_on() -> None:
    with recording(422, 422) as recorder:
        first, second, *_ = send(deliveries(NIGHT), recorder.url, attempts=2, retry_pause=0)
    assert (first.status, first.attempts, first.accepted) == (422, 2, False)
    assert second.accepted


def test_nobody_there_is_a_failed_connection() -> None:
    with recording() as recorder:
        pass
    receipt = next(send(deliveries(NIGHT), recorder.url, attempts=2, retry_pause=0))
    assert (receipt.status, receipt.failure, receipt.attempts, receipt.accepted) == (None, "connection", 2, False)


def test_a_receiver_that_does_not_answer_in_time_is_a_timeout() -> None:
    held = threading.Event()

    def never_answer(request: Request) -> Response:
        held.wait(10)
        return Response()

    app = Starlette(routes=[Route("/", never_answer, methods=["POST"])])
    with running(app) as server:
        receipt = next(send(deliveries(NIGHT), server.url, timeout=0.2, attempts=1))
        held.set()
    assert (receipt.status, receipt.failure) == (None, "timeout")


def test_a_receiver_that_drips_its_answer_is_a_timeout() -> None:
    with hostile(drip_after(b"HTTP/1.1 204 ")) as server:
        receipt = next(send(deliveries(NIGHT), server.url, timeout=0.3, attempts=1))
    assert (receipt.status, receipt.failure) == (None, "timeout")
    assert receipt.seconds < 5


def test_each_delivery_can_be_sent_again_although_it_was_accepted() -> None:
    planned = deliveries(NIGHT)
    with recording() as recorder:
        receipts = list(send(planned, recorder.url, manner=Manner(redeliver=2)))
    assert recorder.bodies == [delivery.body for delivery in planned for _ in range(3)]
    assert len(receipts) == 12


def test_the_order_can_be_another_one_and_the_same_for_the_same_seed() -> None:
    planned = [delivery.body for delivery in deliveries(NIGHT)]
    orders = []
    for seed in (1, 1, 2):
        with recording() as recorder:
            list(send(deliveries(NIGHT), recorder.url, manner=Manner(reorder=seed)))
        orders.append(recorder.bodies)
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(planned)
    assert planned not in orders


def test_a_burst_is_under_way_at_the_same_time() -> None:
    together = Barrier(4)

    def receive(_: Request) -> Response:
        together.wait(10)  # nobody goes on before all four are here
        return Response(status_code=204)

    with running(Starlette(routes=[Route("/", receive, methods=["POST"])])) as server:
        receipts = list(send(deliveries(NIGHT), server.url, attempts=1, manner=Manner(burst=4)))
    assert [receipt.status for receipt in receipts] == [204] * 4
    assert [receipt.delivery for receipt in receipts] == deliveries(NIGHT)


def test_an_impatient_sender_sends_again_what_is_being_handled() -> None:
    handled: list[bytes] = []

    async def receive(request: Request) -> Response:
        handled.append(await request.body())
        await asyncio.sleep(1)
        return Response(status_code=204)

    with running(Starlette(routes=[Route("/", receive, methods=["POST"])])) as server:
        (receipt,) = send(deliveries(NIGHT)[:1], server.url, attempts=3, timeout=0.1, retry_pause=0)
    assert (receipt.failure, receipt.attempts) == ("timeout", 3)
    assert len(set(handled)) == 1
    assert len(handled) == 3


def test_an_address_with_a_name_and_a_password_is_sent_both() -> None:
    with hostile(answer(status=204)) as server:
        url = server.url.replace("http://", "http://me:pass@") + "/callback?of=me"
        assert next(send(deliveries(NIGHT), url, attempts=1)).accepted
    assert server.header("authorization") == "Basic bWU6cGFzcw=="
    assert server.requests[0].startswith("POST /callback?of=me HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host/", "http://[::1"])
def test_an_address_that_cannot_be_posted_to_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="cannot be posted to"):
        next(send(deliveries(NIGHT), url))


def test_the_speed_says_how_much_faster_than_the_night_they_come() -> None:
    """Windows five minutes apart, six thousand times faster, are at least 50 ms apart."""
    with recording() as recorder:
        list(send(deliveries(NIGHT)[:3], recorder.url, speed=6000))
    first, second, third = recorder.seconds
    assert second - first >= 0.05
    assert third - second >= 0.05


def test_an_id_that_is_not_ascii_is_sent_as_utf_8() -> None:
    delivery = Delivery("of mine", "SESSION_COMPLETE", 0, {"x-user-id": "사용자"}, b"{}")
    with recording() as recorder:
        assert next(send([delivery], recorder.url)).accepted
    assert recorder.headers[0]["x-user-id"].encode("latin-1").decode() == "사용자"


def test_the_bundled_receiver_accepts_every_night() -> None:
    with running(receiver_app()) as server:
        for night in SCENARIOS.values():
            for receipt in send(deliveries(night)[-5:], server.url, attempts=1):
                assert receipt.status == 204, receipt


@pytest.mark.parametrize("key", ["", "wrong", SANDBOX_API_KEY[:-1], SANDBOX_API_KEY.upper()])
def test_the_bundled_receiver_refuses_another_key(key: str) -> None:
    with running(receiver_app()) as server:
        receipt = next(send(deliveries(NIGHT, api_key=key), f"{server.url}/any/path", attempts=1))
    assert receipt.status == 401


def test_the_bundled_receiver_refuses_what_cannot_be_read(http: httpx.Client) -> None:
    headers = {"x-api-key": SANDBOX_API_KEY, "x-user-id": "u", "content-type": "application/json"}
    with running(receiver_app()) as server:
        for body in (b"", b"\xff", b"[", b"{}", b"[]", b'{"callback_event": "SESSION_COMPLETE", "callback_data": {}}'):
            assert 400 <= http.post(server.url, content=body, headers=headers).status_code < 500
