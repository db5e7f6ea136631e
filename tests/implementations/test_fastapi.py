"""What the fuzzer says of FastAPI applications as users write them."""

import logging

import pytest

from sleeptalk_contract.sandbox.server import running
from tests.catalogues import rules_of
from tests.implementations.apps import NIGHTS, handwritten_receiver, mounted_receiver, night_service
from tests.implementations.judging import WITHOUT_A_SLOW_HANDLER, broken, judged, not_exercised


@pytest.fixture(autouse=True)
def quiet_refusals(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="sleeptalk")


def test_the_mounted_receiver_of_the_readme_keeps_every_rule() -> None:
    with running(mounted_receiver()) as server:
        report = judged("callback", f"{server.url}/callbacks/")
    assert report.outcome == "passed"
    assert not report.of("failed")
    assert not report.beyond
    assert {result.rule.id for result in report.rules} == {rule.id for rule in rules_of("receiver")}
    assert not_exercised(report) == WITHOUT_A_SLOW_HANDLER
    assert report.verdict == "passed"


def test_a_handwritten_receiver_breaks_what_fastapi_does_by_itself_and_what_its_model_lets_through() -> None:
    with running(handwritten_receiver()) as server:
        report = judged("callback", f"{server.url}/callbacks/")
    assert broken(report, "must") == {
        "receiver.refuses-bad-key",  # a missing header is 422 by itself
        "receiver.never-5xx",  # a session id that the model does not ask for
    }
    assert broken(report, "should") == {"receiver.refuses-invalid"}
    assert not_exercised(report) == WITHOUT_A_SLOW_HANDLER


def test_a_service_with_right_nights_breaks_only_the_refusals_that_are_fastapis_own() -> None:
    with running(night_service()) as server:
        report = judged("asleep", server.url, tuple(NIGHTS))
    assert broken(report, "must") == {
        "session.api-key-required",  # a missing header is 422 by itself
        "session.error-detail-string",  # with a list as its detail
        "session.malformed-id-422",  # nothing looks at the form of an id
    }
    assert broken(report, "should") == set()
    assert not_exercised(report) == set()
