"""The scenarios of both services by the ids that reach them, for the fuzzer, the commands and users' own tests."""

from typing import Literal

from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

EXPIRED_TASK_ID = CALLS["expired"].task_id
"""A well-formed task id that is answered 404."""

RATE_LIMITED_TASK_ID = CALLS["rate-limited"].task_id
"""A task id that is answered 429 with the four headers."""


def known_ids(target: Literal["asleep", "phonexia"]) -> tuple[str, ...]:
    """Return every id that the sandbox always answers the same 200, in a fixed order: session ids or task ids."""
    if target == "asleep":
        return tuple(night.session_id for night in SCENARIOS.values())
    return tuple(call.task_id for call in CALLS.values() if call.availability == "available")
