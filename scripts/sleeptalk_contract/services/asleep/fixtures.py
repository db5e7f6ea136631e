"""The sandbox's Asleep as a fixture of pytest. Importing this brings nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class AsleepSandbox:
    """A running Asleep: `url`, the key and the user it expects, and the session ids by the name of their scenario."""

    url: str
    api_key: str = field(repr=False)
    user_id: str
    known_ids: Mapping[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """The headers that every request needs."""
        return {"x-api-key": self.api_key, "x-user-id": self.user_id}


@pytest.fixture(scope="session")
def asleep_sandbox() -> Iterator[AsleepSandbox]:
    """Serve Asleep on a free port of this machine for the whole test session; it keeps no state."""
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS

    with running(asleep_app()) as server:
        ids = {name: night.session_id for name, night in SCENARIOS.items()}
        yield AsleepSandbox(server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, ids)
