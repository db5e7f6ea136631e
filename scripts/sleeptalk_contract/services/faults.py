"""Faults: ways to break exactly one rule, for the sandbox and its receiver, so that a checker can prove itself.

Each module holds the faults of one kind in `FAULTS`; here they are together.
"""

from __future__ import annotations

from typing import Final

from sleeptalk_contract.sandbox.faults import Fault
from sleeptalk_contract.services.asleep.faults import callback, receiver, session, session_answers, session_numbers
from sleeptalk_contract.services.phonexia.faults import answers, bodies

__all__ = ["FAULTS", "Fault", "faults_of"]

FAULTS: Final = (
    *session.FAULTS,
    *session_numbers.FAULTS,
    *session_answers.FAULTS,
    *callback.FAULTS,
    *receiver.FAULTS,
    *bodies.FAULTS,
    *answers.FAULTS,
)
"""Every fault of what the sandbox answers, receives or sends, grouped by rule."""


def faults_of(rule: str) -> tuple[Fault, ...]:
    """Return the faults of a rule, or the single one that a full name such as "session.shape:not-json" means."""
    return tuple(fault for fault in FAULTS if rule in {fault.rule, fault.full_name})
