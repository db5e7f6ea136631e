"""`sleeptalk inbox`: what it shows of a store, and what it changes in it."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from sleeptalk_contract.commands import program as cli
from tests.inbox.stores import HEADERS, KEY, Seen, receiving, window
from tests.waiting import until

A, B = "20220821093117_aaaaa", "20220821093117_bbbbb"
USER = HEADERS["x-user-id"]
PROGRAM = Path(sys.executable).with_name("sleeptalk")
WAITING = "Waiting for the handlers that have begun; Ctrl-C again ends them."


def fail_for_a(callback: Any, _delivery: Any) -> None:
    if callback.data.session_id == A:
        raise RuntimeError("no room for \x1b[2J this")


@pytest.fixture
def filled(address: str) -> str:
    """A store with a dead callback and one that is done."""
    with receiving(fail_for_a, address, attempts=1) as receiver:
        receiver.post(window(A))
        receiver.post(window(B, user_id="another"))
        receiver.wait_for(dead=1, done=1)
    return address


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `sleeptalk inbox` with arguments; returns the exit code, and what it printed to both outputs."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(["inbox", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_list_shows_the_counts_and_the_newest_callbacks(filled: str, run: Any) -> None:
    code, out, _ = run("list", "--store", filled)
    assert code == 0
    assert out.splitlines()[0] == "0 waiting, 0 running, 1 done, 1 dead"
    assert [line.split()[1:4] for line in out.splitlines()[2:]] == [
        ["done", "INFERENCE_COMPLETE", B],
        ["dead", "INFERENCE_COMPLETE", A],
    ]


@pytest.mark.parametrize(
    ("options", "sessions"),
    [
        ([], [B, A]),
        (["--state", "dead"], [A]),
        (["--session", B], [B]),
        (["--user", "another"], [B]),
        (["--user", USER], [B, A]),
        (["--limit", "1"], [B]),
        (["--user", "nobody"], []),
    ],
)
def test_list_as_json_has_those_that_are_asked_for(
    filled: str, run: Any, options: list[str], sessions: list[str]
) -> None:
    code, out, _ = run("list", "--store", filled, "--json", *options)
    listed = json.loads(out)
    assert code == 0
    assert (listed["done"], listed["dead"], listed["oldest_seconds"]) == (1, 1, None)
    assert [entry["session_id"] for entry in listed["callbacks"]] == sessions


def test_show_says_why_a_callback_is_dead_and_shows_a_body_only_where_it_is_asked_for(filled: str, run: Any) -> None:
    identity = json.loads(run("list", "--store", filled, "--json", "--state", "dead")[1])["callbacks"][0]["id"]
    code, out, _ = run("show", identity[:8], "--store", filled)
    assert code == 0
    assert "state: dead" in out
    assert "RuntimeError: no room for \\u001b[2J this" in out
    assert "stage_list" not in out
    assert "stage_list" in run("show", identity, "--store", filled, "--body")[1]
    shown = json.loads(run("show", identity, "--store", filled, "--body", "--json")[1])
    assert (shown["attempt"], shown["headers"]["x-user-id"]) == (1, USER)
    assert json.loads(shown["body"]) == json.loads(window(A))
    assert KEY not in out + str(shown)


def test_retry_lets_a_dead_callback_be_handled_anew_and_before_later_ones(filled: str, run: Any) -> None:
    with receiving(Seen(), filled, work=False) as receiver:
        receiver.post(window(A, 5))
    assert run("retry", "--dead", "--store", filled)[:2] == (0, "1 callback to be handled again.\n")
    assert run("retry", "--dead", "--store", filled, "--json")[:2] == (0, '{\n  "retried": 0\n}\n')
    handler = Seen()
    with receiving(handler, filled) as receiver:
        receiver.wait_for(done=3, dead=0, waiting=0)
    assert handler.windows == [(A, 1), (A, 5)]
    assert handler.deliveries[0].attempt == 1


def test_retry_does_not_let_a_callback_wait_for_its_next_attempt(address: str, run: Any) -> None:
    failing = [True]

    def fail(*_: Any) -> None:
        if failing[0]:
            raise RuntimeError

    with receiving(fail, address) as receiver:
        receiver.post(window(A))
        until(lambda: receiver.entries()[0].attempt == 4 and receiver.entries()[0].due)  # the next one is in 8 s
        failing[0] = False
        assert run("retry", receiver.entries()[0].id, "--store", address)[:2] == (
            0,
            "1 callback to be handled again.\n",
        )
        until(lambda: receiver.counts().done == 1, seconds=6)


@pytest.mark.parametrize(
    ("options", "left"), [(["--session", A], [B]), (["--user", "another"], [A]), (["--user", USER], [])]
)
def test_purge_removes_all_of_a_session_or_a_user(filled: str, run: Any, options: list[str], left: list[str]) -> None:
    code, out, _ = run("purge", "--store", filled, "--json", *options)
    assert (code, json.loads(out)) == (0, {"purged": 2 - len(left)})
    listed = json.loads(run("list", "--store", filled, "--json")[1])["callbacks"]
    assert [entry["session_id"] for entry in listed] == left


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["list", "--store", "sqlite:///missing.db"], "cannot be used: unable to open database file"),
        (["list", "--store", "mysql://x:secret@host"], "store must be an address"),
        (["purge"], "Say whose callbacks"),
        (["retry"], "Say which callbacks"),
        (["work", "receiver"], "write MODULE:NAME"),
        (["work", "no_such_module:x"], "cannot be imported (ModuleNotFoundError"),
        (["work", "json:dumps"], "is not what sleeptalk's function inbox makes"),
        (["list", "--watch", "--json"], "leave out --json"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err
    assert "secret" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_callback_that_is_not_there_or_not_the_only_one_is_said(filled: str, run: Any) -> None:
    assert "There is no callback 'ffffffff'" in run("show", "ffffffff", "--store", filled)[2]
    assert "too short" in run("show", "ff", "--store", filled)[2]


def test_a_file_that_is_not_a_store_is_left_as_it_is(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    file.write_bytes(b"not a database, but longer than a header of one would be" * 4)
    before = file.read_bytes()
    code, _, err = run("list", "--store", f"sqlite:///{file}")
    assert (code, file.read_bytes()) == (2, before)
    assert "file is not a database" in err


@pytest.fixture
def application(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module with an inbox whose handler writes a line per callback."""
    done = tmp_path / "done.txt"
    (tmp_path / "receiving_app.py").write_text(
        f"""
from sleeptalk.callback import inbox

def handle(callback, delivery):
    with open({str(done)!r}, "a") as file:
        print(callback.data.inference_seq_num, file=file)

receiver = inbox(handle, {address!r}, api_key={KEY!r}, work=False)
"""
    )
    monkeypatch.chdir(tmp_path)
    return done


@pytest.fixture
def working(application: Path) -> Iterator[subprocess.Popen[str]]:
    command = [PROGRAM, "inbox", "work", "receiving_app:receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_work_handles_what_another_process_accepts_until_it_is_told_to_stop(
    address: str, application: Path, working: subprocess.Popen[str]
) -> None:
    with receiving(Seen(), address, work=False) as receiver:
        for number in range(3):
            receiver.post(window(A, number))
        receiver.wait_for(done=3)
    working.send_signal(signal.SIGTERM)
    out, err = working.communicate(timeout=30)
    assert (working.returncode, err) == (0, "")
    assert out.splitlines() == [
        "Handling the callbacks of receiving_app:receiver; Ctrl-C ends it.",
        WAITING,
        "Stopped.",
    ]
    assert application.read_text() == "0\n1\n2\n"


def test_a_second_signal_ends_work_though_a_handler_hangs_and_what_it_wrote_is_undone(tmp_path: Path) -> None:
    store = tmp_path / "callbacks.db"
    (tmp_path / "hanging.py").write_text(
        f"""
import threading
from sleeptalk.callback import inbox

def handle(callback, delivery):
    delivery.connection.execute("CREATE TABLE written (id TEXT)")
    print("began", flush=True)
    threading.Event().wait()

receiver = inbox(handle, "sqlite:///{store}", api_key={KEY!r}, work=False)
"""
    )
    command = [PROGRAM, "inbox", "work", "hanging:receiver"]
    address = f"sqlite:///{store}"
    with (
        receiving(Seen(), address, work=False) as receiver,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process,
    ):
        try:
            receiver.post(window(A))
            assert process.stdout is not None
            assert "began\n" in iter(process.stdout.readline, "")
            process.send_signal(signal.SIGTERM)
            assert process.stdout.readline() == f"{WAITING}\n"
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "sleeptalk: interrupted.\n")
    with receiving(Seen(), address) as receiver:
        receiver.wait_for(done=1)
    with closing(sqlite3.connect(store)) as file:
        assert file.execute("SELECT * FROM sqlite_master WHERE name = 'written'").fetchall() == []


def test_the_page_is_shown_again_and_again_on_a_terminal(filled: str) -> None:
    terminal, inside = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    command = [PROGRAM, "inbox", "list", "--watch", "--interval", "0.05", "--store", filled]
    # Where the tests run in the background, SIGINT is ignored, and what they start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdin=inside, stdout=inside, stderr=inside, env=environment) as process:
        os.close(inside)
        shown = b""
        while shown.count(b"1 dead") < 3:
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # EIO: the program has ended; a terminal that is not read would stop it before
            while os.read(terminal, 4096):
                pass
        assert process.wait(30) == 130
    os.close(terminal)
