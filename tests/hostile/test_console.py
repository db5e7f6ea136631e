"""What an implementation answers, or a file of others holds, is shown, and acts on no terminal and no CI system."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.output import say, unshield, write_json
from sleeptalk_contract.contract.screen import screen
from tests.hostile.test_files import BROKEN, CASE
from tests.http_servers import Quiet, handled_by

PLANTED = "x\r\n::error::planted\n##vso[task.setvariable variable=a]b\n##[error]c\x1b[2J\x9b2J\u202e\u2066\u200f\u2028d"
ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|##\[|##[a-z]+\[")
STOP = re.compile(r"::stop-commands::([0-9a-f]{32})\n")


def acts(shown: str) -> bool:
    return bool(ACTING.search(shown) or re.search(r"(?m)^\s*::error::planted", shown))


class _Hostile(Quiet, BaseHTTPRequestHandler):
    """Answers everything with commands of CI systems, in the status line, the headers and the body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"detail": PLANTED, "##vso[a]": PLANTED, "state": PLANTED}, ensure_ascii=False).encode()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response_only(500, "::error::planted")
        self.send_header("x-planted", "##vso[task.setvariable]a ::error::planted")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def do_HEAD(self) -> None:
        self.send_response_only(500)
        self.send_header("content-length", "0")
        self.end_headers()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with handled_by(_Hostile) as address:
        yield address


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "TEAMCITY_VERSION", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ASLEEP_API_KEY", "a-key-of-these-tests")
    monkeypatch.setenv("ASLEEP_USER_ID", "user")


def fuzzed(url: str, folder: Path, *options: str) -> int:
    arguments = ["fuzz", "asleep", "--url", url, "--report-dir", str(folder), "--max-examples", "5", "--max-time", "20"]
    return cli.run([*arguments, "--rule", BROKEN, *options])


def test_fuzz_replay_and_merge_show_hostile_answers_and_nothing_acts(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fuzzed(url, tmp_path / "one") == 1
    shown = capsys.readouterr()
    assert "planted" in shown.out
    assert not acts(shown.out + shown.err)
    assert cli.run(["report", "merge", str(tmp_path / "one"), "--report-dir", str(tmp_path / "all")]) == 1
    shown = capsys.readouterr()
    assert not acts(shown.out + shown.err)
    assert cli.run(["replay", str(tmp_path / "one"), "--url", url]) == 1
    shown = capsys.readouterr()
    assert "still broken" in shown.out
    assert not acts(shown.out + shown.err)


def test_get_shows_a_hostile_refusal_and_nothing_acts(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ([], ["--json"], ["--csv"]):
        assert cli.run(["get", "asleep", "20220821093117_hz82a", "--url", url, "--timeout", "2", *form]) != 0
        shown = capsys.readouterr()
        assert not acts(shown.out + shown.err)


def test_a_hostile_document_is_compared_and_linted_and_nothing_acts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, revision = tmp_path / "base.yaml", tmp_path / "revision.yaml"
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}
    base.write_text(json.dumps(document))
    revision.write_text(json.dumps({**document, "paths": {f"/{PLANTED}": {"get": {"operationId": PLANTED}}}}))
    for arguments in (
        ["diff", str(base), str(revision)],
        ["diff", str(base), str(revision), "--format", "json"],
        ["diff", str(base), str(revision), "--format", "markdown"],
        ["lint", str(revision)],
    ):
        cli.run(arguments)
        shown = capsys.readouterr()
        assert shown.out + shown.err
        assert not acts(shown.out + shown.err), arguments


def test_whatever_is_printed_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    say(PLANTED)
    say(PLANTED, err=True)
    table = Table()
    table.add_column(PLANTED)
    table.add_row(PLANTED)
    for each in (Text(PLANTED), PLANTED, table):
        screen(width=200).print(each, markup=False)
    shown = capsys.readouterr()
    assert "planted" in shown.out
    assert not acts(shown.out + shown.err)


def test_json_for_programs_is_quiet_and_still_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    value = {PLANTED: [PLANTED, "한국어 \U000e0041"]}
    write_json(value)
    shown = capsys.readouterr().out
    assert json.loads(shown) == value
    assert "한국어" in shown
    assert not acts(shown)


def test_in_github_actions_an_answer_stands_between_marks_that_it_cannot_guess(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    fuzzed(url, tmp_path)
    shown = capsys.readouterr().out
    tokens = STOP.findall(shown)
    assert tokens
    assert len(set(tokens)) == len(tokens)
    outside = shown
    for token in tokens:
        before, _, rest = outside.partition(f"::stop-commands::{token}\n")
        inside, ended, after = rest.partition(f"::{token}::\n")
        assert ended
        assert "\n::" not in inside
        outside = before + after
    lines = outside.splitlines()
    assert lines
    assert all(line.startswith(("::group::", "::endgroup::", "::error title=", "::warning title=")) for line in lines)


def test_the_marks_end_with_the_program_however_it_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    path = tmp_path / f"{BROKEN}-1.json"
    path.write_text(json.dumps({"rule": BROKEN, "known_ids": [], "exchange": {**CASE, "role": "sender", "cut": 5}}))
    other = tmp_path / f"{BROKEN}-2.json"
    other.write_text("{}")
    (tmp_path / "cases").mkdir()
    for each in (path, other):
        each.rename(tmp_path / "cases" / each.name)
    assert cli.run(["replay", str(tmp_path)]) == 2
    shown = capsys.readouterr().out
    [token] = STOP.findall(shown)
    assert shown.endswith(f"::{token}::\n")


def test_teamcity_is_told_not_to_take_commands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAMCITY_VERSION", "2025.11")
    say("##teamcity[enableServiceMessages]")
    unshield()
    begin, inside, end, _ = capsys.readouterr().out.split("\n")
    assert begin == "##teamcity[disableServiceMessages]"
    assert not inside.startswith("##teamcity")
    assert end == "##teamcity[enableServiceMessages]"


def test_what_is_written_for_programs_has_no_marks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cli.run(["rules", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert cli.run(["config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", PLANTED],
        ["rules", PLANTED],
        ["inbox", "list", "--store", PLANTED],
        ["inbox", "show", PLANTED],
        ["fuzz", "asleep", "--url", f"http://127.0.0.1:1/{PLANTED}"],
        ["sandbox", "--scenario", PLANTED],
        [PLANTED],
    ],
    ids=lambda each: each[0][:8],
)
def test_an_argument_that_came_from_elsewhere_is_shown_and_nothing_acts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith("sleeptalk: ")
    assert not acts(shown.out + shown.err)
