"""Callbacks of every version go through an inbox: stored, handled once and in order, known when they come again."""

import json
from pathlib import Path

import pytest

from sleeptalk.callback import UnknownCallback
from sleeptalk_contract.services.asleep.callbacks import CallbackFormat
from sleeptalk_contract.services.asleep.service import V1
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from tests.clients.test_callback_versions import FLAT
from tests.inbox.stores import Seen, receiving


@pytest.mark.parametrize("written", [V1, V2, V3], ids=lambda written: written.version)
def test_a_night_is_handled_once_and_in_order_though_it_comes_twice(written: CallbackFormat, tmp_path: Path) -> None:
    night = written.deliver(written.nights["never-slept"])
    kept = Seen()
    with receiving(kept, f"sqlite:///{tmp_path / 'callbacks.db'}") as receiver:
        assert {receiver.post(delivery.body).status_code for _ in range(2) for delivery in night} == {204}
        receiver.wait_for(done=len(night), waiting=0)
        entries = receiver.entries()
    assert [callback.raw for callback in kept.callbacks] == [delivery.body for delivery in night]
    assert {callback.version for callback in kept.callbacks} == {written.version}
    assert {entry.session_id for entry in entries} == {written.nights["never-slept"].session_id}
    assert {entry.user_id for entry in entries} == {written.nights["never-slept"].user_id}


def test_what_is_not_documented_is_handled_with_its_body(tmp_path: Path) -> None:
    kept, body = Seen(), json.dumps(FLAT).encode()
    with receiving(kept, f"sqlite:///{tmp_path / 'callbacks.db'}") as receiver:
        assert receiver.post(body).status_code == 204
        receiver.wait_for(done=1)
        (entry,) = receiver.entries()
    (callback,) = kept.callbacks
    assert isinstance(callback, UnknownCallback)
    assert callback.raw == body
    assert (entry.session_id, entry.window, entry.event) == ("session123", "12", "INFERENCE_COMPLETE")
