"""`sleeptalk listen` as a process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.service import Delivery
from tests.listening.conftest import DEADLINE, KEY, night
from tests.targets import target_named


@contextmanager
def listening(*options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command on a free port and wait for its first line; gives the process and the address."""
    with process_listening("callback", *options, **environment) as found:
        yield found


@contextmanager
def process_listening(target: str, *options: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command for a target on a free port and wait for its first line."""
    command = [sys.executable, "-m", "sleeptalk_contract", "listen", target, "--port", "0", *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200", **environment},
    ) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        try:
            assert address is not None
            yield process, address[0]
        finally:
            process.kill()


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sleeptalk_contract", "listen", "callback", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)


def post(url: str, delivery: Delivery) -> int:
    return httpx.post(f"{url}/callback", content=delivery.body, headers=dict(delivery.headers), timeout=30).status_code


def test_it_judges_the_wanted_number_of_deliveries_writes_the_reports_and_exits_0(tmp_path: Path) -> None:
    with listening("--api-key", KEY, "--max-events", "3", "--report-dir", str(tmp_path)) as (process, url):
        assert [post(url, each) for each in (*night()[:2], night()[-1])] == [204, 204, 204]
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, output
    assert "No rule broken; " in output
    assert KEY not in output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["target"], report["outcome"], report["requests"]) == ("callback", "passed", 3)
    assert {file.name for file in tmp_path.iterdir()} >= {"report.json", "junit.xml", "report.html"}


def test_a_broken_rule_exits_1_and_leaves_the_case_without_the_key(tmp_path: Path) -> None:
    broken = Delivery("", "", 0, night()[0].headers, b'{"callback_event": "INFERENCE_COMPLETE"}')
    options = ("--max-events", "1", "--report-dir", str(tmp_path))
    with listening(*options, SLEEPTALK_CALLBACK_KEY=KEY) as (process, url):
        assert post(url, broken) == 422
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 1, output
    assert "callback.shape" in output
    written = "".join(file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file())
    assert "callback.shape" in written
    assert KEY not in written + output


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ((), 422, 1),
        (("--exclude", "callback.user-id-*"), 204, 0),
        (("--rule", "callback.shape", "--require", "all"), 204, 0),
    ],
)
def test_a_rule_that_is_not_chosen_refuses_no_delivery_and_is_shown_as_excluded(
    options: tuple[str, ...], status: int, code: int, tmp_path: Path
) -> None:
    first = night()[0]
    headers = {name: value for name, value in first.headers.items() if name != "x-user-id"}
    with listening("--api-key", KEY, "--max-events", "1", "--report-dir", str(tmp_path), *options) as (process, url):
        answer = post(url, Delivery("", "", 0, headers, first.body))
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == code, output
    assert answer // 100 == status // 100
    outcomes = {rule["id"]: rule["outcome"] for rule in json.loads((tmp_path / "report.json").read_text())["rules"]}
    assert outcomes["callback.user-id-header"] == ("excluded" if options else "failed")
    assert outcomes["callback.shape"] == "passed"


def test_an_interrupt_leaves_complete_reports_and_exits_130(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        folder = tmp_path / number.name
        with listening("--report-dir", str(folder)) as (process, url):
            assert post(url, night()[0]) == 204
            process.send_signal(number)
            output, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 130, output
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        assert (report["requests"], report["interrupted"]) == (1, True)


def test_nothing_received_until_the_timeout_exits_2(tmp_path: Path) -> None:
    finished = run("--port", "0", "--timeout", "0.2", "--report-dir", str(tmp_path))
    assert finished.returncode == 2
    assert "No callback was received within 0.2 s" in finished.stdout
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["outcome"] == "error"


def test_a_port_in_use_is_one_sentence_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finished = run("--port", str(taken.getsockname()[1]))
    assert finished.returncode == 2
    assert finished.stderr.startswith("sleeptalk: 127.0.0.1 port ")
    assert finished.stderr.count("\n") == 1
    assert "--port" in finished.stderr


@pytest.mark.parametrize("host", ["::1", "192.0.2.1", "a..b"])
def test_a_host_that_cannot_be_listened_at_is_one_sentence_and_exit_2(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["listen", "callback", "--host", host, "--port", "0"]) == 2
    sentence = capsys.readouterr().err
    assert sentence.startswith(f"sleeptalk: {host} port 0 cannot be opened (")
    assert sentence.endswith(": write --host as an IPv4 address of this machine.\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_cannot_be_written_is_not_blamed_on_the_port() -> None:
    command = [sys.executable, "-m", "sleeptalk_contract", "listen", "callback", "--port", "0"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        finished = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False
        )
    assert finished.returncode == 2
    assert "No space left on device" in finished.stderr
    assert "--port" not in finished.stderr


@pytest.mark.parametrize("seconds", ["0", "nan", "inf", "1e300"])
def test_a_timeout_that_is_not_a_time_is_one_sentence_and_exit_2(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["listen", "callback", "--port", "0", "--timeout", seconds]) == 2
    sentence = capsys.readouterr().err
    assert "'--timeout'" in sentence
    assert sentence.count("\n") == 1


def test_a_baseline_for_another_target_is_one_sentence_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = tmp_path / "known.yaml"
    baseline.write_text("accepted: [{rule: session.shape, reason: known, expires: 2100-01-01}]", encoding="utf-8")
    assert cli.run(["listen", "callback", "--port", "0", "--timeout", "0.1", "--baseline", str(baseline)]) == 2
    assert "session.shape" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["listen", "callback", "--port", "0", "--api-key", "secret\n"], "--api-key"),
        (["sandbox", "--port", "0", "--api-key", "secret\n"], "--api-key"),
        (["sandbox", "--port", "0", "--user-id", "사용자"], "--user-id"),
    ],
)
def test_what_no_header_can_carry_is_refused(command: list[str], option: str) -> None:
    program = [sys.executable, "-m", "sleeptalk_contract", *command]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert ended.returncode == 2
    assert f"The value of {option} cannot be sent in a header" in ended.stderr
    assert "secret" not in ended.stderr


@pytest.mark.parametrize(
    ("judged_as", "sent"), [("callback", "callback-v3"), ("callback-v3", "callback"), ("callback", "callback-v2")]
)
def test_it_says_once_of_which_version_callbacks_are_that_it_judges_by_another(judged_as: str, sent: str) -> None:
    made = target_named(sent).deliveries
    assert made is not None
    one, *_, another = made({})["four-stages"]
    with process_listening(judged_as, "--max-events", "2") as (process, url):
        assert {post(url, one), post(url, another)} <= {204, 422}
        output, _ = process.communicate(timeout=DEADLINE)
    version = target_named(sent).version
    assert output.count(f"This is a callback of {version}, judged as {judged_as}: use `sleeptalk listen {sent}`.") == 1
