"""What the fuzzer, and plain schemathesis beside it, make of a fault."""

from collections.abc import Iterator

import pytest

from sleeptalk_contract.mutation import plain as plain_trials
from sleeptalk_contract.mutation import trials as all_trials
from sleeptalk_contract.mutation.delivered import delivered
from sleeptalk_contract.mutation.fuzzed import fuzzed
from sleeptalk_contract.mutation.plain import plain
from sleeptalk_contract.mutation.proof import Proof
from sleeptalk_contract.mutation.trials import HONEST, Trial, trials
from sleeptalk_contract.sandbox.faults import Fault
from sleeptalk_contract.sandbox.scenarios import EXPIRED_TASK_ID


def go_on() -> bool:
    return False


def proof(name: str) -> Proof:
    [trial] = trials([name], 1, 0)
    return (delivered if trial.group == "callback" else fuzzed)(trial, go_on)


@pytest.mark.parametrize(
    "name",
    [
        "session.end-time-null-while-open",
        "session.id-echoed",
        "session.invalid-timezone-400",
        "analysis.done-has-result",
        "analysis.not-found-404",
        "callback.delivery-order:pairs",
        "callback.never-slept-nulls:ratio",
        "receiver.accepts-redelivery",
        "receiver.refuses-non-json:truncated",
    ],
)
def test_a_fault_is_named_by_its_rule_and_by_no_other(name: str) -> None:
    made = proof(trials([name], 1, 0)[0].full_name)
    assert made.holds
    assert made.found == (made.trial.rule,)
    assert made.first is not None
    assert 1 <= made.first.requests <= made.requests
    assert 0 < made.first.seconds <= made.seconds


@pytest.mark.parametrize("group", ["analysis", "callback"])
def test_nothing_is_found_where_nothing_is_broken(group: str) -> None:
    honest = Trial(group, "", HONEST, "", 3)
    made = (delivered if group == "callback" else fuzzed)(honest, go_on)
    assert (made.holds, made.found, made.first) == (True, (), None)
    assert made.requests > 0


def test_a_fault_that_changes_nothing_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = Fault("analysis.shape", "harmless", "changes nothing", lambda _request, answer: answer)
    monkeypatch.setitem(all_trials._BY_NAME, harmless.full_name, harmless)
    made = proof(harmless.full_name)
    assert (made.killed, made.named, made.holds) == (False, False, False)


def test_a_fault_that_another_rule_names_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = trials(["analysis.task-id-echoed"], 1, 0)[0].fault
    assert fault is not None
    mislabelled = Fault("analysis.count-values", "mislabelled", "says another id", fault.apply)
    monkeypatch.setitem(all_trials._BY_NAME, mislabelled.full_name, mislabelled)
    made = proof(mislabelled.full_name)
    assert (made.killed, made.named, made.holds) == (True, False, False)
    assert made.others == ("analysis.task-id-echoed",)


def test_an_implementation_that_refuses_its_own_ids_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Fault(
        "analysis.shape",
        "gone",
        "knows no task any more",
        lambda request, _answer: request.honest_answer(path_parameters={"task_id": EXPIRED_TASK_ID}),
    )
    monkeypatch.setitem(all_trials._BY_NAME, gone.full_name, gone)
    made = proof(gone.full_name)
    assert not made.holds
    assert "404" in made.problem


def test_a_trial_ends_when_it_is_told_to() -> None:
    whole = delivered(Trial("callback", "", HONEST, "", 1), go_on)
    cut = delivered(Trial("callback", "", HONEST, "", 1), lambda: True)
    assert cut.requests == 1 < whole.requests


@pytest.fixture
def no_remembered_baseline() -> Iterator[None]:
    plain_trials._honest_findings.cache_clear()
    yield
    plain_trials._honest_findings.cache_clear()


def test_plain_schemathesis_kills_a_wrong_type_but_not_a_wrong_id(no_remembered_baseline: None) -> None:
    killed, survived = (
        plain(trials([name], 1, 0)[0], max_examples=10)
        for name in ("analysis.state-values:done", "analysis.task-id-echoed:other-id")
    )
    assert killed.killed is True
    assert killed.found
    assert survived.killed is False


def test_plain_schemathesis_cannot_be_asked_about_a_sender() -> None:
    assert plain(trials(["callback.state-complete"], 1, 0)[0]).killed is None
