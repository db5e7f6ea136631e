"""A pytest plugin: the sandbox as fixtures, and the contract as assertions.

It is loaded by every pytest run that has sleeptalk installed, so it imports nothing heavy before a fixture or an
assertion is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sleeptalk_contract.conformance import Headers, Response
    from sleeptalk_contract.sandbox.sender import Outcome
    from sleeptalk_contract.services.asleep.sandbox.deliveries import Delivery

__all__ = ["AsleepSandbox", "CallbackSender", "PhonexiaSandbox", "assert_callback_conforms", "assert_conforms"]


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
class PhonexiaSandbox:
    """A running Phonexia: `url`, and the task ids by the name of their scenario ("expired" is answered 404).

    The task "progressing" is done from the fourth time on that it is asked for, whichever test asked.
    """

    url: str
    known_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CallbackSender:
    """Sends the callbacks of the sandbox's nights.

    `api_key` is sent as x-api-key, `user_id` is the user whom all nights belong to, `scenarios` are the nights that
    have callbacks, by name.
    """

    api_key: str = field(repr=False)
    user_id: str
    scenarios: tuple[str, ...]

    def deliveries(self, scenario: str = "four-stages", *, timezone: str = "UTC") -> list[Delivery]:
        """Give the callbacks of one night in their order, each with `headers` and `body`, for in-process clients.

        `timezone` is the IANA name of the times' zone. Raises KeyError for a scenario that is not in `scenarios`,
        ValueError for an unknown timezone.
        """
        from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
        from sleeptalk_contract.services.asleep.sandbox.nights import scenarios_of

        return deliveries(scenarios_of(self.user_id)[scenario], api_key=self.api_key, timezone=timezone)

    def send(self, url: str, scenario: str = "four-stages", *, timezone: str = "UTC") -> list[Outcome]:
        """Post the callbacks of one night to a receiver, each once; the outcomes have `status` and `seconds`."""
        import httpx

        from sleeptalk_contract.sandbox.sender import TIMEOUT_SECONDS, send

        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return list(send(self.deliveries(scenario, timezone=timezone), url, client, attempts=1))


@pytest.fixture(scope="session")
def asleep_sandbox() -> Iterator[AsleepSandbox]:
    """Serve Asleep on a free port of this machine for the whole test session; it keeps no state."""
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
    from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
    from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

    with running(asleep_app()) as server:
        ids = {name: night.session_id for name, night in SCENARIOS.items()}
        yield AsleepSandbox(server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, ids)


@pytest.fixture(scope="session")
def phonexia_sandbox() -> Iterator[PhonexiaSandbox]:
    """Serve Phonexia on a free port of this machine for the whole test session; one task, "progressing", moves on."""
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
    from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

    with running(phonexia_app()) as server:
        yield PhonexiaSandbox(server.url, {name: call.task_id for name, call in CALLS.items()})


@pytest.fixture(scope="session")
def callback_sender() -> CallbackSender:
    """Give a sender of the sandbox's callbacks."""
    from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
    from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

    names = tuple(name for name, night in SCENARIOS.items() if night.sleep_stages is not None)
    return CallbackSender(SANDBOX_API_KEY, SANDBOX_USER_ID, names)


def assert_conforms(response: Response, *, api_key: str | None = None, strict: bool = False) -> None:
    """See that an answer keeps the contract; see sleeptalk_contract.conformance.assert_conforms."""
    __tracebackhide__ = True
    from sleeptalk_contract import conformance

    conformance.assert_conforms(response, api_key=api_key, strict=strict)


def assert_callback_conforms(
    body: object, headers: Headers, *, api_key: str | None = None, strict: bool = False
) -> None:
    """See that a callback keeps the contract; see sleeptalk_contract.conformance.assert_callback_conforms."""
    __tracebackhide__ = True
    from sleeptalk_contract import conformance

    conformance.assert_callback_conforms(body, headers, api_key=api_key, strict=strict)


@pytest.fixture(name="assert_conforms", scope="session")
def _assert_conforms() -> Callable[..., Any]:
    """Give `assert_conforms` without an import."""
    return assert_conforms


@pytest.fixture(name="assert_callback_conforms", scope="session")
def _assert_callback_conforms() -> Callable[..., Any]:
    """Give `assert_callback_conforms` without an import."""
    return assert_callback_conforms
