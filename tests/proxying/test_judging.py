"""The process that judges: it finds what it would find in a recording, and never stands in the way of traffic."""

import json
import os
import re
import select
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from sleeptalk.recording import Recorded
from sleeptalk_contract.proxying.conversation import Conversation
from sleeptalk_contract.proxying.feed import FRAME, Feed, What
from sleeptalk_contract.proxying.judging import Orders, judge_frames
from sleeptalk_contract.proxying.relay import ClientSide, Relay, UpstreamSide
from sleeptalk_contract.recording.traffic import Terms, Traffic
from sleeptalk_contract.recording.workers import Assignment
from sleeptalk_contract.reporting.baseline import Baseline
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.registered import SERVICES
from tests.proxying.peers import DEADLINE, proxied
from tests.recording.recordings import KEY, judge, outcomes
from tests.sandbox_ids import faults_of, known_ids
from tests.targets import target_named
from tests.waiting import until

USER = "G-20220821093117-SandboxUserSleeptalk"
HEADERS = {"x-api-key": KEY, "x-user-id": USER}
BROKEN = "session.sleep-period-arithmetic"


def asked(url: str, times: int = 1) -> list[int]:
    with httpx.Client(base_url=url, headers=HEADERS, trust_env=False, timeout=30) as client:
        return [
            client.get(f"/data/v2/sessions/{each}").status_code for _ in range(times) for each in known_ids("asleep")
        ]


def test_what_passes_is_judged_reported_and_recorded(tmp_path: Path) -> None:
    reports, record = tmp_path / "reports", tmp_path / "traffic.ndjson"
    options = ("--report-dir", reports, "--record", record, "--api-key", KEY)
    with (
        running(asleep_app(faults=faults_of(BROKEN)[:1])) as server,
        proxied(server.url, *options) as proxy,
    ):
        assert set(asked(proxy.url)) == {200}
        assert proxy.process.stderr is not None
        assert proxy.process.stderr.readline() == f"{BROKEN} is broken.\n"
        if hasattr(signal, "SIGHUP"):
            proxy.process.send_signal(signal.SIGHUP)
            until((reports / "report.json").exists)
            assert outcomes(reports)[BROKEN] == "failed"
        code, out, err = proxy.stop()
    assert (code, err) == (1, "")
    assert out.startswith(f"asleep at {server.url}\n")
    assert f"{BROKEN} must, broken" in out
    report = json.loads((reports / "report.json").read_text())
    assert report["requests"] == len(known_ids("asleep"))
    text = record.read_text()
    assert KEY not in text + out
    assert '"[right key left out]"' in text
    again, _, _ = judge("asleep", record, "--api-key", KEY, "--report-dir", tmp_path / "again")
    assert again == 1
    assert outcomes(tmp_path / "again") == outcomes(reports)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot hold a process")
def test_a_judge_that_stands_still_or_is_killed_stops_no_traffic() -> None:
    with running(asleep_app()) as server, proxied(server.url) as proxy:
        assert set(asked(proxy.url)) == {200}
        os.kill(proxy.judging, signal.SIGSTOP)
        assert set(asked(proxy.url, 20)) == {200}
        os.kill(proxy.judging, signal.SIGKILL)
        assert set(asked(proxy.url, 5)) == {200}
        code, _, err = proxy.stop()
    assert code == 2
    assert f"of {26 * len(known_ids('asleep'))} exchanges that were passed on, it had seen" in err


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot hold a process")
def test_a_judge_that_fell_behind_sees_the_rest_in_the_end(tmp_path: Path) -> None:
    with running(asleep_app()) as server, proxied(server.url, "--report-dir", tmp_path) as proxy:
        judging = proxy.judging
        os.kill(judging, signal.SIGSTOP)
        assert set(asked(proxy.url, 5)) == {200}
        os.kill(judging, signal.SIGCONT)
        assert proxy.stop()[0] == 0
    assert json.loads((tmp_path / "report.json").read_text())["requests"] == 5 * len(known_ids("asleep"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither groups of processes nor these terminals")
def test_a_terminal_that_nobody_reads_stops_nothing_and_a_whole_group_may_be_ended() -> None:
    seen, terminal = os.openpty()
    with running(asleep_app()) as server, proxied(server.url, stderr=terminal, alone=True) as proxy:
        filling = os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with suppress(BlockingIOError):  # until the terminal takes nothing more
            while True:
                os.write(filling, b"-" * 512)
        with httpx.Client(base_url=proxy.url, headers=HEADERS, trust_env=False, timeout=30) as client:
            assert client.get(f"/data/v2/sessions/{known_ids('asleep')[0]}").status_code == 200
            shown = b""
            deadline = time.monotonic() + DEADLINE
            while b"1 passed on, 1 judged (0 behind), 0 rules broken" not in shown:
                assert select.select([seen], [], [], DEADLINE)[0], shown[-1000:]
                shown += os.read(seen, 65536)
                assert time.monotonic() < deadline, shown[-1000:]
            os.killpg(proxy.process.pid, signal.SIGTERM)  # while the connection is kept
            reading = threading.Thread(target=_read_all, args=(seen,), daemon=True)
            reading.start()
            code, out, _ = proxy.wait()
        os.close(filling)
        os.close(terminal)
    assert code == 0
    assert "No rule broken" in out


def _read_all(terminal: int) -> None:
    with suppress(OSError):
        while os.read(terminal, 65536):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes")
def test_a_run_that_is_interrupted_at_once_ends_with_a_sentence() -> None:
    with proxied("http://127.0.0.1:9", alone=True) as proxy:
        os.killpg(proxy.process.pid, signal.SIGINT)  # while the process that judges begins
        code, out, err = proxy.wait()
    assert (code, err) == (2, "")
    assert "None of the 0 exchanges in http://127.0.0.1:9 could be judged as asleep." in out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what another process may write")
def test_a_disk_that_is_full_for_a_while_is_said_and_what_is_missing_is_counted(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    folder, record = tmp_path / "reports", tmp_path / "traffic.ndjson"
    with running(asleep_app()) as server, proxied(server.url, "--record", record, "--report-dir", folder) as proxy:
        judging = proxy.judging
        before = resource.prlimit(judging, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert set(asked(proxy.url)) == {200}
        proxy.process.send_signal(signal.SIGHUP)
        assert proxy.process.stderr is not None
        assert {proxy.process.stderr.readline(), proxy.process.stderr.readline()} == {
            f"sleeptalk: The reports cannot be written to {folder} (File too large).\n",
            f"recorder: {record} cannot be written (File too large)\n",
        }
        resource.prlimit(judging, resource.RLIMIT_FSIZE, before)
        assert set(asked(proxy.url)) == {200}
        code, out, _ = proxy.stop()
    count = 2 * len(known_ids("asleep"))
    missing = re.search(r"Missing in (\S+), which could not be written: (\d+) exchanges?\.", out)
    assert missing is not None
    assert (code, missing[1]) == (2, str(record))
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    assert sum("request" in line for line in lines) == count - int(missing[2])
    assert sum(line.get("lost", 0) for line in lines) == int(missing[2])
    assert json.loads((folder / "report.json").read_text())["requests"] == count


def test_a_server_that_cannot_be_reached_is_a_502_and_nothing_to_judge() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # nobody listens here, and nobody else can
        nobody = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with proxied(nobody) as proxy:
            answer = httpx.get(
                f"{proxy.url}/data/v2/sessions/{known_ids('asleep')[0]}", headers=HEADERS, trust_env=False
            )
            assert answer.status_code == 502
            assert answer.json()["detail"].startswith(f"sleeptalk proxy: {nobody} cannot be reached (")
            code, out, _ = proxy.stop()
    assert code == 2
    assert "Not judged: 1 exchange without a whole answer." in out


IDENTIFIER = "20220821093117_hz82a"
ASKED = f"GET /data/v2/sessions/{IDENTIFIER} HTTP/1.1\r\nhost: h\r\nx-api-key: k\r\nx-user-id: u\r\n\r\n".encode()
DETAIL = json.dumps({"detail": f"Unable to find the sleep session of id {IDENTIFIER}"}).encode()
MISSING = b"HTTP/1.1 404 -\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(DETAIL), DETAIL)


def judged(frames: list[tuple[int, What, bytes]], folder: Path) -> object:
    """Let frames be judged in this process, and return the exit code."""
    target = Assignment.of([Terms(target_named("asleep"))], SERVICES, None)
    record = folder / "traffic.ndjson"
    orders = Orders(target, "http://h", "http://h", Baseline(), folder, None, record)
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.getsignal(each) for each in signals}
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for number, what, payload in frames:
            ours.sendall(FRAME.pack(number, what, 0.0, len(payload)) + payload)
        try:
            with pytest.raises(SystemExit) as ended:
                judge_frames(theirs, orders)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
    return ended.value.code


@pytest.fixture(autouse=True)
def _no_nice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "nice", raising=False)  # which this process could not undo


def test_what_passed_unseen_is_counted_and_keeps_the_run_from_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = [
        (1, What.REQUEST, ASKED),
        (1, What.RESPONSE, MISSING[:60]),
        (1, What.AGAIN, b""),  # the rest of the one before found no room
        (1, What.REQUEST, ASKED),
        (1, What.RESPONSE, MISSING),
        (0, What.END, json.dumps({"passed": 5}).encode()),
    ]
    assert judged(frames, tmp_path) == 2
    assert "4 of 5 exchanges were passed on unseen" in capsys.readouterr().out
    assert outcomes(tmp_path)["session.not-found-404"] == "passed"
    assert json.loads((tmp_path / "traffic.ndjson").read_text().splitlines()[-1]) == {"lost": 4}


def test_an_exchange_that_cannot_be_judged_is_counted_and_the_others_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Traffic.take

    def stumbling(traffic: Traffic, recorded: Recorded) -> None:
        if recorded.request is not None and "stumble" in recorded.request.url:
            raise MemoryError("no room for it")
        take(traffic, recorded)

    monkeypatch.setattr(Traffic, "take", stumbling)
    frames = [
        (1, What.REQUEST, ASKED.replace(b" HTTP", b"?stumble HTTP")),
        (1, What.RESPONSE, MISSING),
        (1, What.REQUEST, ASKED),
        (1, What.RESPONSE, MISSING),
        (0, What.END, json.dumps({"passed": 2}).encode()),
    ]
    assert judged(frames, tmp_path) == 2
    sentence = "Not judged, for an unexpected error (MemoryError: no room for it): 1 exchange."
    assert sentence in capsys.readouterr().out
    assert outcomes(tmp_path)["session.not-found-404"] == "passed"


class Narrow(Feed):
    """A feed that has room as a test says, and keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.room = True
        self.sent: list[tuple[What, bytes]] = []

    @property
    def has_room(self) -> bool:
        return self.room

    def send(self, connection: int, what: What, payload: bytes = b"") -> None:
        self.sent.append((what, payload))


REQUEST = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
HALF, OTHER_HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nan", b"sw"


def narrow() -> tuple[Narrow, ClientSide]:
    feed = Narrow()
    client = ClientSide(Relay("http://h:1", feed))
    client._upstream = UpstreamSide(client)
    return feed, client


def test_a_feed_without_room_is_left_out_whole_and_taken_up_with_a_request() -> None:
    feed, client = narrow()
    for room in (True, False, True):
        feed.room = room
        client.data_received(REQUEST)
        client.answered(HALF + OTHER_HALF)
    seen = [(What.REQUEST, REQUEST), (What.RESPONSE, HALF + OTHER_HALF)]
    assert feed.sent == [*seen, (What.AGAIN, b""), *seen]
    assert (client._relay.passed, client._relay.unseen) == (3, 1)


def test_an_answer_of_which_a_part_found_no_room_is_not_taken_for_one_cut_short() -> None:
    feed, client = narrow()
    client.data_received(REQUEST)
    client.answered(HALF)
    feed.room = False
    client.answered(OTHER_HALF)
    client.upstream_lost(None)
    conversation = Conversation("http://h:1")
    assert [each for what, data in feed.sent for each in conversation.take(what, 0.0, data)] == []
    assert (client._relay.passed, client._relay.unseen) == (1, 1)


def test_an_answer_to_a_request_that_was_left_out_is_not_taken_for_that_to_a_later_one() -> None:
    feed, client = narrow()
    feed.room = False
    client.data_received(REQUEST * 2)
    client.answered(HALF + OTHER_HALF)
    feed.room = True
    client.data_received(REQUEST)  # while the second one is not answered
    client.answered((HALF + OTHER_HALF) * 2)
    assert feed.sent == [(What.AGAIN, b"")]
    client.data_received(REQUEST)
    assert feed.sent[1:] == [(What.REQUEST, REQUEST)]
    assert (client._relay.passed, client._relay.unseen) == (4, 3)
