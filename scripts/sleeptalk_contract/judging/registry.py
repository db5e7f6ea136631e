"""The registry: one small function for each rule that JSON Schema cannot say, keyed by the rule's id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sleeptalk_contract.judging.case import Case

    Findings = Iterable[tuple[str, str]] | None
    """What one rule finds: (where, message) pairs, nothing where the rule is kept, None where it is not exercised."""

    Check = Callable[[Case], Findings]

CHECKS: Final[dict[str, Check]] = {}
"""Every registered rule by id; `judge` imports the modules that fill it."""


def rule(identifier: str) -> Callable[[Check], Check]:
    """Register a function as the judge of one rule; a second one for the same id is a ValueError."""

    def register(check: Check) -> Check:
        if identifier in CHECKS:
            raise ValueError(f"rule {identifier} is registered twice")
        CHECKS[identifier] = check
        return check

    return register
