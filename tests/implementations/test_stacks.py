"""Honest implementations in the frameworks that people use, as they are and in other surroundings, raise no alarm."""

from collections.abc import Iterator
from typing import Final

import pytest

from sleeptalk_contract.reporting.model import Report
from tests.implementations.judging import WITHOUT_A_SLOW_HANDLER, not_exercised
from tests.implementations.stacks.serving import STACKS, serving
from tests.implementations.stacks.variations import FRONTS, TARGETS, judged_as
from tests.targets import target_named

PHONEXIA: Final = target_named("phonexia")
UNTRIED: Final = {
    "asleep": set[str](),
    # none of them limits anything or takes uploads
    "phonexia": {"analysis.rate-limit-429"} | {name for name, rule in PHONEXIA.rules.items() if rule.writes},
    "callback": WITHOUT_A_SLOW_HANDLER,
}
WITHOUT_CHUNKS: Final = {"receiver.accepts-chunked"}

FOR_CHUNKS: Final = "Django by ASGI"
USUAL: Final = [stack for stack in STACKS if stack != FOR_CHUNKS]

# `python -m tests.implementations.stacks` makes the run of each stack behind each front with each target.
PAIRS: Final = [
    (stack, list(FRONTS)[(number + place) % len(FRONTS)], target)
    for number, stack in enumerate(USUAL)
    for place, target in enumerate(TARGETS)
]


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start one implementation."""
    with serving(request.param, tmp_path_factory.mktemp("stack")) as url:
        yield url


def assert_nothing_is_reported(report: Report, *, target: str, may_be_unseen: set[str]) -> None:
    assert [(result.rule.id, result.findings) for result in report.of("failed")] == []
    assert not report.beyond
    assert report.verdict == ("passed-in-part" if target == "phonexia" else "passed"), report.reasons
    assert UNTRIED[target] <= not_exercised(report) <= UNTRIED[target] | may_be_unseen


@pytest.mark.parametrize("address", USUAL, indirect=True)
def test_an_honest_provider_raises_no_alarm(address: str) -> None:
    assert_nothing_is_reported(judged_as("asleep", address), target="asleep", may_be_unseen=set())


@pytest.mark.parametrize("address", [stack for stack in STACKS if stack != "Django"], indirect=True)
def test_an_honest_receiver_raises_no_alarm(address: str) -> None:
    assert_nothing_is_reported(judged_as("callback", address), target="callback", may_be_unseen=WITHOUT_CHUNKS)


@pytest.mark.parametrize(("address", "front", "target"), PAIRS, indirect=["address"])
def test_nor_does_it_in_other_surroundings(address: str, front: str, target: str) -> None:
    with FRONTS[front](address) as url:
        report = judged_as(target, url)
    assert_nothing_is_reported(report, target=target, may_be_unseen=WITHOUT_CHUNKS)
    assert (report.throttled > 0) == (front == "throttled")


@pytest.mark.parametrize("address", ["Django"], indirect=True)
def test_the_server_of_django_cannot_read_chunks(address: str) -> None:
    report = judged_as("callback", address)
    (result,) = report.of("failed")
    assert result.rule.id == "receiver.accepts-chunked"
    assert report.verdict == "passed"
    assert {finding.message for finding in result.findings} == {
        "is 400 to a callback in chunks, without a Content-Length, not 2xx"
    }


def test_every_front_is_met_by_a_provider_and_a_receiver() -> None:
    assert all({front for _, front, each in PAIRS if each == target} == set(FRONTS) for target in TARGETS)
