"""The sandbox's Asleep with data v3, and its sender of callbacks, as fixtures of pytest; they bring nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import pytest

from sleeptalk_contract.services.asleep.fixtures import AsleepSandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.service import Delivery
    from sleeptalk_contract.sandbox.sender import Receipt


@dataclass(frozen=True, slots=True)
class AsleepV3Sandbox(AsleepSandbox):
    """A running Asleep with data v3: `url`, `api_key`, `user_id`, and `known_ids`, the session ids by scenario."""


@dataclass(frozen=True, slots=True)
class CallbackSender:
    """Sends the callbacks of the sandbox's nights, in the version V1, V2 or V3.

    `api_key` is sent as x-api-key, `user_id` is the owner of all nights, `scenarios` are the nights that
    have callbacks in every version, by name.
    """

    api_key: str = field(repr=False)
    user_id: str
    scenarios: tuple[str, ...]

    def deliveries(
        self, scenario: str = "four-stages", *, timezone: str = "UTC", version: Literal["V1", "V2", "V3"] = "V1"
    ) -> list[Delivery]:
        """Return the callbacks of one night in their order, each with `headers` and `body`, for in-process clients.

        `timezone` is the IANA name of the times' zone. Raises KeyError for a scenario that is not in `scenarios`, or a
        version that is not one, ValueError for an unknown timezone.
        """
        from sleeptalk_contract.services.asleep.service import V1
        from sleeptalk_contract.services.asleep_v3.callbacks import V2, V3

        written = {each.version: each for each in (V1, V2, V3)}[version]
        night = replace(written.nights[scenario], user_id=self.user_id)
        return written.deliver(night, api_key=self.api_key, timezone=timezone)

    def send(
        self,
        url: str,
        scenario: str = "four-stages",
        *,
        timezone: str = "UTC",
        version: Literal["V1", "V2", "V3"] = "V1",
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

        planned = self.deliveries(scenario, timezone=timezone, version=version)
        manner = Manner(redeliver, reorder, burst)
        return list(send(planned, url, attempts=1, timeout=timeout, manner=manner))


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


@pytest.fixture(scope="session")
def callback_sender() -> CallbackSender:
    """Return a sender of the sandbox's callbacks."""
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS

    names = tuple(name for name, night in SCENARIOS.items() if night.sleep_stages is not None)
    return CallbackSender(SANDBOX_API_KEY, SANDBOX_USER_ID, names)
