"""The sandbox's Asleep with data v3 as a fixture of pytest. Importing this brings nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.services.asleep.fixtures import AsleepSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class AsleepV3Sandbox(AsleepSandbox):
    """A running Asleep with data v3: `url`, `api_key`, `user_id`, and `known_ids`, the session ids by scenario."""


@pytest.fixture
def asleep_v3_sandbox() -> Iterator[AsleepV3Sandbox]:
    """Serve Asleep's data v3, lists, averages, users and deletes on a free port of this machine.

    Each test has its own: what one creates or deletes, another does not see.
    """
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.sandbox.web import application
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
    from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
    from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS

    ids = {name: night.session_id for name, night in SCENARIOS.items()}
    ids[FINISHING.recorded.name] = FINISHING.session_id
    with running(application([AsleepV3Provider()])) as server:
        yield AsleepV3Sandbox(server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, ids)
