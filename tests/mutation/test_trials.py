"""Which trials are made."""

from collections import Counter

import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.mutation.trials import trials
from sleeptalk_contract.services.registered import SERVICES


def test_every_rule_of_the_catalogue_is_broken_at_least_once() -> None:
    rules = {(target.name, rule) for service in SERVICES for target in service.targets for rule in target.rules}
    assert {(trial.target.name, trial.rule) for trial in trials(SERVICES, (), 1, 0)} == rules


def test_no_two_faults_share_a_name() -> None:
    assert set(Counter(trial.full_name for trial in trials(SERVICES, (), 1, 0)).values()) == {1}


def test_every_trial_finds_its_fault_again_by_name() -> None:
    for trial in trials(SERVICES, (), 1, 1):
        fault = trial.fault
        assert (fault is None) == trial.is_honest
        assert fault is None or (fault.rule, fault.name) == (trial.rule, trial.name)


def test_with_a_rule_come_the_honest_implementations_that_it_is_compared_with() -> None:
    made = trials(SERVICES, ["receiver.accepts-redelivery", "callback.state-complete"], 7, 2)
    assert [(trial.target.name, trial.group, trial.seed) for trial in made if trial.is_honest] == [
        (target, group, seed)
        for target in ("callback", "callback-v2", "callback-v3")
        for group in ("callback", "receiver")
        for seed in (7, 8)
    ]
    assert {trial.rule for trial in made if not trial.is_honest} == {
        "receiver.accepts-redelivery",
        "callback.state-complete",
    }


def test_one_fault_can_be_named() -> None:
    [trial] = trials(SERVICES, ["analysis.shape:html"], 1, 0)
    assert (trial.rule, trial.name, trial.target.name) == ("analysis.shape", "html", "phonexia")


def test_a_fault_that_two_versions_have_is_tried_on_both() -> None:
    tried = trials(SERVICES, ["session.shape:not-json"], 1, 0)
    assert [trial.full_name for trial in tried] == [
        "asleep session.shape:not-json",
        "asleep-v3 session.shape:not-json",
    ]


def test_a_pattern_chooses_rules_or_faults() -> None:
    assert {trial.rule for trial in trials(SERVICES, ["a*.shape"], 1, 0)} == {"analysis.shape", "average-stats.shape"}
    assert {trial.rule for trial in trials(SERVICES, ["session.api-*:prefix*"], 1, 0)} == {"session.api-key-required"}


def test_a_fault_of_one_of_several_targets_is_chosen_by_the_name_that_the_matrix_has() -> None:
    both = trials(SERVICES, ["session.id-echoed:other-id"], 1, 0)
    assert len(both) == 2
    for one in both:
        assert trials(SERVICES, [one.full_name], 1, 0) == [one]


def test_a_name_that_is_not_a_rule_is_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"--rule 'session\.shap' is neither a rule .* did you mean session\.shape\?"):
        trials(SERVICES, ["session.shap"], 1, 1)
