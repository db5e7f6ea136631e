"""Every Python example of the reference runs, against the sandbox, and prints what it is there to show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from sleeptalk_contract.services.asleep.service import V1
from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3
from sleeptalk_contract.services.phonexia.recordings import wav
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from pathlib import Path

    from sleeptalk_contract.services.asleep.callbacks import CallbackFormat

SNIPPETS = {(service.name, identity): text for service in SERVICES for identity, text in service.snippets.items()}
OF_V3 = [identity for service, identity in SNIPPETS if service == "asleep-v3" and not identity.startswith("receive")]

PRINTED = {
    "getSession": r"^COMPLETE\nslept \d+ s\nwoke \d+ times\nREM ratio 0\.\d+\n$",
    "listSessions": r"^(202403\d{8}_\w{5} (COMPLETE|CLOSED|OPEN)\n){10,}$",
    "getAverageStats": r"^falls asleep at \d\d:\d\d:\d\d\n(\w+ begins late by [\d:]+\n)+$",
    "createUser": r"^keep this id: G-\S+\n$",
    "getUser": r"^last: \d{14}_\w{5}\n$",
    "deleteUser": r"^deleted\n$",
    "deleteSession": r"^deleted\n$",
    "deleteSessions": r"^0 nights left\n$",
}


def run(program: str, folder: Path | None = None, **environment: str) -> str:
    """Run a program as a user would and give what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_of_a_night_prints_its_figures() -> None:
    with running(sandbox_app(SERVICES)) as server:
        program = SNIPPETS["asleep", "getSession"].replace("Asleep()", f'Asleep(base_url="{server.url}")')
        printed = run(program, ASLEEP_API_KEY=SANDBOX_API_KEY, ASLEEP_USER_ID=SANDBOX_USER_ID)
    statistics = SCENARIOS["four-stages"].statistics
    assert statistics is not None
    assert printed.splitlines() == [
        "COMPLETE VALID",
        f"slept {statistics.time_in_sleep} s",
        f"in bed {statistics.time_in_bed} s",
        f"REM ratio {statistics.rem_ratio}",
    ]


@pytest.mark.parametrize("identity", OF_V3)
def test_each_example_of_data_v3_prints_what_it_reads_or_does(identity: str) -> None:
    with running(sandbox_app(SERVICES)) as server:
        program = SNIPPETS["asleep-v3", identity].replace("Asleep()", f'Asleep(base_url="{server.url}")')
        printed = run(program, ASLEEP_API_KEY=SANDBOX_API_KEY, ASLEEP_USER_ID=SANDBOX_USER_ID)
    assert re.search(PRINTED[identity], printed), printed


def test_no_operation_of_data_v3_is_without_an_example() -> None:
    assert set(OF_V3) == set(PRINTED)


def test_the_example_of_a_call_prints_both_channels() -> None:
    with running(sandbox_app(SERVICES)) as server:
        printed = run(SNIPPETS["phonexia", "getTimeAnalysis"].replace("http://localhost:8000", server.url))
    assert [line for line in printed.splitlines() if line.startswith("channel")] == [
        "channel 0",
        "channel 1",
        "channel 0",
        "channel 1",
    ]
    assert printed.count("reacts") == 2


def test_the_example_of_an_upload_prints_what_its_recording_holds(tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(wav([(0.5, 1.5)], [(2.0, 2.5)], seconds=3))
    with running(sandbox_app(SERVICES)) as server:
        printed = run(SNIPPETS["phonexia", "startTimeAnalysis"].replace("http://localhost:8000", server.url), tmp_path)
    assert printed.splitlines()[1:] == ["channel 0", "speaks 1.0 s", "channel 1", "speaks 0.5 s"]
    assert printed.startswith("started ")


@pytest.mark.parametrize("written", [V1, V2, V3], ids=lambda written: written.version)
def test_the_example_of_a_receiver_takes_a_whole_night(
    written: CallbackFormat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLEEPTALK_CALLBACK_KEY", SANDBOX_API_KEY)
    module: dict[str, Any] = {}
    service = "asleep" if written is V1 else "asleep-v3"
    exec(compile(SNIPPETS[service, written.operation], "receive_callback.py", "exec"), module)  # our own example
    night = SCENARIOS["four-stages"]
    with running(module["app"]) as server, httpx.Client() as client:
        sent = list(send(written.deliver(night), server.url))
        refused = client.post(server.url, content=sent[0].delivery.body, headers={"x-api-key": "another"})
    assert all(outcome.accepted for outcome in sent)
    assert refused.status_code == 401
    printed = capsys.readouterr().out
    assert printed.count(night.session_id) == len(sent)
    assert f"{night.session_id} is complete" in printed
