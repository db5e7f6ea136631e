"""`sleeptalk rules` and `sleeptalk explain`: all that catalogue, document and faults say of a rule."""

import json
import re
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.judging.enforcement import enforced
from sleeptalk_contract.services.registered import SERVICES
from tests.architecture.source import ROOT

TARGETS = [target for service in SERVICES for target in service.targets]
EVERY_RULE = pytest.mark.parametrize(
    ("target", "rule"),
    [(target, rule) for target in TARGETS for rule in target.rules],
    ids=lambda each: each if isinstance(each, str) else each.name,
)


def test_every_rule_is_listed_once_with_level_and_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["rules"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    expected = [(rule.id, rule.level, rule.sentence) for target in TARGETS for rule in target.rules.values()]
    assert [tuple(line.split(maxsplit=2)) for line in lines] == expected


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_the_rules_of_one_target_and_level_are_listed_as_json(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["rules", target.name, "--level", "should", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    expected = [rule for rule in target.rules.values() if rule.level == "should"]
    assert [entry["id"] for entry in listed] == [rule.id for rule in expected]
    assert [entry["source"]["url"] for entry in listed] == [rule.source.url for rule in expected]
    assert {entry["target"] for entry in listed} == {target.name}


@EVERY_RULE
def test_every_rule_is_enforced_at_a_place_that_is_there(target: Target, rule: str) -> None:
    places = enforced(rule, target)
    assert places
    for place in places:
        inside = folder() / place.file if place.what.startswith("#") else ROOT / "scripts" / place.file
        line = inside.read_text(encoding="utf-8").splitlines()[place.line - 1]
        name = re.split(r"[/.(]", place.what.removesuffix("()"))[-1]
        assert name in line or line.strip().startswith(("- x-rule", "@"))


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.run(["explain", *arguments]) == 0
    return capsys.readouterr().out


@EVERY_RULE
def test_every_rule_can_be_explained(target: Target, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, rule, "--target", target.name, "--no-example")
    entry = target.rules[rule]
    service = next(service for service in SERVICES if target in service.targets)
    for part in (entry.level, entry.sentence, str(entry.source), entry.source.url, entry.hint, target.name):
        assert part in text
    for fault in service.faults_named(rule):
        assert f"{fault.full_name}: it {fault.summary}" in text
    for place in enforced(rule, target):
        assert str(place) in text


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ("session.timestamp-format", r"/result/session/start_time ends in Z: write \+00:00"),
        ("callback.json-body", r"POST http://127\.0\.0\.1:\d+/: delivered to us"),
        ("receiver.refuses-bad-key", r"POST http://127\.0\.0\.1:\d+/?: 2\d\d"),
    ],
)
def test_an_example_of_a_break_comes_from_the_sandbox(
    rule: str, seen: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = explained(capsys, rule)
    fault = next(fault for service in SERVICES for fault in service.faults_named(rule))
    assert f"Example of a break, by {fault.full_name}:" in text
    assert re.search(seen, text)


def test_a_rule_that_is_not_there_is_a_sentence_with_the_one_that_may_be_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["explain", "session.timestamp-fromat"]) == 2
    assert "did you mean session.timestamp-format?" in capsys.readouterr().err
    assert cli.run(["explain", "zzz"]) == 2
    assert "`sleeptalk rules` lists all." in capsys.readouterr().err
