"""The reports of a run's shards, joined."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.commands.options import targets_of
from sleeptalk_contract.commands.report import merged as merged_for
from sleeptalk_contract.commands.report import worst_outcomes
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.model import Acceptance, Finding, Report, RuleResult
from sleeptalk_contract.services.registered import SERVICES
from tests.catalogues import catalogue, rules_of

BROKEN, NEVER = "analysis.task-id-echoed", "analysis.rate-limit-429"
CASE = {
    "target": "phonexia",
    "intent": "known-id",
    "method": "GET",
    "url": "http://127.0.0.1:8000/api/technology/time-analysis/123e4567-e89b-12d3-a456-426614174000",
    "key": "missing",
    "headers": {},
    "body": None,
    "status": 200,
    "failure": None,
    "seconds": 0.01,
    "answer_headers": {"content-type": "application/json"},
    "answer": "{}",
}


def merged(folders: list[Path]) -> Report:
    return merged_for(folders, targets_of(SERVICES))


def shard(folder: Path, index: int, total: int = 2, *, messages: tuple[str, ...] = (), **changes: object) -> Path:
    """Write the report of one shard into a folder of its own: each rule was checked `index` times, but one never."""
    failures = tuple(Finding(message, "/task/task_id", "curl -i http://127.0.0.1/", CASE) for message in messages)
    rules = tuple(
        RuleResult(rule, checked=0, hint="Name a task that is rate-limited.")
        if rule.id == NEVER
        else RuleResult(
            rule,
            checked=index,
            broken=len(messages) if rule.id == BROKEN else 0,
            findings=failures if rule.id == BROKEN else (),
        )
        for rule in rules_of("analysis")
    )
    values: dict[str, object] = {
        "target": "phonexia",
        "url": "http://127.0.0.1:8000",
        "seed": 7,
        "requests": 10 * index,
        "successes": index,
        "seconds": float(index),
        "rules": rules,
        "answers": {("done", "200"): index, ("-", "404"): 1},
        "shard": f"{index}/{total}",
        "known_ids": ("123e4567-e89b-12d3-a456-426614174000",),
    }
    path = folder / f"shard-{index}-of-{total}"
    write_reports(Report(**{**values, **changes}), path)  # type: ignore[arg-type]
    return path


def result(report: Report, rule: str) -> RuleResult:
    return next(each for each in report.rules if each.rule.id == rule)


def test_counts_are_added_and_the_longest_time_counts(tmp_path: Path) -> None:
    report = merged([shard(tmp_path, 1), shard(tmp_path, 2)])
    assert (report.requests, report.seconds, report.seed, report.shard) == (30, 2.0, 7, "1/1")
    assert result(report, BROKEN).checked == 3
    assert report.answers == {("-", "404"): 2, ("done", "200"): 3}
    assert report.outcome == "passed"
    assert not report.problems


def test_what_no_shard_exercised_keeps_its_hint(tmp_path: Path) -> None:
    report = merged([shard(tmp_path, 1), shard(tmp_path, 2)])
    assert result(report, NEVER).outcome == "not-exercised"
    assert result(report, NEVER).hint == "Name a task that is rate-limited."


def test_failures_of_all_shards_are_kept_once_with_their_cases(tmp_path: Path) -> None:
    folders = [shard(tmp_path, 1, messages=("is 'a'", "is 'b'")), shard(tmp_path, 2, messages=("is 'b'", "is 'c'"))]
    report = merged(folders)
    broken = result(report, BROKEN)
    assert broken.broken == 4
    assert [failure.message for failure in broken.findings] == ["is 'a'", "is 'b'", "is 'c'"]
    assert [failure.case for failure in broken.findings] == [CASE] * 3
    assert report.outcome == "failed"
    assert report.known_ids == ("123e4567-e89b-12d3-a456-426614174000",)


def test_what_the_shards_saw_together_decides_the_verdict(tmp_path: Path) -> None:
    empty = [shard(tmp_path, 1, 4, successes=0), shard(tmp_path, 2, 4, successes=0)]
    rest = [shard(tmp_path, 3, 4, successes=0), shard(tmp_path, 4, 4, throttled=3)]
    assert merged([*empty, *rest]).verdict == "passed-in-part"
    assert merged([*empty, *rest]).throttled == 3
    refused = shard(tmp_path / "refused", 4, 4, throttled=3, unjudged=3)
    assert merged([*empty, rest[0], refused]).verdict == "inconclusive"


def test_what_is_required_is_asked_of_the_shards_together(tmp_path: Path) -> None:
    missing = tuple(RuleResult(rule, checked=0) for rule in rules_of("analysis"))
    for required, verdict in ((BROKEN, "passed-in-part"), (NEVER, "inconclusive")):
        folder = tmp_path / required
        folders = [shard(folder, 1, required=(required,), rules=missing), shard(folder, 2, required=(required,))]
        report = merged(folders)
        assert report.verdict == verdict
        assert report.reasons == (
            (f"--require asks for what was not exercised: {NEVER}.",) if required == NEVER else ()
        )


def test_the_summary_shows_the_verdict_of_each_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard(tmp_path, 1, 1, successes=0, throttled=8, unjudged=8)
    assert cli.run(["report", "summary", str(tmp_path / "shard-1-of-1")]) == 0
    assert re.search(r"phonexia +10 +\d+ +0 +1 +8 +inconclusive\n", capsys.readouterr().out)


def test_the_summary_counts_a_rule_once_for_each_target_that_has_it_by_its_worst_outcome() -> None:
    def judged(target: str, outcome: str) -> dict[str, object]:
        return {"target": target, "rules": [{"id": "session.shape", "outcome": outcome}]}

    reports = [
        judged("old", "failed"),
        judged("new", "passed"),
        judged("new", "not-exercised"),
        judged("old", "passed"),
    ]
    assert worst_outcomes(reports) == {("old", "session.shape"): "failed", ("new", "session.shape"): "passed"}


def test_an_accepted_failure_stays_accepted(tmp_path: Path) -> None:
    accepted = Acceptance("known since March", "2030-01-31")
    failure = Finding("is 'a'", "/task/task_id", "curl")
    rules = tuple(
        RuleResult(rule, 1, 1, (failure,), accepted=accepted) if rule.id == BROKEN else RuleResult(rule, 1)
        for rule in rules_of("analysis")
    )
    report = merged([shard(tmp_path, 1, rules=rules), shard(tmp_path, 2)])
    assert result(report, BROKEN).accepted == accepted
    assert report.outcome == "passed"


def test_a_failure_that_the_baseline_no_longer_accepts_says_so(tmp_path: Path) -> None:
    told, failure = "Entry 1 of the baseline expired on 2026-11-21: ticket 7.", Finding("is 'a'", "/task", "curl")
    rules = tuple(
        RuleResult(rule, 1, 1, (failure,), told) if rule.id == BROKEN else RuleResult(rule, 1)
        for rule in rules_of("analysis")
    )
    idle = tuple(RuleResult(rule, 0, hint="Name a task with --task-id.") for rule in rules_of("analysis"))
    report = merged([shard(tmp_path, 1, rules=idle), shard(tmp_path, 2, rules=rules)])
    assert result(report, BROKEN).hint == told
    assert result(report, NEVER).hint == ""


def test_a_missing_shard_is_a_problem_that_no_one_can_pass_over(tmp_path: Path) -> None:
    report = merged([shard(tmp_path, 1, 3), shard(tmp_path, 3, 3)])
    assert report.problems == ("Shards are missing: 2/3.",)
    assert report.exit_code == 2


def test_a_missing_shard_is_exit_2_even_where_the_others_are_broken_or_interrupted(tmp_path: Path) -> None:
    folders = [str(shard(tmp_path, 1, 3, messages=("is 'a'",))), str(shard(tmp_path, 3, 3, interrupted=True))]
    assert cli.run(["report", "merge", *folders, "--report-dir", str(tmp_path / "joined")]) == 2
    written = json.loads((tmp_path / "joined" / "report.json").read_text(encoding="utf-8"))
    assert written["verdict"] == "inconclusive"
    assert written["reason"] == "Shards are missing: 2/3."
    assert next(rule for rule in written["rules"] if rule["id"] == BROKEN)["outcome"] == "failed"


def test_what_one_shard_accepts_and_another_does_not_is_not_accepted(tmp_path: Path) -> None:
    accepted = Acceptance("known since March", "2030-01-31")
    failure = Finding("is 'a'", "/task/task_id", "curl")
    rules = tuple(
        RuleResult(rule, 1, 1, (failure,), accepted=accepted) if rule.id == BROKEN else RuleResult(rule, 1)
        for rule in rules_of("analysis")
    )
    report = merged([shard(tmp_path, 1, rules=rules), shard(tmp_path, 2, messages=("is 'b'",))])
    assert result(report, BROKEN).accepted is None


def test_the_same_finding_of_several_shards_is_counted_together(tmp_path: Path) -> None:
    findings = [Finding("is 'a'", "/task", "curl", sentence="/task is 'a'", times=2, intents=(name,)) for name in "xy"]
    shards = [
        shard(
            tmp_path,
            index,
            rules=tuple(
                RuleResult(rule, 2, 2, (found,)) if rule.id == BROKEN else RuleResult(rule, 1)
                for rule in rules_of("analysis")
            ),
            started=dt.datetime(2026, 11, 20 + index, tzinfo=dt.UTC),
        )
        for index, found in enumerate(findings, start=1)
    ]
    report = merged(shards)
    [joined] = result(report, BROKEN).findings
    assert (joined.times, joined.intents, joined.text) == (4, ("x", "y"), "/task is 'a'")
    assert report.started == dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def test_a_shard_that_had_nothing_to_do_is_not_a_problem_of_the_whole(tmp_path: Path) -> None:
    idle = tuple(RuleResult(rule, 0) for rule in rules_of("analysis"))
    report = merged([shard(tmp_path, 1), shard(tmp_path, 2, rules=idle, successes=0)])
    assert report.exit_code == 0


def test_an_interrupted_shard_makes_an_interrupted_run(tmp_path: Path) -> None:
    report = merged([shard(tmp_path, 1), shard(tmp_path, 2, interrupted=True, stopped="interrupted")])
    assert report.exit_code == 130
    assert report.stopped == "interrupted"


@pytest.mark.parametrize(("name", "value"), [("seed", 8), ("strict", True)])
def test_reports_of_different_runs_are_refused(name: str, value: object, tmp_path: Path) -> None:
    folders = [shard(tmp_path, 1), shard(tmp_path, 2, **{name: value})]
    with pytest.raises(UsageError, match=f"differ in their {name}"):
        merged(folders)


def test_the_same_shard_twice_or_shards_of_other_counts_are_refused(tmp_path: Path) -> None:
    one = shard(tmp_path, 1)
    for folders in ([one, one], [one, shard(tmp_path, 2, 3)]):
        with pytest.raises(UsageError, match="not the shards of one run"):
            merged(folders)


def test_a_case_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    folder = shard(tmp_path, 1, 1, messages=("is 'a'",))
    for text in ("{", "[]", '{"exchange": {}, "known_ids": []}'):
        next((folder / "cases").iterdir()).write_text(text, encoding="utf-8")
        assert result(merged([folder]), BROKEN).findings[0].case is None


def test_the_command_writes_the_joined_reports_and_exits_as_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(shard(tmp_path, 1)), str(shard(tmp_path, 2, messages=("is 'a'",)))]
    assert cli.run(["report", "merge", *folders, "--report-dir", str(tmp_path / "joined")]) == 1
    assert BROKEN in capsys.readouterr().out
    written = json.loads((tmp_path / "joined" / "report.json").read_text(encoding="utf-8"))
    assert written["requests"] == 30
    assert (tmp_path / "joined" / "cases" / f"{BROKEN}-1.json").exists()


def test_the_report_of_a_shard_is_not_replaced_by_that_of_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [shard(tmp_path, 1), shard(tmp_path, 2)]
    out = folders[0] / ".." / folders[1].name
    before = (folders[1] / "report.json").read_bytes()
    assert cli.run(["report", "merge", *map(str, folders), "--report-dir", str(out)]) == 2
    assert "is the folder of a shard" in capsys.readouterr().err
    assert (folders[1] / "report.json").read_bytes() == before


def test_a_baseline_is_written_of_the_joined_report(tmp_path: Path) -> None:
    folders = [str(shard(tmp_path, 1)), str(shard(tmp_path, 2, messages=("is 'a'",)))]
    path = tmp_path / "accepted.yaml"
    assert cli.run(["report", "merge", *folders, "--write-baseline", str(path)]) == 1
    baseline = read_baseline(path, dt.date(2026, 11, 26), [BROKEN])
    assert [entry.rule for entry in baseline.entries] == [BROKEN]


def test_a_folder_without_a_report_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["report", "merge", str(tmp_path)]) == 2
    assert "report.json cannot be read" in capsys.readouterr().err


def test_every_rule_of_the_target_is_there(tmp_path: Path) -> None:
    report = merged([shard(tmp_path, 1, 1)])
    assert [each.rule.id for each in report.rules] == [name for name in catalogue() if name.startswith("analysis.")]
