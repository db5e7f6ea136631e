"""`sleeptalk prove` as a process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

COMMAND = (sys.executable, "-m", "sleeptalk_contract", "prove")
DEADLINE = 120


def test_it_prints_the_matrix_writes_it_and_exits_0(tmp_path: Path) -> None:
    options = ("--rule", "analysis.state-values", "--jobs", "1", "--report-dir", str(tmp_path))
    finished = subprocess.run(
        (*COMMAND, *options), cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["prove.json"]
    assert "2 of 2 faults were killed and named, 1 of them alone; 0 survived." in finished.stdout
    assert "0 false alarms in 1 runs" in finished.stdout
    matrix = json.loads((tmp_path / "prove.json").read_text(encoding="utf-8"))["matrix"]
    assert [row["fault"] for row in matrix] == [
        "analysis:honest",
        "analysis.state-values:pending",
        "analysis.state-values:done",
    ]


def test_an_interrupt_leaves_what_was_proven_so_far_and_exits_130(tmp_path: Path) -> None:
    options = ("--rule", "callback.shape", "--jobs", "1", "--report-dir", str(tmp_path))
    with subprocess.Popen((*COMMAND, *options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("1/")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130, output
    written = json.loads((tmp_path / "prove.json").read_text(encoding="utf-8"))
    assert written["interrupted"] is True
    assert written["matrix"]


def test_an_unknown_rule_is_one_sentence_and_exit_2() -> None:
    finished = subprocess.run(
        (*COMMAND, "--rule", "session.nothing"), capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert finished.returncode == 2
    assert finished.stderr == (
        "sleeptalk: --rule 'session.nothing' is neither a rule of the catalogue nor a fault:"
        " did you mean session.not-found-404?\n"
    )
