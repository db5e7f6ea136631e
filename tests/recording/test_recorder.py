"""The Recorder: what clients and receivers add to a file, and what that costs them."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

import sleeptalk.callback
from sleeptalk import asleep_v3
from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.errors import CallFailed, ConfigurationError, SessionNotFound
from sleeptalk.phonexia import Phonexia
from sleeptalk.recording import Binary, Recorded, RecordedRequest, Recorder, encode_line
from sleeptalk.runtime.recorded import RIGHT_KEY, WRONG_KEY
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.recording.recordings import KEY, judge, outcomes
from tests.waiting import until

USER = "G-20220821093117-SandboxUserSleeptalk"
NIGHT = "20220821093117_hz82a"


def lines(path: Path) -> list[Recorded]:
    return [msgspec.json.decode(line, type=Recorded) for line in path.read_bytes().splitlines()]


def test_what_a_client_reads_is_recorded_without_its_key_and_judged(tmp_path: Path) -> None:
    file = tmp_path / "nights.ndjson"
    with running(asleep_app()) as server:
        with Asleep(KEY, USER, base_url=server.url, recorder=file) as asleep:
            asleep.get_session(NIGHT)
            with pytest.raises(SessionNotFound):
                asleep.get_session("20991231235959_00000")
            with pytest.raises(CallFailed):
                asleep.with_options(body_limit=10).get_session(NIGHT)

        async def read() -> None:
            async with AsyncAsleep(KEY, USER, base_url=server.url, recorder=str(file)) as asleep:
                await asleep.get_session(NIGHT, timezone="Asia/Seoul")

        asyncio.run(read())
    assert KEY not in file.read_text()
    assert [(each.response and each.response.status) for each in lines(file)] == [200, 404, 200, 200]
    assert lines(file)[2].response is not None
    assert lines(file)[2].response.body is None  # which was too long for the client
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600
    code, out, _ = judge("asleep", file, "--report-dir", tmp_path / "reports")
    assert code == 0, out
    assert "Not judged: 1 exchange without a recorded body." in out
    assert outcomes(tmp_path / "reports")["session.id-echoed"] == "passed"


def test_one_recorder_serves_every_client_and_a_call_without_an_answer(tmp_path: Path) -> None:
    with Recorder(tmp_path / "all.ndjson") as recorder:
        nobody = "http://127.0.0.1:9"
        with (
            Phonexia(nobody, retries=0, recorder=recorder) as phonexia,
            asleep_v3.Asleep(KEY, USER, base_url=nobody, retries=0, recorder=recorder) as asleep,
        ):
            with pytest.raises(CallFailed):
                phonexia.get_time_analysis("123e4567-e89b-12d3-a456-426614174000")
            with pytest.raises(CallFailed):
                asleep.get_session(NIGHT)
    assert [each.failure for each in lines(tmp_path / "all.ndjson")] == ["connection", "connection"]


def test_a_receiver_records_what_it_is_sent_and_whether_the_key_was_right(tmp_path: Path) -> None:
    file = tmp_path / "callbacks.ndjson"
    recorder = Recorder(file)
    delivery = deliveries(SCENARIOS["two-stages"])[0]

    async def send() -> None:
        receiver = sleeptalk.callback.asgi(lambda _: None, api_key=KEY, recorder=recorder)
        inbox = sleeptalk.callback.inbox(
            lambda _callback, _delivery: None,
            store=f"sqlite:///{tmp_path}/inbox.db",
            api_key=KEY,
            work=False,
            recorder=recorder,
        )
        for application in (receiver, inbox):
            transport = httpx.ASGITransport(application)
            async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
                for key in (KEY, "another"):
                    await client.post("/hook", content=delivery.body, headers={**delivery.headers, "x-api-key": key})
                await client.get(f"/hook?x={KEY}", headers={"x-api-key": KEY})

    asyncio.run(send())
    recorder.close()
    assert KEY not in file.read_text()
    found = [
        (dict(each.request.headers)["x-api-key"], each.response.status, each.webhook)
        for each in lines(file)
        if each.request is not None and each.response is not None
    ]
    assert found == [(RIGHT_KEY, 204, True), (WRONG_KEY, 401, True), ("[key left out]", 405, False)] * 2
    code, out, _ = judge("callback", file, "--report-dir", tmp_path / "reports")
    assert code == 0, out
    assert outcomes(tmp_path / "reports")["receiver.accepts-valid"] == "passed"


HOSTILE_KEY = "s3cr+t/Key=9f1c77aa"  # opens nothing


def test_a_key_that_comes_back_encoded_or_among_bytes_is_not_recorded(tmp_path: Path) -> None:
    shown = {
        "plain": HOSTILE_KEY,
        "url": quote(HOSTILE_KEY, safe=""),
        "base64": base64.b64encode(HOSTILE_KEY.encode()).decode(),
        "json": json.dumps({"key": HOSTILE_KEY}).replace("/", "\\u002f"),
    }
    bodies = [json.dumps(shown).encode(), b"\xff" + json.dumps(shown).encode()]

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        headers = [(b"location", f"https://x/?key={shown['url']}".encode()), (b"x-echo", HOSTILE_KEY.encode())]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": bodies.pop()})

    async def read() -> None:
        transport = httpx.ASGITransport(echo)
        async with httpx.AsyncClient(transport=transport) as http_client:
            base_url = "http://user:p4ss-Word@service"
            for _ in (1, 2):
                async with AsyncAsleep(
                    HOSTILE_KEY, USER, base_url=base_url, http_client=http_client, recorder=tmp_path / "r.ndjson"
                ) as asleep:
                    with pytest.raises(CallFailed):
                        await asleep.get_session(NIGHT)

    asyncio.run(read())
    found = lines(tmp_path / "r.ndjson")
    assert [type(each.response and each.response.body) for each in found] == [Binary, str]
    for each in found:
        assert each.response is not None
        body = each.response.body
        text = base64.b64decode(body.base64).decode("latin-1") if isinstance(body, Binary) else str(body)
        for secret in (*shown.values(), "p4ss-Word", "dXNlcjpwNHNzLVdvcmQ="):
            assert secret not in text + encode_line(each).decode()


def test_a_slow_disk_slows_nobody_and_what_finds_no_room_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, begun = threading.Event(), threading.Event()
    write = os.write

    def slow(file: int, content: bytes) -> int:
        begun.set()
        assert held.wait(60)
        return write(file, content)

    monkeypatch.setattr(os, "write", slow)
    recorder = Recorder(tmp_path / "all.ndjson", buffer_limit=1000)
    one = Recorded(request=RecordedRequest("GET", "/" + "x" * 100))
    recorder.record(one)
    assert begun.wait(60)
    for _ in range(50):
        recorder.record(one)  # returns at once
    held.set()
    until(lambda: b"lost" in (tmp_path / "all.ndjson").read_bytes() or not recorder._lines)
    recorder.close()
    recorder.record(one)  # which does nothing any more
    found = lines(tmp_path / "all.ndjson")
    assert sum(each.lost for each in found) + sum(each.request is not None for each in found) == 51
    assert any(each.lost for each in found)


def test_a_disk_that_is_full_leaves_whole_lines_and_fails_no_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write, full = os.write, threading.Event()

    def limited(file: int, content: bytes) -> int:
        if full.is_set():
            raise OSError(28, "No space left on device")
        full.set()
        return write(file, content[: len(content) // 2])

    monkeypatch.setattr(os, "write", limited)
    recorder = Recorder(tmp_path / "all.ndjson")
    recorder.record(Recorded(request=RecordedRequest("GET", "/")))
    until(lambda: "cannot be written" in caplog.text)
    assert (tmp_path / "all.ndjson").read_bytes() == b""
    monkeypatch.setattr(os, "write", write)
    recorder.close()
    assert json.loads((tmp_path / "all.ndjson").read_bytes()) == {"lost": 1}


def test_what_cannot_be_opened_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        Recorder(tmp_path / "missing" / "all.ndjson")
    with pytest.raises(ConfigurationError, match="recorder must be a Recorder or the path of a file, not int"):
        Phonexia("http://127.0.0.1:9", recorder=7)  # type: ignore[arg-type]


def test_a_program_that_was_killed_while_it_wrote_spoils_its_last_exchange_alone(tmp_path: Path) -> None:
    file = tmp_path / "nights.ndjson"
    with running(asleep_app()) as server:
        for _ in range(2):
            with Asleep(KEY, USER, base_url=server.url, recorder=file) as asleep:
                asleep.get_session(NIGHT)
            os.truncate(file, file.stat().st_size - 100)
        with Asleep(KEY, USER, base_url=server.url, recorder=file) as asleep:
            asleep.get_session(NIGHT)
    code, out, _ = judge("asleep", file, "--report-dir", tmp_path / "reports")
    assert (code, "2 exchanges were not recorded, or not as a whole" in out) == (2, True), out
    assert json.loads((tmp_path / "reports" / "report.json").read_text())["requests"] == 1


WRITER = """
import sys, threading
from sleeptalk.recording import Recorded, RecordedRequest, Recorder

with Recorder(sys.argv[1]) as recorder:
    def write(thread):
        for number in range(50):
            url = f"/{sys.argv[2]}/{thread}/{number}"
            recorder.record(Recorded(request=RecordedRequest("GET", url, [], "x" * 9000)))
    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
"""


def test_several_processes_and_threads_add_whole_lines_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, str(number)]) for number in range(2)]
    assert [each.wait(60) for each in writers] == [0, 0]
    urls = [each.request.url for each in lines(path) if each.request is not None]
    assert len(set(urls)) == len(urls) == 2 * 3 * 50


def test_a_file_that_is_moved_away_takes_the_lines_until_the_recorder_is_closed(tmp_path: Path) -> None:
    path, moved = tmp_path / "t.ndjson", tmp_path / "t.ndjson.1"
    with Recorder(path) as recorder:
        path.rename(moved)
        recorder.record(Recorded(request=RecordedRequest("GET", "/before")))
    with Recorder(path) as recorder:
        recorder.record(Recorded(request=RecordedRequest("GET", "/after")))
    recorder.record(Recorded(request=RecordedRequest("GET", "/closed")))
    assert [lines(each) for each in (moved, path)] == [
        [Recorded(request=RecordedRequest("GET", "/before"))],
        [Recorded(request=RecordedRequest("GET", "/after"))],
    ]
