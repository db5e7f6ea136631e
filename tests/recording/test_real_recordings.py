"""What real tools have recorded is judged without a false alarm, and what the vendor breaks in it is named.

The files in `real` were made with mitmproxy 11.0, Playwright 1.65 with Chromium, chrome-har 1.3 (of Chrome's DevTools
protocol) and VCR.py 9.4, in front of the sandbox, with and without the two faults that are `BROKEN`. They have what is
hard to read: forms with bytes that are not text, JSON that is not UTF-8, compressed bodies, a request that was aborted,
bodies that were not kept or lie in another file, headers that appear twice, and keys that were left out.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sleeptalk_contract.contract.document import folder as documents
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import in_body
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.registered import SERVICES
from tests.recording.recordings import judge, outcomes

REAL = Path(__file__).parent / "real"
BROKEN = {"asleep": "session.end-time-null-while-open", "phonexia": "analysis.task-id-echoed"}


def reports(folder: Path) -> dict[str, dict[str, str]]:
    return {each.parent.name: outcomes(each.parent) for each in folder.glob("*/report.json")}


@pytest.mark.parametrize("target", BROKEN)
@pytest.mark.parametrize("name", sorted(each.name for each in REAL.glob("*-honest.*")))
def test_an_honest_recording_is_clean(name: str, target: str, tmp_path: Path) -> None:
    code, out, err = judge(target, REAL / name, "--strict", "--report-dir", tmp_path)
    assert (code, err) == (0, ""), out
    assert outcomes(tmp_path)[BROKEN[target]] == "passed"


@pytest.mark.parametrize("name", sorted(each.name for each in REAL.glob("*-broken.*")))
def test_a_broken_rule_is_named_and_no_other(name: str, tmp_path: Path) -> None:
    code, out, _ = judge(REAL / name, "--strict", "--report-dir", tmp_path)
    assert code == 1
    failed = [
        rule
        for found in reports(tmp_path).values()
        for rule, outcome in found.items()
        if outcome in {"failed", "warned"}
    ]
    assert sorted(failed) == sorted(BROKEN.values()), out


@pytest.mark.parametrize(
    ("name", "target", "left_out"),
    [
        ("mitmproxy-streaming.zhar", "asleep", {"without a recorded body": 2, "of no operation": 1}),
        (
            "playwright-omit.har.gz",
            "asleep",
            {"without a recorded body": 1, "without a whole answer": 1, "of no operation": 1},
        ),
        ("playwright-honest.zip", "asleep", {"without a whole answer": 1, "of no operation": 1}),
        ("playwright-honest.zip", "phonexia", {"without a recorded body": 1, "of no operation": 1}),
    ],
)
def test_what_the_recorder_did_not_keep_is_counted(
    name: str, target: str, left_out: dict[str, int], tmp_path: Path
) -> None:
    code, out, _ = judge(REAL / name, "--report-dir", tmp_path)
    assert code == (0 if "honest" in name else 2), out
    report = json.loads((tmp_path / target / "report.json").read_text())
    assert {each["reason"]: each["count"] for each in report["passed_over"]} == left_out


def test_a_folder_is_judged_with_what_lies_beneath_it(tmp_path: Path) -> None:
    names = [each.name for each in REAL.glob("*-honest.*")]
    folder = tmp_path / "cassettes" / "beneath"
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(REAL / name, folder)
    (folder / "notes.json").write_text('{"detail": "not a recording"}')
    (folder / "openapi.yaml").write_text("openapi: 3.1.0\n")
    (folder / "picture.png").write_bytes(b"{")
    code, out, err = judge("asleep", folder.parent, "--report-dir", tmp_path / "reports")
    assert (code, err) == (0, ""), out
    counts = []
    for name in names:
        judge("asleep", REAL / name, "--report-dir", tmp_path / name)
        counts.append(json.loads((tmp_path / name / "report.json").read_text())["requests"])
    assert json.loads((tmp_path / "reports" / "report.json").read_text())["requests"] == sum(counts)
    for name in names:
        (folder / name).unlink()
    code, _, err = judge(folder)
    assert (code, f"{folder} has no file that can be judged" in err) == (2, True)


def test_every_report_of_schemathesis_is_read(tmp_path: Path) -> None:
    reports = ("har", "vcr", "ndjson")
    change = in_body(lambda body: body["task"].update(state="running"))
    started_running = Fault("analysis.started-pending", "any", "calls every new task running", change)
    with running(sandbox_app(SERVICES, faults=[started_running])) as server:
        command = [Path(sys.executable).with_name("st"), "run", documents() / "phonexia.yaml", "--url", server.url]
        command += ["--phases", "examples", "--report", ",".join(reports), "--report-dir", "seen", "--no-color"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    for form in reports:
        (file,) = (tmp_path / "seen").glob(f"{form}-*")
        code, out, _ = judge("phonexia", file, "--strict", "--report-dir", tmp_path / form)
        assert code == 1, out
        failed = {rule for rule, outcome in outcomes(tmp_path / form).items() if outcome == "failed"}
        assert failed == {"analysis.started-pending"}, form
