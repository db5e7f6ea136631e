"""The sandbox's sender at its worst, and an inbox: whatever it does, each callback is handled once."""

import datetime as dt
import threading

import pytest

from sleeptalk.callback.durable.stores import store_at
from sleeptalk_contract.sandbox.sender import Manner, send
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.inbox.stores import KEY, Seen, receiving, released
from tests.waiting import until

NIGHT = deliveries(SCENARIOS["never-slept"], api_key=KEY)


@pytest.mark.parametrize(
    "manner", [Manner(redeliver=2), Manner(reorder=7), Manner(burst=8), Manner(redeliver=2, reorder=7, burst=8)]
)
def test_each_callback_of_a_night_is_acknowledged_each_time_and_handled_once(address: str, manner: Manner) -> None:
    handler = Seen()
    with receiving(handler, address) as receiver:
        receipts = list(send(NIGHT, str(receiver.client.base_url), manner=manner, attempts=1))
        receiver.wait_for(done=len(NIGHT), waiting=0, running=0)
    assert len(receipts) == len(NIGHT) * (manner.redeliver + 1)
    assert {receipt.status for receipt in receipts} == {204}
    assert sorted(callback.raw for callback in handler.callbacks) == sorted(delivery.body for delivery in NIGHT)
    if manner.reorder is None and manner.burst == 1:
        assert [callback.raw for callback in handler.callbacks] == [delivery.body for delivery in NIGHT]


def test_an_impatient_sender_has_its_answers_while_the_handler_takes_its_time(address: str) -> None:
    go = threading.Event()
    handler = Seen(lambda *_: go.wait())
    with receiving(handler, address) as receiver, released(go):
        receipts = list(send(NIGHT, str(receiver.client.base_url), timeout=4.5, attempts=1))
        assert {receipt.status for receipt in receipts} == {204}
        assert handler.callbacks == []
        go.set()
        receiver.wait_for(done=len(NIGHT))


def test_what_was_done_long_enough_ago_is_blanked_and_then_forgotten(address: str) -> None:
    """A worker looks for it when it starts. Here any time is long enough."""
    no_time, handler = dt.timedelta(0), Seen()
    with receiving(handler, address) as receiver:
        receiver.post(NIGHT[0].body)
        receiver.wait_for(done=1)
        (stored,) = store_at(address).find(receiver.entries()[0].id)
        assert stored.body == NIGHT[0].body
    with receiving(handler, address, keep_bodies=no_time) as receiver:
        until(lambda: store_at(address).find(stored.entry.id)[0].body is None)
        assert receiver.post(NIGHT[0].body).status_code == 204
        receiver.wait_for(done=1, waiting=0, running=0)
    assert len(handler.callbacks) == 1
    with receiving(handler, address, keep_bodies=no_time, keep_identities=no_time) as receiver:
        receiver.wait_for(done=0)
        receiver.post(NIGHT[0].body)
        until(lambda: len(handler.callbacks) == 2)
