"""What runs where no address is given: the sandbox's side of a target."""

import logging

import httpx
import pytest

from sleeptalk_contract.sandbox.embedded import embedded
from tests.sandbox_ids import faults_of
from tests.targets import target_named


def test_a_fault_is_that_of_the_service() -> None:
    for fault, status in ((None, 200), (faults_of("analysis.documented-status:203")[0], 203)):
        with embedded(target_named("phonexia"), fault=fault) as service:
            url = f"{service.url}/api/technology/time-analysis/{service.known_ids[0]}"
            assert httpx.get(url, trust_env=False).status_code == status


@pytest.mark.parametrize("target", ["asleep", "phonexia", "callback"])
def test_it_leaves_the_log_as_it_was_after_the_first_time(target: str) -> None:
    counts = []
    for _ in range(2):
        with embedded(target_named(target)):
            counts.append(len(logging.getLogger("sleeptalk").handlers))
    assert counts[0] == counts[1]
