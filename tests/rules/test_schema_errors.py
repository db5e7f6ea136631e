"""Which rule an error of the schema belongs to, on ten-line schemas."""

from typing import Any

import pytest

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.judging.schema import RuleNames, SchemaJudge

RATIO = {"type": ["number", "null"], "minimum": 0, "maximum": 1, "x-rule": "session.ratio-values"}
SECONDS = {"type": "integer", "minimum": 0, "maximum": 600, "x-fuzzing-bounds": ["maximum"]}
STAT = {
    "x-rule": "session.shape",
    "type": "object",
    "required": ["ratio"],
    "properties": {
        "ratio": RATIO,
        "pattern": {
            "x-rule": "session.breathing-pattern-values",
            "anyOf": [{"enum": ["A", "B"], "type": "string"}, {"type": "null"}],
        },
        "seconds": {"x-rule": "session.duration-values", "$ref": "#/components/schemas/Seconds"},
        "name": {"type": "string", "maxLength": 3},
    },
}
ROOT: dict[str, Any] = {
    "x-rule": "session.shape",
    "type": "object",
    "required": ["state"],
    "properties": {
        "state": {"x-rule": "session.state-values", "type": "string", "enum": ["OPEN", "COMPLETE"]},
        "stages": {
            "type": "array",
            "items": {"x-rule": "session.sleep-stage-values", "type": "integer", "enum": [0, 1]},
        },
        "stat": {"anyOf": [{"$ref": "#/components/schemas/Stat"}, {"type": "null"}]},
    },
    "allOf": [
        {
            "x-rule": "session.stat-null-unless-complete",
            "if": {"required": ["state"], "properties": {"state": {"const": "OPEN"}}},
            "then": {"required": ["stat"], "properties": {"stat": {"type": "null"}}},
        }
    ],
    "components": {"schemas": {"Stat": STAT, "Seconds": SECONDS}},
}
NAMES = RuleNames(catalogue_of("asleep"), "session")
JUDGE = SchemaJudge(ROOT, NAMES)


def test_what_is_wrong_with_a_text_is_said_rather_than_its_length() -> None:
    time = {
        "type": "string",
        "maxLength": 25,
        "pattern": r"^[0-9T:-]{19}[+-]\d\d:\d\d$",
        "x-rule": "session.timestamp-format",
    }
    judge = SchemaJudge({"type": "object", "properties": {"start": time}}, NAMES)
    [breach] = judge.judge({"start": "2022-08-21T09:31:17.000+09:00"}).breaches
    assert breach.words == "has a fraction of a second: leave it out"


def complete(**stat: Any) -> dict[str, Any]:
    return {"state": "COMPLETE", "stat": {"ratio": 0.5, **stat}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (complete(), []),
        (complete(ratio=1.5), [("session.ratio-values", "/stat/ratio")]),
        (complete(ratio="x"), [("session.shape", "/stat/ratio")]),
        (complete(pattern="C"), [("session.breathing-pattern-values", "/stat/pattern")]),
        (complete(pattern=4), [("session.shape", "/stat/pattern")]),
        (complete(pattern=None), []),
        (complete(seconds=-1), [("session.duration-values", "/stat/seconds")]),
        (complete(seconds=1.5), [("session.duration-values", "/stat/seconds")]),
        (complete(seconds=30.0), []),
        (complete(seconds="30"), [("session.shape", "/stat/seconds")]),
        (complete(seconds=True), [("session.shape", "/stat/seconds")]),
        ({"state": "COMPLETE", "stat": {}}, [("session.shape", "/stat")]),
        ({"state": "COMPLETE", "stat": 7}, [("session.shape", "/stat")]),
        ({"state": "CLOSED"}, [("session.state-values", "/state")]),
        ({"state": 7}, [("session.shape", "/state")]),
        ({}, [("session.shape", "")]),
        ([], [("session.shape", "")]),
        ({"state": "OPEN", "stat": {"ratio": 1}}, [("session.stat-null-unless-complete", "/stat")]),
        ({"state": "OPEN"}, [("session.stat-null-unless-complete", "")]),
        ({"state": "COMPLETE", "stages": [0, 7, 9]}, [("session.sleep-stage-values", "/stages/1")]),
        ({"state": "COMPLETE", "stages": [0, None]}, [("session.shape", "/stages/1")]),
    ],
)
def test_an_error_belongs_to_its_rule(body: Any, expected: list[tuple[str, str]]) -> None:
    verdict = JUDGE.judge(body)
    assert [(breach.rule, breach.location) for breach in verdict.breaches] == expected
    assert verdict.beyond == ()


@pytest.mark.parametrize(("stat", "where"), [({"seconds": 601}, "/stat/seconds"), ({"name": "long"}, "/stat/name")])
def test_a_bound_for_fuzzing_and_a_bound_of_no_rule_are_beyond_the_rules(stat: dict[str, Any], where: str) -> None:
    verdict = JUDGE.judge(complete(**stat))
    assert verdict.breaches == ()
    assert [(finding.rule, finding.location) for finding in verdict.beyond] == [("", where)]


def test_null_exercises_no_value_rule() -> None:
    assert "session.ratio-values" not in JUDGE.judge(complete(ratio=None)).checked


def test_a_conditional_is_exercised_only_where_its_condition_holds() -> None:
    rule = "session.stat-null-unless-complete"
    assert JUDGE.judge({"state": "OPEN", "stat": None}).checked[rule] == 1
    assert rule not in JUDGE.judge(complete()).checked


def test_a_list_of_values_exercises_its_rule_once() -> None:
    assert JUDGE.judge({"state": "COMPLETE", "stages": [0] * 960}).checked["session.sleep-stage-values"] == 1
    assert "session.sleep-stage-values" not in JUDGE.judge({"state": "COMPLETE", "stages": []}).checked


def test_what_is_null_is_not_a_shape() -> None:
    assert JUDGE.judge({"state": "COMPLETE", "stat": None}).checked["session.shape"] == 1
    assert JUDGE.judge(complete()).checked["session.shape"] == 2


def test_a_rule_without_a_group_is_that_of_the_group_which_is_judged() -> None:
    shared = {"x-rule": "shape", "properties": {"ratio": {**RATIO, "x-rule": "ratio-values"}}}
    for group in ("session", "callback"):
        verdict = SchemaJudge(shared, RuleNames(catalogue_of("asleep"), group)).judge({"ratio": 2})
        assert [breach.rule for breach in verdict.breaches] == [f"{group}.ratio-values"]
        assert verdict.checked == {f"{group}.shape": 1, f"{group}.ratio-values": 1}
        verdict = SchemaJudge(shared, RuleNames(catalogue_of("asleep"), group)).judge({"ratio": "much"})
        assert [breach.rule for breach in verdict.breaches] == [f"{group}.shape"]
