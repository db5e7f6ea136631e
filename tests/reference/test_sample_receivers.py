"""The receivers of the samples in Node and Go: they take real callbacks, refuse wrong keys, and are fuzzed."""

from __future__ import annotations

import os
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from sleeptalk_contract.reference.calls import RECEIVER
from sleeptalk_contract.reference.samples import samples
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_contract.services.asleep.service import V1
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from sleeptalk_contract.services.registered import SERVICES
from tests.implementations.judging import broken, judged
from tests.implementations.stacks.serving import NODE
from tests.node_tools import needs_node
from tests.reference.conftest import needs_go
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sleeptalk_contract.services.asleep.callbacks import CallbackFormat

SAMPLES = {
    (operation.id, sample.label): sample.text
    for part in published(SERVICES)
    for operation in part.document.operations.values()
    if operation.is_webhook
    for sample in samples(part, operation)
}
LANGUAGES = [pytest.param("JavaScript", marks=needs_node), pytest.param("Go", marks=needs_go)]


@contextmanager
def receiving(label: str, operation: str, folder: Path) -> Iterator[str]:
    """Start the receiver of a webhook on a free port, with the sandbox's key, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    address = RECEIVER.replace("8766", port)
    text = SAMPLES[operation, label]
    assert text.count("8766") == 1
    source = folder / {"JavaScript": "receiver.mjs", "Go": "main.go"}[label]
    source.write_text(text.replace("8766", port), encoding="utf-8")
    command = [str(NODE), str(source)]
    if label == "Go":  # `go run` would start it as a child, which would outlive it
        subprocess.run(["go", "build", "-o", str(folder / "receiver"), str(source)], check=True)
        command = [str(folder / "receiver")]
    with (
        (folder / "output.log").open("wb") as log,
        subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | {"SLEEPTALK_CALLBACK_KEY": SANDBOX_API_KEY}
        ) as process,
    ):
        try:
            until(lambda: process.poll() is not None or _listens(int(port)))
            assert process.poll() is None, (folder / "output.log").read_text(encoding="utf-8")
            yield address
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("label", LANGUAGES)
@pytest.mark.parametrize("written", [V1, V2, V3], ids=lambda written: written.version)
def test_a_receiver_takes_a_whole_night_and_refuses_other_keys(
    label: str, written: CallbackFormat, tmp_path: Path
) -> None:
    night = SCENARIOS["two-stages"]
    with receiving(label, written.operation, tmp_path) as url, httpx.Client() as client:
        receipts = list(send(written.deliver(night), url))
        body = receipts[-1].delivery.body
        refused = [
            client.post(url, content=body, headers=headers).status_code
            for headers in (
                [],
                [("x-api-key", "")],
                [("x-api-key", "another")],
                [("x-api-key", SANDBOX_API_KEY), ("x-api-key", "another")],
                [("x-api-key", f"{SANDBOX_API_KEY} and more")],
            )
        ]
    assert receipts
    assert all(receipt.accepted for receipt in receipts)
    assert refused == [401] * 5
    assert (tmp_path / "output.log").read_text(encoding="utf-8").count(night.session_id) >= 1
    assert SANDBOX_API_KEY not in (tmp_path / "output.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("label", LANGUAGES)
def test_a_receiver_keeps_all_rules_but_that_about_each_field(label: str, tmp_path: Path) -> None:
    with receiving(label, V1.operation, tmp_path) as url:
        report = judged("callback", url, max_examples=1)
    assert broken(report, "must") == set()
    assert broken(report, "should") == {"receiver.refuses-invalid"}  # that takes the JSON Schema of the body


@pytest.mark.parametrize("label", ["JavaScript", "Go"])
def test_the_receivers_of_all_versions_are_the_same(label: str) -> None:
    assert len({SAMPLES[written.operation, label] for written in (V1, V2, V3)}) == 1
