"""Analysing a recording in one call: from the file to the result, or to an error that says how it ended."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.errors import (
    CallFailed,
    ConfigurationError,
    ConnectionFailed,
    ContractViolation,
    FileTooLarge,
    Forbidden,
    StorageFull,
    TaskCancelled,
    TaskFailed,
    TaskRejected,
    TaskTimeout,
)
from sleeptalk.phonexia import AsyncPhonexia
from sleeptalk_contract.services.phonexia.recordings import wav
from tests.clients.bodies import example
from tests.clients.calling import TASK, Call
from tests.clients.hostile import answer, hostile, reset_after
from tests.clients.uploads import CALL, DONE, STARTED, refusal, socketless, started

if TYPE_CHECKING:
    from tests.clients.clocks import SkippingClock


def test_a_recording_is_analysed_in_one_call(phonexia: Call, phonexia_url: str, recording: Path) -> None:
    seen: list[str] = []
    sent: list[int] = []
    result = phonexia(
        phonexia_url,
        "analyse_time",
        recording,
        poll=0.01,
        on_progress=lambda task: seen.append(task.state.value),
        on_upload=lambda done, _total: sent.append(done),
    )
    assert [channel.speech_duration for channel in result.channel_analyses] == [0.5, 0.5]
    assert result.reaction_analyses[1].average_reaction_time == 0.25
    assert seen == ["pending", "pending", "running", "done"]
    assert sent[-1] > len(CALL)
    alone = phonexia(phonexia_url, "analyse_time", recording, channels=1, poll=0.01)
    assert [channel.channel_number for channel in alone.channel_analyses] == [1]
    silent = phonexia(phonexia_url, "analyse_time", wav([(0.5, 1)], []), poll=0.01)
    assert [channel.speech_rate is None for channel in silent.channel_analyses] == [False, True]


@pytest.mark.parametrize(
    ("file", "error", "words"),
    [
        (b"This is not audio.", TaskRejected, "/file: The media file is not audio that can be read."),
        (("failed.wav", CALL), TaskFailed, "the same input may work later: Service error."),
        (("cancelled.wav", CALL), TaskCancelled, "was cancelled"),
        (("too-large.wav", CALL), FileTooLarge, "larger than the appliance takes"),
        (("storage-full.wav", CALL), StorageFull, "no task was started"),
    ],
)
def test_an_analysis_that_ends_badly_is_an_error_that_says_how(
    phonexia: Call, phonexia_url: str, file: Any, error: type[CallFailed], words: str
) -> None:
    with pytest.raises(error) as caught:
        phonexia(phonexia_url, "analyse_time", file, poll=0.01)
    assert words in str(caught.value)


@pytest.mark.parametrize("state", ["archived", "", "DONE", "paused\n"])
@pytest.mark.parametrize("outcome", [{}, {"result": example("TimeAnalysisDone", "phonexia")["result"]}])
def test_an_unknown_state_ends_the_wait_and_is_not_taken_for_success(
    phonexia: Call, state: str, outcome: dict[str, Any]
) -> None:
    unknown = answer({"task": {"task_id": TASK, "state": state}, **outcome})
    with hostile(started(), unknown) as server:
        with pytest.raises(ContractViolation) as caught:
            phonexia(server.url, "analyse_time", CALL, poll=0.01)
        assert len(server.requests) == 2
    assert caught.value.path == "$.task.state"
    assert f"ended in the state {state.strip()!r}"[:-1] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wait_that_is_too_long_has_the_id_to_go_on_with(phonexia: Call, clock: SkippingClock) -> None:
    pending = answer(STARTED)
    with hostile(started(), pending) as server:
        with pytest.raises(TaskTimeout) as caught:
            phonexia(server.url, "analyse_time", CALL, timeout=30, poll=5)
        assert [head[:4] for head in server.requests[:2]] == ["POST", "GET "]
    assert (caught.value.task_id, caught.value.state, caught.value.timeout) == (TASK, "pending", 30)
    assert sum(clock.pauses) < 30
    with hostile(DONE) as server:
        assert phonexia(server.url, "wait_for_time_analysis", caught.value.task_id).channel_analyses


@pytest.mark.usefixtures("clock")
def test_a_service_that_is_gone_after_the_start_is_waited_for(phonexia: Call) -> None:
    with hostile(started(), reset_after(), reset_after(), DONE) as server:
        result = phonexia(server.url, "analyse_time", CALL, client={"retries": 0})
    assert len(result.channel_analyses) == 2
    with hostile(started(), reset_after()) as server, pytest.raises(TaskTimeout) as caught:
        phonexia(server.url, "analyse_time", CALL, client={"retries": 0}, timeout=60)
    assert (caught.value.task_id, caught.value.state) == (TASK, "pending")
    assert isinstance(caught.value.__cause__, ConnectionFailed)


def test_any_other_error_of_the_wait_names_the_task(phonexia: Call) -> None:
    forbidden = refusal(403, "request.forbidden")
    with hostile(started(), forbidden) as server, pytest.raises(Forbidden) as caught:
        phonexia(server.url, "analyse_time", CALL)
    assert TASK in "".join([str(caught.value), *caught.value.__notes__])


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"poll": -1}, {"on_progress": 7}, {"on_upload": 7}])
def test_nothing_is_uploaded_for_a_wait_that_cannot_be_made(phonexia: Call, wrong: dict[str, Any]) -> None:
    with hostile(started()) as server:
        with pytest.raises(ConfigurationError):
            phonexia(server.url, "analyse_time", CALL, **wrong)
        assert not server.requests


def test_a_cancelled_upload_leaves_no_connection_and_no_file_behind(recording: Path) -> None:
    recording.write_bytes(bytes(30_000_000))
    began = threading.Event()

    async def run() -> None:
        async with AsyncPhonexia(url) as phonexia:
            upload = asyncio.ensure_future(phonexia.start_time_analysis(recording, on_progress=lambda *_: began.set()))
            assert await asyncio.to_thread(began.wait, 10)
            upload.cancel()
            with pytest.raises(asyncio.CancelledError):
                await upload
            transport: Any = phonexia._transport._http._transport
            assert all(connection.is_idle() for connection in transport._pool.connections)

    with socketless() as url:
        asyncio.run(run())
    if Path("/proc/self/fd").is_dir():
        open_files = [each.resolve() for each in Path("/proc/self/fd").iterdir()]
        assert recording.resolve() not in open_files
