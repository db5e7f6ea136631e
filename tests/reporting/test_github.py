"""What GitHub Actions is told of a report."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from sleeptalk_contract.reporting.github import annotations, announce, step_summary
from sleeptalk_contract.reporting.model import Acceptance, Finding, Report, RuleResult
from sleeptalk_contract.reporting.terminal import progress, show
from tests.catalogues import catalogue, rules_of

HOSTILE = "is 'a\n::error::planted | **bold** <script>100%\r\n'"


def result(rule: str, *messages: str) -> RuleResult:
    failures = tuple(Finding(message, "/result/session", "curl -i http://127.0.0.1/") for message in messages)
    return RuleResult(catalogue()[rule], checked=3, broken=len(messages), findings=failures)


def report(*results: RuleResult, strict: bool = False, problems: tuple[str, ...] = ()) -> Report:
    return Report("asleep", "http://127.0.0.1:8000", 7, 42, 1.25, results, strict=strict, problems=problems)


BROKEN = report(
    result("session.shape", HOSTILE), result("session.validity-values", "is 'OK'"), result("session.id-echoed")
)


def test_a_broken_must_is_an_error_and_a_broken_should_a_warning() -> None:
    first, second = annotations(BROKEN)
    assert first.startswith("::error title=session.shape::A session is answered with status 200 ")
    assert second.startswith("::warning title=session.validity-values::")
    assert second.endswith("/result/session is 'OK'")


def test_strictly_a_broken_should_is_an_error() -> None:
    [line] = annotations(report(result("session.validity-values", "is 'OK'"), strict=True))
    assert line.startswith("::error title=session.validity-values::")


def test_an_inconclusive_run_is_an_error_that_says_why_and_a_pass_in_part_is_none() -> None:
    kept, missing = result("session.shape"), RuleResult(catalogue()["session.id-echoed"], checked=0)
    [line] = annotations(report(kept))
    assert line.startswith("::error title=sleeptalk asleep::No honest success was seen: ")
    assert "inconclusive" in step_summary(report(kept)).splitlines()[0]
    seen = replace(report(kept, missing), successes=1)
    assert annotations(seen) == []
    assert step_summary(seen).startswith("### sleeptalk asleep: no rule broken; 1 of 2 exercised\n")


def test_an_answer_cannot_plant_a_workflow_command_of_its_own() -> None:
    for line in annotations(BROKEN):
        assert "\n" not in line
        assert "\r" not in line
    assert "%0A::error::planted" in annotations(BROKEN)[0]
    assert "100%25" in annotations(BROKEN)[0]


def test_a_problem_of_the_run_is_an_error() -> None:
    assert annotations(report(problems=("No rule was exercised.",))) == [
        "::error title=sleeptalk asleep::No rule was exercised."
    ]


def test_the_summary_counts_and_names_what_is_broken() -> None:
    lines = step_summary(BROKEN).splitlines()
    assert lines[0] == "### sleeptalk asleep: the contract is broken"
    assert lines[2] == "http://127.0.0.1:8000"
    assert lines[6] == "| 42 | 1 | 2 | 0 | 0 | 1.2 | 7 |"
    assert lines[10].startswith("| session.shape | must | ")
    assert lines[11].startswith("| session.validity-values | should | ")


def test_the_summary_shows_what_was_answered_and_never_formats_it() -> None:
    row = step_summary(BROKEN).splitlines()[10]
    assert row.count("|") == 5
    assert "<script>" not in row
    assert "**" not in row
    assert "&lt;script&gt;" in row


def test_it_announces_on_github_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = tmp_path / "summary.md"
    announce(BROKEN, {"GITHUB_STEP_SUMMARY": str(summary)})
    assert not summary.exists()
    assert capsys.readouterr().out == ""
    announce(BROKEN, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    announce(BROKEN, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.read_text(encoding="utf-8") == step_summary(BROKEN) * 2
    assert capsys.readouterr().out.count("::error title=session.shape") == 2


def test_a_summary_that_cannot_be_written_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    announce(BROKEN, {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path)})
    assert "The step summary" in capsys.readouterr().err


@pytest.mark.parametrize(("where", "folds"), [("true", 1), ("", 0)])
def test_progress_and_what_was_not_exercised_are_folded_on_github_alone(
    where: str, folds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", where)
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    with progress(console) as shown:
        shown.phase("coverage")
    missing = RuleResult(rules_of("session")[2], checked=0, hint="It takes a session.")
    show(replace(BROKEN, rules=(*BROKEN.rules, missing)), console)
    lines = screen.getvalue().splitlines()
    assert lines.count("::group::What was sent") == folds
    assert lines.count("::group::What was not exercised") == folds
    assert lines.count("::endgroup::") == 2 * folds
    broken = next(number for number, line in enumerate(lines) if line.startswith("session.shape must"))
    assert not folds or lines.index("::endgroup::") < broken < lines.index("::group::What was not exercised")
    assert any("next: requests with extreme and with forbidden values" in line for line in lines)


def test_a_pass_says_which_broken_rules_it_passes_over() -> None:
    warned = result("session.validity-values", "is 'OK'")
    accepted = replace(result("session.shape", "lacks x"), accepted=Acceptance("known", "2030-01-31"))
    passed = replace(report(warned, accepted), successes=1)
    assert passed.headline == "the contract holds, except for 1 that the baseline accepts and 1 at level should"
    assert replace(report(warned, strict=True), successes=1).headline == "the contract is broken"
