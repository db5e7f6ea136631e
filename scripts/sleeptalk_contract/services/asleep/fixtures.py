"""The sandbox's Asleep and its sender of callbacks as fixtures of pytest. Importing this brings nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.service import Delivery
    from sleeptalk_contract.sandbox.sender import Receipt


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


@dataclass(frozen=True, slots=True)
class CallbackSender:
    """Sends the callbacks of the sandbox's nights.

    `api_key` is sent as x-api-key, `user_id` is the owner of all nights, `scenarios` are the nights that
    have callbacks, by name.
    """

    api_key: str = field(repr=False)
    user_id: str
    scenarios: tuple[str, ...]

    def deliveries(self, scenario: str = "four-stages", *, timezone: str = "UTC") -> list[Delivery]:
        """Return the callbacks of one night in their order, each with `headers` and `body`, for in-process clients.

        `timezone` is the IANA name of the times' zone. Raises KeyError for a scenario that is not in `scenarios`,
        ValueError for an unknown timezone.
        """
        from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
        from sleeptalk_contract.services.asleep.sandbox.nights import scenarios_of

        return deliveries(scenarios_of(self.user_id)[scenario], api_key=self.api_key, timezone=timezone)

    def send(
        self,
        url: str,
        scenario: str = "four-stages",
        *,
        timezone: str = "UTC",
        redeliver: int = 0,
        reorder: int | None = None,
        burst: int = 1,
        timeout: float = 5.0,
    ) -> list[Receipt]:
        """Post the callbacks of one night to a receiver; the receipts have `status` and `seconds`.

        `redeliver` is how many more times each is sent, `reorder` the seed of a random order, `burst` how many are sent
        at the same time, and `timeout` how many seconds an answer is waited for.
        """
        from sleeptalk_contract.sandbox.sender import Manner, send

        planned, manner = self.deliveries(scenario, timezone=timezone), Manner(redeliver, reorder, burst)
        return list(send(planned, url, attempts=1, timeout=timeout, manner=manner))


@pytest.fixture(scope="session")
def asleep_sandbox() -> Iterator[AsleepSandbox]:
    """Serve Asleep on a free port of this machine for the whole test session; it keeps no state."""
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS

    with running(asleep_app()) as server:
        ids = {name: night.session_id for name, night in SCENARIOS.items()}
        yield AsleepSandbox(server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, ids)


@pytest.fixture(scope="session")
def callback_sender() -> CallbackSender:
    """Return a sender of the sandbox's callbacks."""
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS

    names = tuple(name for name, night in SCENARIOS.items() if night.sleep_stages is not None)
    return CallbackSender(SANDBOX_API_KEY, SANDBOX_USER_ID, names)
