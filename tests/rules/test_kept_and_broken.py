"""Every rule is seen kept by the honest sandbox, and broken by each fault that is made to break it."""

from collections.abc import Callable, Sequence

import pytest

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.service import Fault, Service
from sleeptalk_contract.judging.judge import Judge
from sleeptalk_contract.services.registered import SERVICES
from tests.catalogues import catalogue, rules_of
from tests.rules.exchanges import ASLEEP, PHONEXIA, analysis_run, judged, sender_run, session_run
from tests.targets import target_named

RUNS: dict[str, tuple[Callable[[Sequence[Fault]], list[Exchange]], Callable[[], Judge]]] = {
    "session": (session_run, lambda: Judge(target_named("asleep"), ASLEEP)),
    "analysis": (analysis_run, lambda: Judge(target_named("phonexia"), PHONEXIA)),
    "callback": (sender_run, lambda: Judge(target_named("callback"), ASLEEP)),
}

SERVICES_TRIED = [service for service in SERVICES if service.name in {"asleep", "phonexia"}]
TRIED = [  # test_receivers has those of receivers
    fault for service in SERVICES_TRIED for fault in service.faults if catalogue()[fault.rule].group in RUNS
]

FOLLOWS = {
    "session.shape:html": "session.documented-status",  # both ask for application/json
    "session.sleep-and-wake-ratio-sum:sleep-ratio": "session.ratios-follow-times",  # the times add up
    "session.error-detail-string:null": "session.not-found-404",  # which asks for the words
    "session.no-server-error:long-id": "session.malformed-id-422",  # which asks for a 422
    "callback.ratio-values:percent": "callback.efficiency-arithmetic",  # which asks for the share
    "callback.sleep-and-wake-ratio-sum:sleep-ratio": "callback.ratios-follow-times",  # the times add up
    "callback.window-at-most-40:one-more": "callback.window-length",  # 41 is not 40
    "analysis.shape:html": "analysis.documented-status",  # both ask for application/json
    "analysis.error-type-values:task": "analysis.error-type-fits-state",  # which asks for one of the two
    "analysis.no-server-error:malformed-id": "analysis.malformed-id-422",  # which asks for 4xx
    "analysis.state-values:pending": "analysis.started-pending",  # a task that is queued is not pending
    "analysis.start-accepted:200": "analysis.documented-status",  # which asks for 202
    "analysis.start-accepted:not-found": "analysis.documented-status",  # as above
    "analysis.no-speech-in-silence:rate": "analysis.silence-has-no-rate",  # both ask for null
    "analysis.silence-has-no-rate:rate": "analysis.no-speech-in-silence",  # as above
}
"""What else breaks with a fault, by necessity."""


@pytest.mark.parametrize("group", RUNS)
def test_the_honest_sandbox_keeps_every_rule(group: str) -> None:
    run, judge = RUNS[group]
    checked, broken, beyond = judged(judge(), run([]))
    assert broken == {}
    assert beyond == []
    assert [rule.id for rule in rules_of(group) if not checked[rule.id]] == []


@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.full_name)
def test_a_fault_breaks_its_own_rule_alone(fault: Fault) -> None:
    run, judge = RUNS[catalogue()[fault.rule].group]
    checked, broken, _ = judged(judge(), run([fault]))
    assert set(broken) == {fault.rule, FOLLOWS.get(fault.full_name, fault.rule)}
    assert checked[fault.rule] > 0


@pytest.mark.parametrize("rule", [rule.id for rule in rules_of("session", "analysis", "callback")])
def test_every_rule_of_a_provider_or_sender_has_a_fault(rule: str) -> None:
    assert any(service.faults_named(rule) for service in SERVICES_TRIED)


def test_a_fault_is_found_by_its_full_name() -> None:
    (service,) = (each for each in SERVICES if each.name == "asleep")
    assert [fault.name for fault in service.faults_named("session.shape:not-json")] == ["not-json"]
    assert not service.faults_named("session.shape:no-such-fault")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_full_names_are_unique_within_a_service(service: Service) -> None:
    assert len({fault.full_name for fault in service.faults}) == len(service.faults)
