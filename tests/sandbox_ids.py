"""What the tests ask the sandbox for: its ids by target, and its faults by rule."""

from collections.abc import Sequence

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.registered import SERVICES
from tests.targets import target_named

EXPIRED_TASK_ID = CALLS["expired"].task_id
"""A well-formed task id that is answered 404."""

RATE_LIMITED_TASK_ID = CALLS["rate-limited"].task_id
"""A task id that is answered 429 with the four headers."""


def known_ids(target: str) -> tuple[str, ...]:
    """Return every id that the sandbox always answers with the same 200, in a fixed order."""
    shown = target_named(target).scenarios
    return tuple(next(iter(each.path_parameters.values())) for each in shown if each.kind == "known")


def faults_of(name: str) -> Sequence[Fault]:
    """Return the faults of a rule, or the one whose full name is given, in the first service that has them."""
    return next(filter(None, (service.faults_named(name) for service in SERVICES)), ())
