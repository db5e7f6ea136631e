"""Faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sleeptalk_contract.contract.service import Fault

FAULTS: Final[tuple[Fault, ...]] = ()
