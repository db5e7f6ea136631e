"""Faults: ways to break exactly one rule, for the sandbox and its receiver, so that a checker can prove itself.

Each module holds the faults of one kind in `FAULTS`; here they are together.
"""

from __future__ import annotations

from typing import Final

from sleeptalk_contract.sandbox.fault import Fault
from sleeptalk_contract.services.asleep.faults import callback, session, session_answers, session_numbers
from sleeptalk_contract.services.phonexia.faults import analysis, analysis_answers

__all__ = ["FAULTS", "Fault", "faults_of"]

FAULTS: Final = (
    *session.FAULTS,
    *session_numbers.FAULTS,
    *session_answers.FAULTS,
    *callback.FAULTS,
    *analysis.FAULTS,
    *analysis_answers.FAULTS,
)
"""Every fault of what the sandbox answers or sends, grouped by rule."""


def faults_of(rule: str) -> tuple[Fault, ...]:
    """Give the faults of a rule, or the single one that a full name such as "session.shape:not-json" means."""
    return tuple(fault for fault in FAULTS if rule in {fault.rule, fault.full_name})
