"""`sleeptalk get`: one result in a terminal, as JSON, as a table, as a picture, and what it says without one."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sleeptalk import asleep, asleep_v3, phonexia
from sleeptalk.drawing import hypnogram
from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from sleeptalk_contract.services.asleep_v3.sandbox.nights import SCENARIOS as SCENARIOS_V3
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.registered import SERVICES
from tests.clients.bodies import example
from tests.clients.calling import SESSION, TASK
from tests.clients.hostile import answer, hostile

NIGHT = SCENARIOS["four-stages"].session_id


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with running(sandbox_app(SERVICES)) as server:
        yield server.url


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASLEEP_API_KEY", SANDBOX_API_KEY)
    monkeypatch.setenv("ASLEEP_USER_ID", SANDBOX_USER_ID)
    monkeypatch.delenv("PHONEXIA_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "100")


class Got:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def get(sandbox_url: str, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, url: str | None = sandbox_url) -> Got:
        code = cli.run(["get", *arguments, *([] if url is None else ["--url", url])])
        printed = capsys.readouterr()
        return Got(code, printed.out, printed.err)

    return run


def test_a_night_is_shown_with_its_statistics_and_its_stages_in_blocks(get: Any) -> None:
    got = get("asleep", NIGHT, "--timezone", "Asia/Seoul")
    assert (got.code, got.err) == (0, "")
    lines = got.out.splitlines()
    assert lines[0] == f"Session {NIGHT}"
    assert re.search(r"^recorded from +2022-08-21 18:31:17\+09:00 \(Asia/Seoul\)$", got.out, re.MULTILINE)
    assert re.search(r"^time in bed +8 h 0 min 17 s$", got.out, re.MULTILINE)
    assert re.search(r"^sleep efficiency +93%$", got.out, re.MULTILINE)
    lanes = [line for line in lines if line.startswith(("W ", "REM  ", "N1+N2 ", "N3 ", "Breathing "))]
    assert len(lanes) == 5
    assert all(set(line[10:]) <= set(" ▁▂▃▄▅▆▇█") and "█" in line for line in lanes[:-1])
    assert set(lanes[-1][10:]) <= set("░▁▂▃▄▅▆▇█")
    assert lines[-2].split()[:2] == ["19:00", "20:00"]
    assert lines[-1].split() == ["2022-08-21", "2022-08-22"]
    assert [line for line in lines if line != line.rstrip()] == []
    assert "Missing" not in got.out


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda scenario: scenario.name)
def test_every_night_is_shown_and_says_why_things_are_missing(scenario: Any, get: Any) -> None:
    got = get("asleep", scenario.session_id)
    assert (got.code, got.err) == (0, "")
    night = asleep.parse(get("asleep", scenario.session_id, "--json").out)
    missing = got.out.partition("\nMissing\n")[2]
    if night.stat is None:
        assert "statistics: " in missing
    nulls = [name for name in ("rem_ratio", "estimated_ahi") if night.stat and getattr(night.stat, name) is None]
    for name in nulls:
        reason = asleep.why_null(night, name)  # type: ignore[arg-type]
        assert reason is not None
        assert reason.sentence in " ".join(missing.split())


@pytest.mark.parametrize("scenario", SCENARIOS_V3.values(), ids=lambda scenario: scenario.recorded.name)
def test_every_night_of_data_v3_is_shown_with_what_is_special_about_it(scenario: Any, get: Any) -> None:
    got = get("asleep-v3", scenario.session_id, "--timezone", "Asia/Seoul")
    assert (got.code, got.err) == (0, "")
    shown = " ".join(got.out.split())
    night = asleep_v3.parse(get("asleep-v3", scenario.session_id, "--json").out)
    assert f"valid {'yes' if night.is_valid else 'no'} missing data" in shown
    for each in night.peculiarities:
        assert f"peculiarity {each}: {each.sentence}" in shown
    assert "UNSET" not in got.out
    assert ("Missing statistics: " in shown or " statistics: " in shown) == (night.stat is None)
    rows = list(csv.DictReader(io.StringIO(get("asleep-v3", scenario.session_id, "--csv").out)))
    assert len(rows) == len(night.epochs())
    assert {row["snoring"] for row in rows} <= {"", "ERROR", "NO_SNORING", "SNORING"}


def test_the_nights_of_a_user_are_listed(get: Any) -> None:
    got = get("asleep-v3-sessions", SANDBOX_USER_ID, "--order", "asc", "--timezone", "Asia/Seoul")
    assert (got.code, got.err) == (0, "")
    ids = re.findall(r"^(\d{14}_\w{5}) ", got.out, re.MULTILINE)
    assert f"sessions {len(ids)}" in " ".join(got.out.split())
    assert ids == sorted(ids)
    assert len(ids) > 10
    rows = list(csv.DictReader(io.StringIO(get("asleep-v3-sessions", SANDBOX_USER_ID, "--csv").out)))
    assert [row["session_id"] for row in rows] == ids[::-1]
    body = json.loads(get("asleep-v3-sessions", SANDBOX_USER_ID, "--date-to", "2023-01-01", "--json").out)
    assert [each["session_id"] for each in body["sleep_session_list"]] == [each for each in ids[::-1] if each < "2023"]


def test_the_averages_of_a_user_have_times_of_day(get: Any) -> None:
    period = ("--date-from", "2024-03-01", "--date-to", "2024-04-30")
    got = get("asleep-v3-averages", SANDBOX_USER_ID, *period)
    assert (got.code, got.err) == (0, "")
    assert re.search(r"^sleep time +\d\d:\d\d:\d\d$", got.out, re.MULTILINE)
    assert re.search(r"^time in bed +(\d+ h )?\d+ min", got.out, re.MULTILINE)
    (row,) = csv.DictReader(io.StringIO(get("asleep-v3-averages", SANDBOX_USER_ID, *period, "--csv").out))
    body = json.loads(get("asleep-v3-averages", SANDBOX_USER_ID, *period, "--json").out)
    assert row["sleep_time"] == body["average_stats"]["sleep_time"]
    assert get("asleep-v3-averages", SANDBOX_USER_ID).code == 2


def test_a_user_is_shown_and_needs_no_other_user(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASLEEP_USER_ID")
    got = get("asleep-v3-user", SANDBOX_USER_ID)
    assert (got.code, got.err) == (0, "")
    assert re.search(r"^to be deleted +no$", got.out, re.MULTILINE)
    assert re.search(r"^last session +\d{14}_\w{5} ", got.out, re.MULTILINE)
    assert get("asleep-v3-user", SANDBOX_USER_ID, "--csv").out.startswith("user_id,to_be_deleted,last_session\n")
    assert get("asleep-v3-user", SANDBOX_USER_ID, "--svg", "user.svg").code == 2


def test_epochs_that_were_not_analysed_are_slashes_in_every_lane(get: Any) -> None:
    lines = get("asleep", SCENARIOS["lost-audio"].session_id).out.splitlines()
    lanes = [line for line in lines if line.startswith(("W ", "REM  ", "N1+N2 ", "N3 ", "Breathing "))]
    assert len(lanes) == 5
    assert all("/" in line for line in lanes)


def test_an_open_night_says_that_it_goes_on(get: Any) -> None:
    got = get("asleep", SCENARIOS["open-without-real-time"].session_id)
    assert "still recording" in got.out
    assert "this contract has it analysed only afterwards" in " ".join(got.out.split())


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.name)
def test_every_call_is_shown(call: Any, get: Any) -> None:
    got = get("phonexia", call.task_id)
    if call.availability in {"expired", "rate-limited"}:
        assert (got.code, got.out) == (2, "")
        return
    assert (got.code, got.err) == (0, "")
    state = re.search(r"^state +(\w+)$", got.out, re.MULTILINE)
    assert state is not None
    assert ("result: " in got.out) == (state[1] != "done")


def test_a_call_is_shown_with_its_channels(get: Any) -> None:
    got = get("phonexia", TASK)
    assert re.search(r"^channel 0 +30.5 s of speech in 58.25 s, 10.2 phonemes/s; reactions: 4", got.out, re.MULTILINE)
    (lane,) = [line for line in got.out.splitlines() if line.startswith("Channel 1 ")]
    assert "░" in lane
    assert "█" in lane


def test_json_is_the_body_and_is_read_again(get: Any) -> None:
    got = get("asleep", NIGHT, "--json")
    assert asleep.parse(got.out).to_dict() == json.loads(got.out)
    assert phonexia.parse(get("phonexia", TASK, "--json").out).result is not None


def test_csv_has_a_row_per_epoch_or_channel(get: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(get("asleep", NIGHT, "--csv", "--timezone", "Asia/Seoul").out)))
    assert len(rows) == 960
    assert rows[1] == {"start": "2022-08-21T18:31:47+09:00", "seconds": "30", "stage": "WAKE", "breathing": "STABLE"}
    rows = list(csv.DictReader(io.StringIO(get("phonexia", TASK, "--csv").out)))
    assert [(row["channel_number"], row["speech_rate"]) for row in rows] == [("0", "10.2"), ("1", "10.3")]
    assert get("phonexia", CALLS["pending"].task_id, "--csv").out.startswith("channel_number,speech_duration,")
    rows = list(csv.DictReader(io.StringIO(get("asleep", SCENARIOS["two-stages"].session_id, "--csv").out)))
    assert {row["stage"] for row in rows} == {"WAKE", "SLEEP"}


def test_csv_has_its_line_of_names_without_rows_too(get: Any) -> None:
    assert (
        get("asleep", SCENARIOS["open-without-real-time"].session_id, "--csv").out == "start,seconds,stage,breathing\n"
    )


def test_two_forms_at_once_are_refused(get: Any) -> None:
    got = get("asleep", NIGHT, "--json", "--csv")
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert "--json and --csv" in got.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
def test_a_full_disk_is_told_in_one_sentence(sandbox_url: str) -> None:
    command = f"{program_path()} get asleep {NIGHT} --url {sandbox_url} --csv > /dev/full"
    ended = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert ended.stderr.startswith("sleeptalk: what it writes cannot be written: No space left")


def test_abbreviations_are_written_as_such(get: Any) -> None:
    out = get("asleep", NIGHT).out
    assert all(name in out for name in ("time in REM", "REM ratio", "estimated AHI"))


def test_a_picture_is_written_whole(get: Any, tmp_path: Path) -> None:
    got = get("asleep", NIGHT, "--svg", str(tmp_path / "night.svg"))
    assert (tmp_path / "night.svg").read_text("utf-8").startswith("<svg")
    assert "The picture is in" in got.err
    assert [path.name for path in tmp_path.iterdir()] == ["night.svg"]
    assert get("phonexia", TASK, "--json", "--svg", str(tmp_path / "call.svg")).code == 0
    assert "<svg" in (tmp_path / "call.svg").read_text("utf-8")


def test_theme_and_width_are_those_of_the_picture(get: Any, tmp_path: Path) -> None:
    file = tmp_path / "night.svg"
    assert get("asleep", NIGHT, "--svg", str(file), "--theme", "dark", "--width", "390").code == 0
    night = asleep.parse(get("asleep", NIGHT, "--json").out)
    assert file.read_text("utf-8") == f"{hypnogram(night, theme='dark', width=390)}\n"
    assert get("asleep", NIGHT, "--svg", str(file), "--width", "10").code == 2


def test_a_picture_that_cannot_be_written_is_one_sentence(get: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    got = get("asleep", NIGHT, "--svg", str(tmp_path / "file" / "night.svg"))
    assert (got.code, got.out) == (2, "")
    assert re.fullmatch(r"sleeptalk: --svg '.*' cannot be written: .*\.\n", got.err)


def test_a_picture_in_a_folder_that_is_missing_is_refused_before_anything_is_asked(get: Any, tmp_path: Path) -> None:
    got = get("asleep", NIGHT, "--svg", str(tmp_path / "nigths" / "night.svg"), "--url", "http://127.0.0.1:9")
    assert (got.code, got.out) == (2, "")
    assert got.err.endswith(f"cannot be written: there is no folder {str(tmp_path / 'nigths')!r}.\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["asleep", "nope"], "The session id 'nope' is not 14 digits"),
        (["asleep", "20220821093117_zzzzz"], "There is no session"),
        (["asleep", NIGHT, "--timezone", "Moon/Crater"], "The time zone was refused"),
        (["asleep", NIGHT, "--api-key", "wrong-key-of-somebody"], "did not accept the API key"),
        (["phonexia", "nope"], "The task id 'nope' is not a UUID"),
        (["phonexia", CALLS["expired"].task_id], "There is no task"),
        (["nothing", "1"], "No such command 'nothing'"),
        (["asleep"], "Missing argument 'SESSION_ID'"),
        (["asleep", NIGHT, "--timeout", "0"], "--timeout"),
        (["asleep-v3-user", "G-20240301090000-aBcDeFgHiJkLmNoPqRsT"], "There is no user"),
        (["asleep-v3-sessions", SANDBOX_USER_ID, "--date-from", "yesterday"], "--date-from must be a day"),
        (["asleep-v3-sessions", SANDBOX_USER_ID, "--order", "up"], 'order must be "ASC" or "DESC"'),
        (["asleep-v3-averages", SANDBOX_USER_ID, "--date-to", "2024-03-01"], "--date-from and --date-to are needed"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_exit_code_2(arguments: list[str], words: str, get: Any) -> None:
    got = get(*arguments, url=None) if arguments[0] == "nothing" else get(*arguments)
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith("sleeptalk: ")
    assert words in got.err
    assert got.err.count("\n") == 1
    assert "wrong-key-of-somebody" not in got.err


def test_what_is_not_given_is_named(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--url is missing: give it, or set PHONEXIA_URL" in get("phonexia", TASK, url=None).err
    assert "--url 'somewhere'" in get("phonexia", TASK, url="somewhere").err
    monkeypatch.delenv("ASLEEP_USER_ID")
    assert "--user-id is missing: give it, or set ASLEEP_USER_ID" in get("asleep", NIGHT).err
    monkeypatch.delenv("ASLEEP_API_KEY")
    assert "--api-key is missing: give it, or set ASLEEP_API_KEY" in get("asleep", NIGHT).err


def test_the_address_may_come_from_the_environment(get: Any, sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONEXIA_URL", sandbox_url)
    assert get("phonexia", TASK, url=None).code == 0


def test_nobody_there_is_one_sentence(get: Any) -> None:
    got = get("asleep", NIGHT, url="http://127.0.0.1:9")
    assert (got.code, got.err.count("\n")) == (2, 1)


@pytest.mark.parametrize("form", ["", "--json", "--csv"])
def test_an_answer_that_breaks_the_contract_is_exit_code_1_with_the_path(form: str, get: Any) -> None:
    body = example("SessionComplete")
    body["result"]["session"]["state"] = 7
    with hostile(answer(json.dumps(body).encode())) as server:
        got = get("asleep", SESSION, *([form] if form else []), url=server.url)
    assert (got.code, got.out) == (1, "")
    assert "$.result.session.state" in got.err


HOSTILE = "\x1b]0;owned\x07\n##vso[task.complete]\r\u202e\x9b2J\n::error::x ##[section]"


@pytest.mark.parametrize("form", ["", "--json", "--csv"])
def test_what_a_service_answers_cannot_act_on_the_terminal(form: str, get: Any) -> None:
    body = example("SessionComplete")
    body["result"]["timezone"] = body["result"]["validity"] = f"{HOSTILE}{SANDBOX_API_KEY}"
    body["result"]["session"]["state"] = HOSTILE
    with hostile(answer(json.dumps(body).encode())) as server:
        got = get("asleep", SESSION, *([form] if form else []), url=server.url)
    assert got.code == 0
    assert [line for line in got.out.split("\n") if not line.isprintable()] == []
    assert re.search(r"##|::", got.out) is None
    if form == "--json":
        assert json.loads(got.out)["result"]["session"]["state"] == HOSTILE
    assert SANDBOX_API_KEY not in got.out


@pytest.mark.parametrize(
    "session",
    [
        {"start_time": "9999-12-31T23:59:45+00:00"},
        {"start_time": "0001-01-01T00:00:00+14:00", "sleep_stages": [9] * 5000, "osa_stages": [9]},
        {"sleep_stages": [], "osa_stages": []},
        {"sleep_stages": None, "osa_stages": [1, 1]},
        {"id": SESSION, "state": "", "end_time": None},
    ],
)
def test_any_night_that_decodes_is_shown(session: dict[str, Any], get: Any) -> None:
    body = example("SessionComplete")
    body["result"]["session"] |= session
    body["result"]["timezone"] = "America/New_York"
    with hostile(answer(json.dumps(body).encode())) as server:
        got = get("asleep", SESSION, url=server.url)
        table = get("asleep", SESSION, "--csv", url=server.url)
    assert (got.code, got.err) == (0, "")
    assert table.code == (2 if "9999" in session.get("start_time", "") else 0)
    assert table.err.count("\n") <= 1


def test_an_error_of_a_task_cannot_act_on_the_terminal(get: Any) -> None:
    body = example("TimeAnalysisRejected", "phonexia")
    body["error"]["message"] = body["error"]["detail"][0]["type"] = HOSTILE
    with hostile(answer(json.dumps(body).encode())) as server:
        got = get("phonexia", TASK, url=server.url)
    assert got.code == 0
    assert [line for line in got.out.split("\n") if not line.isprintable()] == []
    assert re.search(r"##|::", got.out) is None


def test_a_refusal_cannot_act_on_the_terminal(get: Any) -> None:
    with hostile(answer(json.dumps({"detail": HOSTILE}).encode(), 400)) as server:
        got = get("asleep", SESSION, url=server.url)
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert got.err.rstrip("\n").isprintable()
    assert re.search(r"##|::", got.err) is None


@pytest.mark.parametrize("columns", ["1", "20", "40", "72", "500"])
def test_a_narrow_terminal_cuts_nothing(columns: str, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    got = get("asleep", SCENARIOS["two-stages"].session_id)
    assert got.code == 0
    assert "%" in got.out
    if int(columns) >= 40:
        assert max(map(len, got.out.splitlines())) <= int(columns)
        assert "█" in got.out


def test_a_terminal_without_these_characters_gets_others(sandbox_url: str) -> None:
    done = program(["asleep", NIGHT, "--url", sandbox_url], PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    (lane,) = [line for line in done.stdout.splitlines() if line.startswith("N3 ")]
    assert set(lane[10:]) <= set(" .:-=+*#")
    assert "#" in lane


def test_there_is_no_colour_in_a_pipe_and_no_error_where_nobody_reads(sandbox_url: str) -> None:
    assert "\x1b" not in program(["asleep", NIGHT, "--url", sandbox_url]).stdout
    command = f"{program_path()} get asleep {NIGHT} --url {sandbox_url} --csv | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("start,seconds,stage,breathing\n", "")


@pytest.mark.parametrize(("no_color", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_follow_the_terminal(no_color: dict[str, str], coloured: bool, sandbox_url: str) -> None:
    options = {"FORCE_COLOR": "1", "TERM": "xterm-256color", **no_color}
    shown = program(["asleep", NIGHT, "--url", sandbox_url], **options).stdout
    assert ("\x1b[38" in shown) == coloured


def test_a_service_that_reads_nothing_has_no_command() -> None:
    service = SERVICES[0]
    silent = replace(service, targets=tuple(replace(target, readings=()) for target in service.targets))
    assert cli.run(["get", "asleep", "--help"], lambda: [service]) == 0
    assert cli.run(["get", "asleep", "--help"], lambda: [silent]) == 2


def program_path() -> str:
    return str(Path(sys.executable).with_name("sleeptalk"))


def program(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program_path(), "get", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
