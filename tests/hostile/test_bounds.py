"""Whatever an implementation answers, a report stays small, and is written as the user's system has it."""

import datetime as dt
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Verdict
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.baseline import Baseline, read_baseline
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.folder import prepare_folder, reserved
from sleeptalk_contract.reporting.model import Report
from tests.hostile.test_aliases import GROWING
from tests.targets import target_named

TARGET = target_named("asleep")
RULES = ("session.shape", "session.no-server-error", "session.id-echoed")
LARGEST = 4 * 1024 * 1024


def report(headers: tuple[tuple[str, str], ...], url: str, place: str) -> Report:
    findings = Findings(TARGET, TARGET.rules.values(), None)
    for number in range(40):
        answer = Answer(500, headers, b'{"result": {"session": {"state": "S%d"}}}' % number, 0.1)
        sent = Exchange.sent(TARGET.operation("getSession"), "known-id", url, [("x-long", "v" * 50_000)], None, answer)
        broken = [Breach(rule, f"is {number}{'m' * 5000}", f"/{place}/{number}/x") for rule in RULES]
        findings.add(sent, Verdict(dict.fromkeys(RULES, 1), tuple(broken)))
    return findings.report("http://127.0.0.1:8000", {}, Baseline(), strict=False)


def test_long_headers_addresses_and_places_are_clipped_like_bodies(tmp_path: Path) -> None:
    headers = tuple((f"x-{number}", "h" * 90_000) for number in range(300))
    write_reports(report(headers, f"http://127.0.0.1:8000/{'u' * 500_000}", "p" * 100_000), tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"report.json", "report.html", "junit.xml"} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) < LARGEST
    assert "(90000 characters in all)" in (tmp_path / "report.html").read_text("utf-8")


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o002], indirect=True)
def test_who_may_read_a_report_is_left_to_the_umask(umask: int, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    write_reports(report((), "http://127.0.0.1:8000/data/v2/sessions/1", "p"), folder)
    for path in folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o777 if path.is_dir() else 0o666) & ~umask


def test_a_link_in_a_report_folder_leads_nowhere(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "reports", tmp_path / "elsewhere"
    elsewhere.mkdir()
    precious = elsewhere / "session.shape-1.json"
    precious.write_text("precious")
    folder.mkdir()
    (folder / "cases").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="symbolic link"):
        prepare_folder(folder)
    (folder / "cases").unlink()
    (folder / ".sleeptalk-lock").symlink_to(precious)
    with pytest.raises(UsageError, match="cannot be written"), reserved(folder):
        pass
    assert precious.read_text() == "precious"


def test_a_baseline_with_aliases_is_refused_before_they_grow(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text("\n".join([*GROWING, "accepted: *a29", ""]))
    with pytest.raises(UsageError, match="line 2: an alias"):
        read_baseline(path, dt.date(2026, 1, 1), list(TARGET.rules))
