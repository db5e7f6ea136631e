"""How a generated body is written."""

import json
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from sleeptalk_contract.contract.wire import Wire
from sleeptalk_contract.fuzzing import engine
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.document import configuration, fuzzing_document
from sleeptalk_contract.fuzzing.outages import SteadyWire
from sleeptalk_contract.fuzzing.pace import Pace
from sleeptalk_contract.fuzzing.plan import Shard
from sleeptalk_contract.fuzzing.sparing import Spared
from sleeptalk_contract.fuzzing.transport import ContractTransport
from sleeptalk_contract.fuzzing.workers import Wires
from tests.fuzzing.helpers import Recording, serving
from tests.targets import target_named


async def accept(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def receiver() -> Iterator[tuple[Recording, str]]:
    recording = Recording(accept)
    with serving(recording) as url:
        yield recording, url


def test_a_whole_number_is_sent_without_a_fraction_for_strict_readers(receiver: tuple[Recording, str]) -> None:
    recording, url = receiver
    wire = Wires(lambda: Wire(url, 5))
    target = target_named("callback")
    control = Control()
    sender = SteadyWire(wire, Pace(control), control)
    transport = ContractTransport(
        target, sender, shard=Shard(), credentials={}, url=url, spared=Spared((), allow_writes=False)
    )
    config = configuration(target, url, (), {}, seed=1, max_examples=1)
    schema = engine.load(fuzzing_document(target, (), {}), config, transport, lambda *_: None, {})
    operation = next(iter(schema.get_all_operations())).ok()
    body = {"seq_num": 4349.0, "ratios": [1.0, 0.5], "huge": 1e300, "flag": True}
    try:
        response = operation.Case(method="POST", body=body, media_type="application/json").call()
        assert not recording.requests
        response.later()
    finally:
        wire.close()
    ((_, _, _, sent),) = recording.requests
    assert json.loads(sent) == body
    assert b'"seq_num":4349,' in sent.replace(b" ", b"")
    assert b"[1,0.5]" in sent.replace(b" ", b"")
