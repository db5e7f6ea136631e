"""The services of this project, one line each. Only commands, and what users call from their tests, import this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.services.asleep.service import SERVICE as ASLEEP
from sleeptalk_contract.services.phonexia.service import SERVICE as PHONEXIA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Service, Target

SERVICES: Final[tuple[Service, ...]] = (
    ASLEEP,
    PHONEXIA,
)


def target_named(name: str, services: Sequence[Service] = SERVICES) -> Target:
    """Return a target by what the command line calls it. Raises UsageError, which names all, for another name."""
    targets = {target.name: target for service in services for target in service.targets}
    if name not in targets:
        *others, last = targets
        raise UsageError(f"There is no target {name!r}: name {', '.join(others)} or {last}.")
    return targets[name]
