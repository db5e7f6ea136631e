"""Reports and cases that others made: whatever stands in them, each command ends with a verdict or a sentence."""

import json
import os
import re
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.model import Finding, Report, RuleResult
from tests.catalogues import rules_of

BROKEN = "session.no-server-error"
CASE: dict[str, Any] = {
    "target": "asleep",
    "role": "provider",
    "operation": "getSession",
    "intent": "known-id",
    "method": "GET",
    "url": "http://127.0.0.1:1/data/v2/sessions/20220821093117_hz82a",
    "key": "missing",
    "key_header": "x-api-key",
    "headers": {},
    "body": None,
    "status": 500,
    "failure": None,
    "seconds": 0.1,
    "answer_headers": {},
    "answer": "{}",
}
NASTY: list[Any] = [
    None,
    True,
    -1,
    0,
    10**400,
    1e308,
    "",
    "a\n::error::b",
    "\x1b[2J",
    "../../../etc/passwd",
    "9999-99-99",
    "0000-01-01T00:00:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00",
    [],
    [1],
    {},
    {"base64": "A"},
    {"base64": 1},
    [[[[]]]],
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    finding = Finding("is 500", "status", "curl", CASE)  # type: ignore[arg-type]
    rules = [
        RuleResult(rule, 1, 1, (finding,)) if rule.id == BROKEN else RuleResult(rule, 1) for rule in rules_of("session")
    ]
    report = Report("asleep", "http://127.0.0.1:1", 7, 10, 1.0, tuple(rules), shard="1/2", successes=1)
    write_reports(report, tmp_path / "shard")
    return tmp_path / "shard"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every part of a value; of lists only the first member."""
    members = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value[:1]))
        if isinstance(value, list)
        else []
    )
    return [path, *(each for name, inner in members for each in places(inner, (*path, name)))]


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def ends(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = cli.run(list(map(str, arguments)))
    shown = capsys.readouterr()
    assert "unexpected error" not in shown.err, shown.err
    assert "Traceback" not in shown.err
    assert not re.search(r"(?m)^\s*::error::b|\x1b", shown.out + shown.err)
    return code, shown.out + shown.err


def commands(folder: Path) -> list[list[object]]:
    out = folder.parent / "merged"
    return [["report", "merge", folder, "--report-dir", out], ["report", "summary", folder]]


def test_any_value_at_any_place_of_a_report_ends_in_a_verdict_or_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    report["started"] = "2026-01-01T00:00:00+00:00"
    index = next(number for number, rule in enumerate(report["rules"]) if rule["failures"])
    report["rules"] = [report["rules"][index], *report["rules"][:index], *report["rules"][index + 1 :]]
    report["rules"][0]["accepted"] = {"reason": "known", "expires": "2030-01-01"}
    for path in places(report):
        for new in NASTY:
            (folder / "report.json").write_text(json.dumps(changed(report, path, new)), "utf-8")
            for command in commands(folder):
                assert ends(capsys, *command)[0] in {0, 1, 2, 130}, (path, new)


def test_any_value_at_any_place_of_a_case_ends_in_a_verdict_or_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", "a-key-of-these-tests")
    path = folder / "cases" / f"{BROKEN}-1.json"
    case = json.loads(path.read_text("utf-8"))
    for place in places(case):
        for new in NASTY:
            path.write_text(json.dumps(changed(case, place, new)), "utf-8")
            assert ends(capsys, "replay", folder)[0] == 2, (place, new)
            assert ends(capsys, *commands(folder)[0])[0] in {1, 2}


def deep(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def gigabyte(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 30)


OTHERS: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "not UTF-8": lambda path: path.write_bytes(b'{"target": "\xff"}'),
    "deep": lambda path: path.write_bytes(deep(200_000)),
    "deep object": lambda path: path.write_bytes(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "many values": lambda path: path.write_bytes(b"[" + b"[]," * 2_000_000 + b"[]]"),
    "NaN": lambda path: path.write_bytes(b'{"seconds": NaN}'),
    "lone surrogate": lambda path: path.write_bytes(b'{"target": "\\ud800"}'),
    "digits": lambda path: path.write_bytes(b'{"seed": ' + b"9" * 100_000 + b"}"),
    "gigabyte": gigabyte,
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "link out": lambda path: path.symlink_to("/etc/passwd"),
    "link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_a_report_is_a_sentence(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "report.json").unlink()
    OTHERS[kind](folder / "report.json")
    for command in commands(folder):
        code, shown = ends(capsys, *command)
        assert code == 2
        assert "report.json" in shown
        assert "root:" not in shown


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_a_case_is_a_sentence(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = folder / "cases" / f"{BROKEN}-1.json"
    case.unlink()
    OTHERS[kind](case)
    for named in (case, folder):
        code, shown = ends(capsys, "replay", named)
        assert code == 2
        assert "root:" not in shown
    assert ends(capsys, *commands(folder)[0])[0] in {1, 2}


@pytest.mark.parametrize("shard", ["1/20000000", "1/9999999999999999999", "2/1", "1/9999"])
def test_a_claim_of_many_shards_costs_nothing(shard: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    (folder / "report.json").write_text(json.dumps({**report, "shard": shard}), "utf-8")
    tracemalloc.start()
    try:
        code, shown = ends(capsys, *commands(folder)[0])
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()
    assert code == 2
    assert len(shown) < 20_000
    merged = folder.parent / "merged"
    assert sum(path.stat().st_size for path in merged.rglob("*") if path.is_file()) < 1 << 20


def test_a_folder_of_a_great_many_cases_is_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = folder / "cases" / f"{BROKEN}-1.json"
    for number in range(2, 2002):
        os.link(case, case.with_name(f"{BROKEN}-{number}.json"))
    code, shown = ends(capsys, "replay", folder)
    assert code == 2
    assert "has 2001 cases" in shown
    shutil.rmtree(folder)
    assert ends(capsys, "replay", folder)[0] == 2
