"""Baselines: findings that are accepted for a reason and until a day."""

import datetime as dt
from pathlib import Path

import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.findings import Baseline, read_baseline
from sleeptalk_contract.reporting.model import Acceptance

TODAY = dt.date(2026, 11, 22)
RULES = ["session.shape", "session.id-echoed"]


def test_an_entry_counts_up_to_its_last_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(
        "accepted:\n"
        "  - {rule: session.shape, reason: ticket 7, expires: 2026-11-22}\n"
        '  - {rule: session.id-echoed, reason: ticket 8, expires: "2026-11-21"}\n'
    )
    accepted = read_baseline(path, TODAY, RULES).accepted
    assert accepted == {"session.shape": Acceptance("ticket 7", "2026-11-22")}


def test_an_entry_that_has_expired_is_named_with_its_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("accepted:\n  - {rule: session.shape, reason: ticket 7, expires: 2026-11-21}\n")
    baseline = read_baseline(path, TODAY, ["session.shape"])
    assert baseline == Baseline({}, {"session.shape": "Entry 1 of the baseline expired on 2026-11-21: ticket 7."})


def test_an_entry_for_a_rule_of_another_target_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("accepted: [{rule: session.shape, reason: a, expires: 2030-01-01}]")
    with pytest.raises(UsageError, match=r"Entry 1 .*session\.shape.* this target is not judged by"):
        read_baseline(path, TODAY, ["analysis.shape"])


def test_a_baseline_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"accepted": [{"rule": "session.shape", "reason": "known", "expires": "2030-01-31"}]}')
    assert list(read_baseline(path, TODAY, RULES).accepted) == ["session.shape"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[", "neither YAML nor JSON"),
        ("{}", "`accepted`"),
        ("accepted: [session.shape]", "Entry 1"),
        (
            "accepted: [{rule: session.nope, reason: a, expires: 2030-01-01}]",
            "(session.nope) is about",
        ),
        ("accepted: [{rule: [a], reason: a, expires: 2030-01-01}]", "does not name a rule"),
        ("accepted: [{rule: session.shape, reason: a, expires: 2030-02-31}]", "neither YAML nor JSON"),
        ("[" * 5000, "nested too deeply"),
        ("accepted: [{rule: session.shape, expires: 2030-01-01}]", "no reason"),
        ("accepted: [{rule: session.shape, reason: a}]", "no date of expiry"),
        ("accepted: [{rule: session.shape, reason: a, expires: soon}]", "no date of expiry"),
    ],
)
def test_what_is_not_a_baseline_is_refused_with_the_reason(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as raised:
        read_baseline(path, TODAY, RULES)
    assert named in raised.value.message
    assert str(path) in raised.value.message


def test_a_baseline_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        read_baseline(tmp_path / "nowhere.yaml", TODAY, RULES)
