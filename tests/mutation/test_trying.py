"""What the fuzzer, and plain schemathesis beside it, make of a fault."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.mutation import plain as plain_trials
from sleeptalk_contract.mutation.plain import plain
from sleeptalk_contract.mutation.trials import HONEST, Proof, Trial, trials
from sleeptalk_contract.mutation.trying import tried
from sleeptalk_contract.services.phonexia import service as phonexia
from sleeptalk_contract.services.registered import SERVICES
from tests.sandbox_ids import EXPIRED_TASK_ID


def go_on() -> bool:
    return False


def proof(name: str) -> Proof:
    return tried(trial_of(name), go_on)


def trial_of(name: str) -> Trial:
    return trials(SERVICES, [name], 1, 0)[0]


def honest(group: str, seed: int) -> Trial:
    service = next(each for each in SERVICES for target in each.targets for g in target.groups if g.name == group)
    return Trial(service.module, group, "", HONEST, "", seed)


def tried_with(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> Proof:
    """Try a fault that Phonexia does not have otherwise."""
    monkeypatch.setattr(phonexia, "SERVICE", replace(phonexia.SERVICE, faults=(fault,)))
    return tried(Trial(phonexia.__name__, "analysis", fault.rule, fault.name, fault.summary, 1), go_on)


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
        "receiver.refuses-non-json:truncated",
    ],
)
def test_a_fault_is_named_by_its_rule_and_by_no_other(name: str) -> None:
    made = proof(trial_of(name).full_name)
    assert made.holds
    assert made.found == (made.trial.rule,)
    assert made.first is not None
    assert 1 <= made.first.requests <= made.requests
    assert 0 < made.first.seconds <= made.seconds


@pytest.mark.parametrize("group", ["analysis", "callback"])
def test_nothing_is_found_where_nothing_is_broken(group: str) -> None:
    made = tried(honest(group, 3), go_on)
    assert (made.holds, made.found, made.first) == (True, (), None)
    assert made.requests > 0


def test_a_fault_that_changes_nothing_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = Fault("analysis.shape", "harmless", "changes nothing", lambda _request, answer: answer)
    made = tried_with(harmless, monkeypatch)
    assert (made.killed, made.named, made.holds) == (False, False, False)


def test_a_fault_that_another_rule_names_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = trial_of("analysis.task-id-echoed").fault
    assert fault is not None
    mislabelled = Fault("analysis.count-values", "mislabelled", "answers with another id", fault.apply)
    made = tried_with(mislabelled, monkeypatch)
    assert (made.killed, made.named, made.holds) == (True, False, False)
    assert made.others == ("analysis.task-id-echoed",)


def test_an_implementation_that_refuses_its_own_ids_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Fault(
        "analysis.shape",
        "gone",
        "knows no task any more",
        lambda request, _answer: request.honest_answer(path_parameters={"task_id": EXPIRED_TASK_ID}),
    )
    made = tried_with(gone, monkeypatch)
    assert not made.holds
    assert "404" in made.problem


def test_a_trial_ends_when_it_is_stopped() -> None:
    whole = tried(honest("callback", 1), go_on)
    cut = tried(honest("callback", 1), lambda: True)
    assert cut.requests == 1 < whole.requests


@pytest.fixture
def no_remembered_baseline() -> Iterator[None]:
    plain_trials._honest_findings.cache_clear()
    yield
    plain_trials._honest_findings.cache_clear()


def test_plain_schemathesis_kills_a_wrong_type_but_not_a_wrong_id(no_remembered_baseline: None) -> None:
    killed, survived = (
        plain(trial_of(name), max_examples=10)
        for name in ("analysis.state-values:done", "analysis.task-id-echoed:other-id")
    )
    assert killed.killed is True
    assert killed.found
    assert survived.killed is False


def test_plain_schemathesis_cannot_be_asked_about_a_sender() -> None:
    assert plain(trial_of("callback.state-complete")).killed is None
