"""Which rules a run judges by."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sleeptalk_contract.commands.selecting import required_rules, selection
from sleeptalk_contract.contract.usage import UsageError, did_you_mean
from sleeptalk_contract.reporting.selection import Selection
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from tests.fuzzing.helpers import CREDENTIALS, SLEPT, serving, sleeptalk
from tests.sandbox_ids import faults_of
from tests.targets import target_named

ASLEEP = target_named("asleep")
RULES = tuple(ASLEEP.rules.values())
IDS = [rule.id for rule in RULES]
NOT_FOUND, MALFORMED, SHAPE = "session.not-found-404", "session.malformed-id-422", "session.shape"


def chosen(*rule: str, exclude: tuple[str, ...] = ()) -> set[str]:
    return set(IDS) - selection(rule, exclude, RULES, ASLEEP).excluded


@pytest.mark.parametrize(
    ("rule", "exclude", "judged"),
    [
        ((), (), set(IDS)),
        ((SHAPE,), (), {SHAPE}),
        ((SHAPE, NOT_FOUND), (NOT_FOUND,), {SHAPE}),
        (("*404", "*-422"), (), {each for each in IDS if each.endswith(("404", "-422"))}),
        ((), ("session.*-*",), {each for each in IDS if "-" not in each.partition(".")[2]}),
    ],
)
def test_rules_are_chosen_by_id_and_by_pattern(
    rule: tuple[str, ...], exclude: tuple[str, ...], judged: set[str]
) -> None:
    assert chosen(*rule, exclude=exclude) == judged


def test_what_belongs_to_no_rule_is_left_out_where_certain_rules_are_asked_for() -> None:
    assert not selection((SHAPE,), (), RULES, ASLEEP).beyond
    assert selection((), (SHAPE,), RULES, ASLEEP).beyond


@pytest.mark.parametrize(
    ("option", "name", "advice"),
    [
        ("--rule", "session.not-found", "did you mean session.not-found-404?"),
        ("--exclude", "SESSION.SHAPE", "did you mean session.shape?"),
        ("--rule", "zzz*", "write the id of a rule."),
    ],
)
def test_a_name_that_fits_no_rule_is_told_with_the_one_that_may_be_meant(option: str, name: str, advice: str) -> None:
    rule, exclude = ((name,), ()) if option == "--rule" else ((), (name,))
    with pytest.raises(
        UsageError, match=rf"^{option} {re.escape(name)}: asleep is not judged by .*{re.escape(advice)}$"
    ):
        selection(rule, exclude, RULES, ASLEEP)


def test_a_run_that_would_judge_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="leaves no rule to judge by"):
        selection((SHAPE,), ("session.*",), RULES, ASLEEP)


def test_require_asks_for_rules_that_are_judged_alone() -> None:
    selected = Selection(frozenset(IDS) - {SHAPE, NOT_FOUND})
    assert set(required_rules(["all"], RULES, ASLEEP, selected)) == {SHAPE, NOT_FOUND}
    assert required_rules(["*.shape"], RULES, ASLEEP, selected) == (SHAPE,)
    with pytest.raises(UsageError, match=f"--require {MALFORMED}: --rule and --exclude leave out this very rule"):
        required_rules([MALFORMED], RULES, ASLEEP, selected)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("asleap", "did you mean asleep?"),
        ("ASLEEP", "did you mean asleep?"),
        ("zzz", "name one of them."),
        ("", "name one of them."),
    ],
)
def test_the_likest_name_is_suggested(name: str, advice: str) -> None:
    assert did_you_mean(name, ["phonexia", "asleep"], "name one of them.") == advice


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fuz"], "did you mean fuzz?"),
        (["fuzz", "aslep"], "there is no target 'aslep': did you mean asleep?"),
        (["fuzz", "asleep", "--sed", "1"], "--seed"),
        (["sandbox", "--fault", "session.shap"], "did you mean session.shape"),
        (["prove", "--rule", "session.shap"], "did you mean session.shape?"),
        (
            ["fuzz", "callback", "--url", "http://127.0.0.1:9", "--api-key", "k3y-k3y-k3y", "--send", "never-sleept"],
            "did you mean never-slept?",
        ),
    ],
)
def test_commands_and_values_that_are_not_there_are_told_with_those_that_may_be_meant(
    arguments: list[str], sentence: str
) -> None:
    done = sleeptalk(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, Path]:
    """What a run prints, its exit code and its reports, against a server that breaks a rule, which is excluded."""
    folder = tmp_path_factory.mktemp("reports")
    with serving(asleep_app(faults=faults_of(NOT_FOUND)[:1])) as url:
        arguments = ("fuzz", "asleep", "--url", url, *CREDENTIALS, "--session-id", SLEPT, "--report-dir", str(folder))
        assert sleeptalk(*arguments).returncode == 1
        done = sleeptalk(*arguments, "--exclude", NOT_FOUND, "--strict")
    return done.stdout, done.returncode, folder


def results(folder: Path) -> Mapping[str, str]:
    report = json.loads((folder / "report.json").read_text())
    return {rule["id"]: rule["outcome"] for rule in report["rules"]}


def test_an_excluded_rule_fails_no_run_and_is_shown_as_excluded(outcomes: tuple[str, int, Path]) -> None:
    printed, code, folder = outcomes
    assert code == 0, printed
    assert f"Excluded, so not judged:\n  {NOT_FOUND}\n" in printed
    assert "1 excluded" in printed
    assert "The contract holds" not in printed
    assert results(folder)[NOT_FOUND] == "excluded"
    assert results(folder)[MALFORMED] == "passed"
    case = ET.parse(folder / "junit.xml").find(f".//testcase[@name='{NOT_FOUND}']/skipped")
    assert case is not None
    assert "excluded by --rule or --exclude" in case.get("message", "")
    assert "<b>1</b> excluded" in (folder / "report.html").read_text()


def test_reports_with_excluded_rules_are_joined(outcomes: tuple[str, int, Path], tmp_path: Path) -> None:
    done = sleeptalk("report", "merge", str(outcomes[2]), "--report-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert results(tmp_path)[NOT_FOUND] == "excluded"
