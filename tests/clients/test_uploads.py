"""Starting time analyses: what is uploaded and how, what comes back, and what happens where it does not."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.errors import (
    CallFailed,
    ConfigurationError,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    FileTooLarge,
    Forbidden,
    RateLimited,
    RequestRefused,
    ServerError,
    StorageFull,
)
from sleeptalk.phonexia import AsyncPhonexia, Phonexia, StartedTimeAnalysis, TaskState, TimeAnalysisTask
from tests.clients.calling import TASK, Call
from tests.clients.hostile import answer, hostile, reset_after, silence_after
from tests.clients.uploads import CALL, PATH, STARTED, refusal, socketless, started

if TYPE_CHECKING:
    from tests.clients.clocks import SkippingClock


# ---- what is sent


class OnceReadable:
    """A file that has neither a name nor a place to go back to, such as a pipe."""

    def __init__(self, content: bytes) -> None:
        self.read = io.BytesIO(content).read


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (lambda path: path, "call.wav"),
        (str, "call.wav"),
        (lambda path: path.read_bytes(), "file"),
        (lambda path: bytearray(path.read_bytes()), "file"),
        ("opened", "call.wav"),
        (lambda path: io.BytesIO(path.read_bytes()), "file"),
        (lambda path: OnceReadable(path.read_bytes()), "file"),
        (lambda path: ("mine.wav", path.read_bytes()), "mine.wav"),
        (lambda path: ("mine.raw", io.BytesIO(path.read_bytes()), "audio/x-mine"), "mine.raw"),
    ],
)
def test_a_file_is_sent_whole_however_it_is_given(phonexia: Call, recording: Path, given: Any, name: str) -> None:
    with hostile(started()) as server, recording.open("rb") as opened:
        given = opened if given == "opened" else given(recording)
        phonexia(server.url, "start_time_analysis", given, request_id="r")
        assert server.requests[0].startswith("POST /api/technology/time-analysis HTTP/1.1\r\n")
        assert server.header("x-request-id") == "r"
        assert f'name="file"; filename="{name}"'.encode() in server.bodies[0]
        if server.header("transfer-encoding") is None:
            assert CALL in server.bodies[0]
        if name == "mine.raw":
            assert b"audio/x-mine" in server.bodies[0]


def test_a_file_that_was_read_is_sent_from_its_beginning_and_stays_open(phonexia: Call) -> None:
    file = io.BytesIO(CALL)
    file.seek(100)
    with hostile(started()) as server:
        phonexia(server.url, "start_time_analysis", file)
        assert CALL in server.bodies[0]
    assert not file.closed


@pytest.mark.parametrize(
    ("channels", "sent"),
    [(None, ""), (1, "?channels=1"), ((0, 1), "?channels=0%2C1"), ([1], "?channels=1"), ("0,1", "?channels=0%2C1")],
)
def test_channels_are_written_as_the_service_reads_them(phonexia: Call, channels: Any, sent: str) -> None:
    with hostile(started()) as server:
        phonexia(server.url, "start_time_analysis", CALL, channels=channels)
        assert server.requests[0].startswith(f"POST /api/technology/time-analysis{sent} HTTP/1.1\r\n")


@pytest.mark.parametrize("channels", ["a", "0, 1", (), -1, (0, -1), True, (0.5,), "0,"])
def test_what_are_not_channels_is_refused_before_anything_is_sent(phonexia: Call, channels: Any) -> None:
    with hostile(started()) as server:
        with pytest.raises(ConfigurationError, match="channels"):
            phonexia(server.url, "start_time_analysis", CALL, channels=channels)
        assert not server.requests


class Broken(io.RawIOBase):
    """A file on a disk that fails after the first bytes."""

    name = "call.wav"

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return 500_000 if whence else offset

    def read(self, size: int = -1) -> bytes:
        if self.reads:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.reads += 1
        return bytes(size)

    reads = 0


class Shrinking(io.BytesIO):
    """A file that is cut off while it is sent."""

    name = "call.wav"

    def __init__(self) -> None:
        super().__init__(bytes(500_000))

    def read(self, size: int | None = -1) -> bytes:
        self.truncate(100_000)
        return super().read(size)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (b"", "The file file is empty: there is nothing in it to upload."),
        (("call.wav", b""), "The file call.wav is empty: there is nothing in it to upload."),
        ("/nowhere/call.wav", "The file /nowhere/call.wav cannot be read: No such file or directory."),
        (Path("/"), "The file / cannot be read: Is a directory."),
        ("a\0b", "cannot be read: embedded null byte."),
        (io.StringIO("RIFF"), "The file must be a path, bytes, or open for reading bytes, not a StringIO."),
        (None, "The file must be a path, bytes, or open for reading bytes, not a NoneType."),
        (("call.wav", "/nowhere"), "must be bytes or an open file, not a path"),
        (("call.wav",), "its name, its content and its media type"),
        (Broken, "The file call.wav cannot be read: Input/output error."),
        (Shrinking, "The file call.wav ended after 100000 of 500000 bytes: it has become shorter."),
    ],
)
def test_a_file_that_cannot_be_sent_is_a_sentence(phonexia: Call, file: Any, message: str) -> None:
    file = file() if isinstance(file, type) else file
    with hostile(started()) as server, pytest.raises(ConfigurationError) as caught:
        phonexia(server.url, "start_time_analysis", file)
    assert message in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_empty_file_and_a_closed_one_are_refused_before_anything_is_sent(phonexia: Call, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    closed = io.BytesIO(CALL)
    closed.close()
    with hostile(started()) as server:
        for file in (empty, closed):
            with pytest.raises(ConfigurationError, match=r"empty\.wav is empty|I/O operation on closed file"):
                phonexia(server.url, "start_time_analysis", file)
        assert not server.requests


# ---- progress


def test_progress_counts_the_bytes_that_have_been_sent(phonexia: Call) -> None:
    seen: list[tuple[int, int | None]] = []
    with hostile(started()) as server:
        content = bytes(1_000_000)
        phonexia(server.url, "start_time_analysis", content, on_progress=lambda *sent: seen.append(sent))
        length = int(server.header("content-length") or 0)
    assert len(seen) > 10
    assert [sent for sent, _ in seen] == sorted(sent for sent, _ in seen)
    assert {total for _, total in seen} == {length}
    assert seen[-1] == (length, length)


def test_a_file_without_a_size_has_no_total(phonexia: Call) -> None:
    seen: list[tuple[int, int | None]] = []
    with hostile(started()) as server:
        phonexia(server.url, "start_time_analysis", OnceReadable(CALL), on_progress=lambda *sent: seen.append(sent))
    assert {total for _, total in seen} == {None}
    assert seen[-1][0] > len(CALL)


def test_progress_begins_anew_where_the_request_is_sent_again(phonexia: Call, clock: SkippingClock) -> None:
    seen: list[int] = []
    with hostile(answer({}, 503), started()) as server:
        phonexia(server.url, "start_time_analysis", CALL, on_progress=lambda sent, _: seen.append(sent))
        assert CALL in server.bodies[1]
    assert len(clock.pauses) == 1
    assert seen.count(seen[-1]) == 2


@pytest.mark.parametrize("error", [ValueError("stop"), OSError("stop")])
def test_what_on_progress_raises_ends_the_upload_and_comes_through(phonexia: Call, error: Exception) -> None:
    def stop(_sent: int, _total: int | None) -> None:
        raise error

    with hostile(started()) as server, pytest.raises(type(error), match="stop"):
        phonexia(server.url, "start_time_analysis", CALL, on_progress=stop)


def test_on_progress_may_be_async_where_the_client_is() -> None:
    seen: list[int] = []

    async def look(sent: int, _total: int | None) -> None:
        await asyncio.sleep(0)
        seen.append(sent)

    async def run() -> None:
        async with AsyncPhonexia(server.url) as phonexia:
            await phonexia.start_time_analysis(CALL, on_progress=look)

    with hostile(started()) as server:
        asyncio.run(run())
        assert seen[-1] == int(server.header("content-length") or 0)
        with Phonexia(server.url) as phonexia, pytest.raises(ConfigurationError, match="on_progress is async"):
            phonexia.start_time_analysis(CALL, on_progress=look)


# ---- what comes back


@pytest.mark.parametrize(
    ("headers", "location"),
    [
        ([f"location: {PATH}"], "{url}" + PATH),
        ([f"location: {PATH}", "x-location: /elsewhere"], "{url}" + PATH),
        ([f"x-location: {PATH}"], "{url}" + PATH),
        ([], "{url}" + PATH),
        (["location: "], "{url}" + PATH),
        (["location: https://other.example/tasks/1"], "https://other.example/tasks/1"),
        (["location: //[", f"x-location: {PATH}"], "{url}" + PATH),
        ([f"location: time-analysis/{TASK}"], "{url}" + PATH),
    ],
)
@pytest.mark.parametrize("below", ["", "/gateway"])
def test_the_location_is_resolved_against_the_base_url(
    phonexia: Call, headers: list[str], location: str, below: str
) -> None:
    with hostile(started(*headers)) as server:
        task = phonexia(server.url + below, "start_time_analysis", CALL)
    assert isinstance(task, StartedTimeAnalysis)
    assert (str(task.task_id), task.state, task.result, task.error) == (TASK, TaskState.PENDING, None, None)
    assert task.location == location.format(url=server.url + below)


def test_a_location_below_the_path_of_a_gateway_stays_there(phonexia: Call) -> None:
    with hostile(started(f"location: /gateway{PATH}")) as server:
        task = phonexia(f"{server.url}/gateway", "start_time_analysis", CALL)
    assert task.location == f"{server.url}/gateway{PATH}"


def test_a_started_task_is_kept_as_any_other(phonexia: Call) -> None:
    with hostile(started()) as server:
        task = phonexia(server.url, "start_time_analysis", CALL)
    assert TimeAnalysisTask.from_json(task.to_json()).to_dict() == STARTED
    assert StartedTimeAnalysis.from_json(task.to_json()).location == PATH


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "request.invalid", RequestRefused),
        (403, "request.forbidden", Forbidden),
        (404, "resource.not-found", RequestRefused),
        (405, "method.invalid", RequestRefused),
        (413, "request.size-limit-exceeded", FileTooLarge),
        (422, "request.validation-error", RequestRefused),
        (429, "request.rate-limit-exceeded", RateLimited),
        (500, "internal", ServerError),
        (507, "storage.capacity-exceeded", StorageFull),
    ],
)
def test_each_refusal_of_a_start_has_its_class(phonexia: Call, status: int, kind: str, error: type[CallFailed]) -> None:
    with hostile(refusal(status, kind)) as server:
        with pytest.raises(error) as caught:
            phonexia(server.url, "start_time_analysis", CALL, client={"retries": 0})
        assert len(server.requests) == 1
    assert type(caught.value) is error
    assert (caught.value.detail, caught.value.error.type) == ("No.", kind)


def test_a_413_of_a_proxy_means_the_same(phonexia: Call) -> None:
    with hostile(answer(b"<html>", 413, kind="text/html")) as server, pytest.raises(FileTooLarge):
        phonexia(server.url, "start_time_analysis", CALL)


@pytest.mark.parametrize("body", [{}, {"task": {"state": "pending"}}, {"task": {"task_id": "1", "state": "x"}}, b"x"])
def test_an_answer_that_names_no_task_breaks_the_contract(phonexia: Call, body: Any) -> None:
    with hostile(answer(body, 202)) as server, pytest.raises(ContractViolation):
        phonexia(server.url, "start_time_analysis", CALL)


# ---- what is sent once, and what again


@pytest.mark.parametrize("lost", [reset_after(), reset_after(b"HTTP/1.1 202 X\r\n")])
def test_a_start_whose_answer_was_lost_is_not_sent_again(phonexia: Call, lost: Any) -> None:
    with hostile(lost, started()) as server:
        with pytest.raises(ConnectionFailed, match="it may have been carried out all the same") as caught:
            phonexia(server.url, "start_time_analysis", CALL)
        assert len(server.requests) == 1
    assert caught.value.attempts == 1


def test_a_start_that_found_no_connection_is_sent_again(phonexia: Call, clock: SkippingClock) -> None:
    with hostile() as gone:
        pass
    with pytest.raises(ConnectionFailed) as caught:
        phonexia(gone.url, "start_time_analysis", CALL)
    assert (caught.value.attempts, len(clock.pauses)) == (3, 2)
    assert "carried out" not in str(caught.value)


def test_an_upload_ends_at_its_deadline(phonexia: Call) -> None:
    with hostile(silence_after()) as server, pytest.raises(DeadlineExceeded) as caught:
        phonexia(server.url, "start_time_analysis", CALL, timeout=0.3)
    assert caught.value.timeout == 0.3


def test_an_upload_that_the_other_side_does_not_take_ends_at_its_deadline(phonexia: Call) -> None:
    with socketless() as url, pytest.raises(DeadlineExceeded):
        phonexia(url, "start_time_analysis", bytes(30_000_000), timeout=0.5)


# ---- a file that is larger than the memory

_UPLOAD: str = """
import asyncio, resource, sys
from sleeptalk.phonexia import AsyncPhonexia, Phonexia

url, path, kind, given = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_AS, (900_000_000,) * 2)

def opened():
    return path if given == "path" else open(path, "rb")

async def run():
    async with AsyncPhonexia(url) as phonexia:
        return await phonexia.start_time_analysis(opened(), timeout=300)

def most():
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])  # kB, of this program alone

before = most()
if kind == "sync":
    with Phonexia(url) as phonexia:
        task = phonexia.start_time_analysis(opened(), timeout=300)
else:
    task = asyncio.run(run())
print(task.state, most() - before)
"""

SIZES = {"sync": 1_000_000_000, "async": 300_000_000}


class Sink:
    """A server that counts a body and keeps none of it."""

    def __init__(self) -> None:
        import socket

        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        import json

        connection, _ = self._listener.accept()
        buffer = bytearray(1_000_000)
        with connection:
            connection.settimeout(60)
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(65_536)
            head, _, body = head.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            self.received = len(body)
            while self.received < length:
                self.received += connection.recv_into(buffer)
            content = json.dumps(STARTED).encode()
            connection.sendall(b"HTTP/1.1 202 X\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content))

    def close(self) -> None:
        self._listener.close()


@pytest.mark.skipif(sys.platform != "linux", reason="it bounds the memory of a process as Linux does")
@pytest.mark.parametrize(("kind", "given"), [("sync", "path"), ("async", "file")])
def test_a_gigabyte_is_sent_in_little_memory(tmp_path: Path, kind: str, given: str) -> None:
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(SIZES[kind])  # it takes no room on the disk
    sink = Sink()
    try:
        done = subprocess.run(
            [sys.executable, "-c", _UPLOAD, sink.url, str(path), kind, given],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
    finally:
        sink.close()
    assert done.returncode == 0, done.stderr
    state, kilobytes = done.stdout.split()
    assert state == "pending"
    assert sink.received > SIZES[kind]
    assert int(kilobytes) < 60_000
