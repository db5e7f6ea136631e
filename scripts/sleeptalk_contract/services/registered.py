"""The services of this project, one line each. Only commands, and what users call from their tests, import this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.services.asleep.service import SERVICE as ASLEEP
from sleeptalk_contract.services.asleep_v3.service import SERVICE as ASLEEP_V3
from sleeptalk_contract.services.phonexia.service import SERVICE as PHONEXIA

if TYPE_CHECKING:
    from sleeptalk_contract.contract.service import Service

SERVICES: Final[tuple[Service, ...]] = (
    ASLEEP,
    ASLEEP_V3,
    PHONEXIA,
)
