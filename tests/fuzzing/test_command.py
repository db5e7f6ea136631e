"""Runs of `sleeptalk fuzz` as people make them: exit codes, reports, keys, interrupts."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.fuzzing import control
from sleeptalk_contract.sandbox.faults import answered, when, with_status
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from tests.fuzzing.helpers import (
    CREDENTIALS,
    SECRET,
    SLEEPTALK,
    SLEPT,
    Recording,
    known,
    serving,
    sleeptalk,
    texts_in,
)
from tests.sandbox_ids import RATE_LIMITED_TASK_ID, faults_of, known_ids
from tests.waiting import until


def test_a_good_verdict_says_how_many_rules_it_does_not_cover(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(phonexia_app()) as url:
        ids = known("--task-id", known_ids("phonexia")[:1])
        assert cli.run(["fuzz", "phonexia", "--url", url, "--max-examples", "5", *ids]) == 0
    output = capsys.readouterr().out
    assert re.search(r"No rule broken; \d+ of \d+ exercised\. What would exercise the others stands above\.", output)
    assert f"phonexia at {url}\n" in output


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=401)(scope, receive, send)


@pytest.mark.parametrize(
    ("target", "app"), [("asleep", asleep_app()), ("phonexia", phonexia_app()), ("callback", _refuse)]
)
def test_without_an_honest_success_a_run_is_inconclusive_also_strictly(
    target: str, app: ASGIApp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = CREDENTIALS if target == "asleep" else ()
    with serving(app) as url:
        arguments = ["fuzz", target, "--url", url, *credentials, "--max-examples", "5", "--strict"]
        assert cli.run([*arguments, "--report-dir", str(tmp_path)]) == 2
    assert "No honest success was seen: " in capsys.readouterr().out
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["outcome"], report["successes"]) == ("inconclusive", "error", 0)


@pytest.mark.parametrize("name", ["must", "all", "analysis.done-has-result"])
def test_a_rule_that_is_required_has_to_be_exercised(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(phonexia_app()) as url:
        arguments = ["fuzz", "phonexia", "--url", url, "--max-examples", "5", "--require", name]
        assert cli.run([*arguments, *known("--task-id", [CALLS["pending"].task_id])]) == 2
        assert "--require asks for what was not exercised: " in capsys.readouterr().out
        every = known("--task-id", (*known_ids("phonexia"), RATE_LIMITED_TASK_ID))
        assert (
            cli.run([*arguments, "--allow-writes", *every]) == 0
        )  # one that is always throttled shows what it is there for


def test_a_name_that_is_required_and_that_no_rule_has_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["fuzz", "phonexia", "--require", "analysis.done-has-resul"]) == 2
    assert "did you mean analysis.done-has-result?" in capsys.readouterr().err
    assert cli.run(["fuzz", "callback", "--url", "http://127.0.0.1:1", "--require", "callback.shape"]) == 2
    assert "not judged by such a rule here" in capsys.readouterr().err


def test_a_known_id_that_is_answered_500_is_a_finding_and_no_wrong_use(tmp_path: Path) -> None:
    broken = when(answered(200), with_status(500, {"detail": "broken"}))
    failing = Fault("session.no-server-error", "known", "breaks on every known session", broken)
    with serving(asleep_app(faults=[failing])) as url:
        ids = ["--session-id", SLEPT, *CREDENTIALS]
        code = cli.run(["fuzz", "asleep", "--url", url, *ids, "--max-examples", "5", "--report-dir", str(tmp_path)])
    assert code == 1
    assert failed_rules(tmp_path) == {"session.no-server-error"}


def failed_rules(folder: Path) -> set[str]:
    report = json.loads((folder / "report.json").read_text())
    return {rule["id"] for rule in report["rules"] if rule["outcome"] == "failed"}


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("asleep", "session.never-slept-nulls"),
        ("asleep", "session.times-in-requested-timezone"),
        ("asleep", "session.api-key-required"),
        ("phonexia", "analysis.failure-has-error"),
        ("phonexia", "analysis.not-found-404"),
    ],
)
def test_a_planted_fault_is_found_and_named_by_its_rule(target: str, rule: str, tmp_path: Path) -> None:
    app: ASGIApp = asleep_app(faults=faults_of(rule)[:1]) if target == "asleep" else phonexia_app(faults_of(rule)[:1])
    ids = (
        known("--session-id", known_ids("asleep")) if target == "asleep" else known("--task-id", known_ids("phonexia"))
    )
    credentials = CREDENTIALS if target == "asleep" else ()
    with serving(app) as url:
        done = sleeptalk(
            "fuzz", target, "--url", url, *ids, *credentials, "--max-examples", "5", "--report-dir", str(tmp_path)
        )
    assert done.returncode == 1, done.stderr
    assert failed_rules(tmp_path) == {rule}
    assert f"\n{rule} must" in done.stdout
    assert f"sleeptalk replay {tmp_path}/cases/{rule}-1.json" in done.stdout


def test_reports_and_outputs_never_hold_the_key(tmp_path: Path) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer every request with its headers, keys included."""
        while (await receive()).get("more_body", False):
            pass
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = json.dumps({"detail": headers, "result": {"session": {"state": headers.get("x-api-key")}}}).encode()
        start = {"type": "http.response.start", "status": 200}
        key = headers.get("x-api-key", "").encode("latin-1")
        await send({**start, "headers": [(b"content-type", b"application/json"), (b"x-echo", key)]})
        await send({"type": "http.response.body", "body": body})

    with serving(echo) as url:
        done = sleeptalk(
            *("fuzz", "asleep", "--url", url, "--session-id", SLEPT, "--user-id", "user", "--max-examples", "5"),
            *("--report-dir", str(tmp_path)),
            environment={**os.environ, "ASLEEP_API_KEY": SECRET},
        )
    assert done.returncode == 1
    written = texts_in(tmp_path) + done.stdout + done.stderr
    assert len(list((tmp_path / "cases").iterdir())) > 3
    for key in (SECRET, SECRET[:-1], SECRET.swapcase()):
        assert key not in written
    assert "$ASLEEP_API_KEY" in written


def test_reports_and_outputs_never_hold_the_password_of_the_address(tmp_path: Path) -> None:
    inner = phonexia_app(faults_of("analysis.malformed-id-422")[:1])
    basic = base64.b64encode(b"me:passw0rd").decode()

    async def behind_a_password(scope: Scope, receive: Receive, send: Send) -> None:
        known = dict(scope["headers"]).get(b"authorization") == f"Basic {basic}".encode()
        await (inner if known else Response(status_code=401))(scope, receive, send)

    with serving(behind_a_password) as url:
        address = url.replace("//", "//me:passw0rd@")
        ids = known("--task-id", known_ids("phonexia")[:1])
        done = sleeptalk("fuzz", "phonexia", "--url", address, *ids, "--report-dir", str(tmp_path))
    assert done.returncode == 1, done.stderr
    assert failed_rules(tmp_path) == {"analysis.malformed-id-422"}
    written = texts_in(tmp_path) + done.stdout + done.stderr
    assert basic not in written
    assert "passw0rd" not in written


def test_the_seed_decides_what_is_sent_whatever_the_process() -> None:
    asked = []
    for hash_seed in ("1", "2"):
        recording = Recording(phonexia_app())
        with serving(recording) as url:
            sleeptalk(
                *("fuzz", "phonexia", "--url", url, "--seed", "5", "--max-examples", "20"),
                environment={**os.environ, "PYTHONHASHSEED": hash_seed},
            )
        asked.append(recording.requests)
    assert len(asked[0]) > 50
    assert asked[0] == asked[1]


def test_nothing_is_left_in_the_folder_where_it_was_called(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SLEEPTALK, "fuzz", "phonexia", "--allow-writes", "--max-examples", "5", "--seed", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "The contract holds." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_whole_reports_and_exits_130(number: int, tmp_path: Path) -> None:
    options = [*known("--session-id", known_ids("asleep")), *CREDENTIALS, "--report-dir", str(tmp_path)]
    with serving(asleep_app()) as url:
        process = subprocess.Popen(
            [*SLEEPTALK, "fuzz", "asleep", "--url", url, "--max-examples", "100000", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "generated requests" in line:
                break
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 130
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["interrupted"] is True
    assert report["requests"] > 0
    assert (tmp_path / "report.html").read_text().rstrip().endswith("</html>")
    assert (tmp_path / "junit.xml").is_file()


@pytest.mark.skipif(not Path("/proc/net/tcp").is_file(), reason="only there it is seen that a connection is under way")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_connecting_ends_at_once(number: int) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):  # more than the backlog has room for: later connections wait
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        taken = connecting(port)
        options = ("--url", f"http://127.0.0.1:{port}", "--request-timeout", "100")
        process = subprocess.Popen([*SLEEPTALK, "fuzz", "phonexia", *options], stderr=subprocess.PIPE, text=True)
        stack.enter_context(process)
        until(lambda: connecting(port) > taken, seconds=20)
        process.send_signal(number)
        _, told = process.communicate(timeout=30)
    assert (process.returncode, told.strip()) == (130, "sleeptalk: interrupted.")


def connecting(port: int) -> int:
    """Count the connections to a port of this machine that are being made."""
    entries = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(entry[2].endswith(f":{port:04X}") and entry[3] == "02" for entry in entries)


def test_max_time_ends_a_run_in_time_with_a_report(tmp_path: Path) -> None:
    started = time.monotonic()
    code = cli.run(
        ["fuzz", "asleep", "--max-examples", "1000000", "--max-time", "2", "--seed", "1", "--report-dir", str(tmp_path)]
    )
    assert code == 0
    assert time.monotonic() - started < 30
    assert json.loads((tmp_path / "report.json").read_text())["stopped"] == "--max-time had passed"


def test_a_server_that_hangs_ends_the_run_soon(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    started = time.monotonic()
    with listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        code = cli.run(["fuzz", "phonexia", "--url", url, "--request-timeout", "0.5", "--report-dir", str(tmp_path)])
    assert code in {1, 2}
    assert time.monotonic() - started < 30
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["requests"] == 3
    assert report["stopped"] == "the server stopped answering"


def test_a_server_that_is_too_slow_for_a_whole_run_has_not_passed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(control, "SLOW_SECONDS", 0.0)
    with serving(phonexia_app()) as url:
        assert cli.run(["fuzz", "phonexia", "--url", url, "--report-dir", str(tmp_path)]) == 2
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["outcome"], report["requests"]) == ("error", 10)
    assert "was too slow to be sent every request" in capsys.readouterr().out


def test_a_baseline_accepts_a_failure_until_it_expires(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fault = faults_of("analysis.task-id-echoed")[:1]
    for expires, code in (("2999-01-01", 0), ("2000-01-01", 1)):
        baseline = tmp_path / f"baseline-{expires}.yaml"
        entry = f"accepted:\n  - {{rule: analysis.task-id-echoed, reason: known, expires: {expires}}}\n"
        baseline.write_text(entry)
        with serving(phonexia_app(fault)) as url:
            arguments = ["fuzz", "phonexia", "--url", url, *known("--task-id", known_ids("phonexia"))]
            assert cli.run([*arguments, "--max-examples", "5", "--baseline", str(baseline)]) == code
        told = "Entry 1 of the baseline expired on 2000-01-01: known." in capsys.readouterr().out
        assert told == bool(code)


def test_a_broken_should_rule_fails_only_a_strict_run(tmp_path: Path) -> None:
    with serving(phonexia_app(faults_of("analysis.error-type-fits-state")[:1])) as url:
        ids = known("--task-id", known_ids("phonexia"))
        arguments = ["fuzz", "phonexia", "--url", url, *ids, "--max-examples", "5"]
        assert cli.run(arguments) == 0
        assert cli.run([*arguments, "--strict"]) == 1
