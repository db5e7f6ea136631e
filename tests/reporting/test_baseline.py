"""Baselines: findings that are accepted for a reason and until a day."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from sleeptalk_contract.contract.exchange import Answer, Breach, Exchange, Verdict
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.baseline import Baseline, Entry, read_baseline, write_baseline
from sleeptalk_contract.reporting.findings import Findings
from sleeptalk_contract.reporting.model import Acceptance, Report, RuleResult
from tests.catalogues import rules_of
from tests.targets import target_named

TODAY = dt.date(2026, 11, 22)
RULES = ["session.shape", "session.id-echoed"]


def test_an_entry_counts_up_to_its_last_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(
        "accepted:\n"
        "  - {rule: session.shape, reason: ticket 7, expires: 2026-11-22}\n"
        '  - {rule: session.id-echoed, reason: ticket 8, expires: "2026-11-21"}\n'
    )
    entries = read_baseline(path, TODAY, RULES).entries
    assert entries == (Entry("session.shape", Acceptance("ticket 7", "2026-11-22"), (), 1),)


def test_an_entry_that_has_expired_is_named_with_its_day(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("accepted:\n  - {rule: session.shape, reason: ticket 7, expires: 2026-11-21}\n")
    baseline = read_baseline(path, TODAY, ["session.shape"])
    assert baseline == Baseline((), {"session.shape": "Entry 1 of the baseline expired on 2026-11-21: ticket 7."})


def test_an_entry_for_a_rule_of_another_target_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("accepted: [{rule: session.shape, reason: a, expires: 2030-01-01}]")
    with pytest.raises(UsageError, match=r"Entry 1 .*session\.shape.* this target is not judged by"):
        read_baseline(path, TODAY, ["analysis.shape"])


def test_a_baseline_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"accepted": [{"rule": "session.shape", "reason": "known", "expires": "2030-01-31"}]}')
    assert [entry.rule for entry in read_baseline(path, TODAY, RULES).entries] == ["session.shape"]


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
        ("accepted: [{rule: session.shape, reason: a, expires: 2030-02-31}]", "no date of expiry"),
        ("[" * 5000, "nested too deeply"),
        ("accepted: [{rule: session.shape, expires: 2030-01-01}]", "no reason"),
        ("accepted: [{rule: session.shape, reason: a}]", "no date of expiry"),
        ("accepted: [{rule: session.shape, reason: a, expires: soon}]", "no date of expiry"),
        ("accepted: [{rule: session.shape, reason: a, expires: 2030-01-01, place: [/a]}]", "did you mean places?"),
        ("accepted: [{rule: session.shape, reason: a, expires: 2030-01-01, places: /a}]", "not a list of texts"),
        ("accepted: [{rule: session.shape, reason: a, expires: 2030-01-01, places: []}]", "not a list of texts"),
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


SHAPE = rules_of("session")[0]


def narrowed(*places: str, number: int = 1) -> Baseline:
    return Baseline((Entry(SHAPE.id, Acceptance("ticket 7", "2030-01-31"), places, number),))


def test_an_entry_may_be_narrowed_to_places() -> None:
    baseline = narrowed("/result/session/*", "status")
    assert baseline.acceptance(SHAPE.id, ["/result/session/end_time", "status"]) == Acceptance("ticket 7", "2030-01-31")
    assert baseline.acceptance(SHAPE.id, ["/result/session/end_time", "/result/stat"]) is None
    assert baseline.hint(SHAPE.id, ["/result/session/end_time", "/result/stat"]) == (
        "The baseline does not accept it at /result/stat."
    )
    assert baseline.acceptance("session.id-echoed", ["status"]) is None
    assert narrowed().acceptance(SHAPE.id, ["/anything"]) is not None


def reported(breach: Breach | None, baseline: Baseline) -> Report:
    """Return what a run reports that exercised one rule once."""
    target = target_named("asleep")
    findings = Findings(target, target.rules.values(), None)
    exchange = Exchange.sent(
        target.operation("getSession"), "known-id", "http://127.0.0.1/x", (), None, Answer(200, (), b"{}")
    )
    findings.add(exchange, Verdict({SHAPE.id: 1}, () if breach is None else (breach,), succeeded=True))
    return findings.report("http://127.0.0.1", {}, baseline, strict=False)


def shape_of(report: Report) -> RuleResult:
    return next(result for result in report.rules if result.rule.id == SHAPE.id)


def test_a_finding_at_another_place_fails_and_says_which_place_is_not_accepted() -> None:
    breach = Breach(SHAPE.id, "must be a string", "/result/list/3/name", "must be a string")
    assert shape_of(reported(breach, narrowed("/result/list/*/name"))).accepted is not None
    refused = reported(breach, narrowed("/result/other"))
    assert refused.exit_code == 1
    assert shape_of(refused).accepted is None


def test_an_entry_that_nothing_needs_any_more_is_told() -> None:
    kept = reported(None, narrowed(number=4))
    told = "nothing that it accepts was found. Remove it."
    assert kept.notes == (f"Entry 4 of the baseline ({SHAPE.id}) is stale: {told}",)
    assert kept.exit_code == 0
    breach = Breach(SHAPE.id, "must be a string", "/a")
    assert reported(breach, narrowed("/a")).notes == ()
    assert [f"{SHAPE.id} at /b" in note for note in reported(breach, narrowed("/b")).notes] == [True]
    assert replace(kept, shard="1/2").notes == ()
    assert replace(kept, stopped="--max-time had passed").notes == ()


def test_a_written_baseline_accepts_the_run_that_wrote_it_and_keeps_reasons(tmp_path: Path) -> None:
    path, breach = tmp_path / "accepted.yaml", Breach(SHAPE.id, "must be a string", "/list/3/name")
    write_baseline(reported(breach, Baseline()), path, TODAY)
    baseline = read_baseline(path, TODAY, RULES)
    [entry] = baseline.entries
    assert (entry.rule, entry.places, entry.acceptance.expires) == (SHAPE.id, ("/list/*/name",), "2027-02-20")
    again = reported(breach, baseline)
    assert again.exit_code == 0
    write_baseline(reported(breach, narrowed()), path, TODAY)
    assert read_baseline(path, TODAY, RULES).entries[0].acceptance == Acceptance("ticket 7", "2030-01-31")


def test_a_baseline_of_a_run_that_nothing_fails_is_empty(tmp_path: Path) -> None:
    write_baseline(reported(None, Baseline()), tmp_path / "accepted.yaml", TODAY)
    assert read_baseline(tmp_path / "accepted.yaml", TODAY, RULES).entries == ()


def test_a_baseline_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_baseline(reported(None, Baseline()), tmp_path / "file" / "accepted.yaml", TODAY)
