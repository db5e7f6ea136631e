"""Where a fault of data v3 applies: one implementation answers at many paths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sleeptalk_contract.sandbox.faults import when

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.contract.service import Fault
    from sleeptalk_contract.sandbox.answers import Answer, Request

SESSION = "/data/v3/sessions/"
LIST = "/data/v1/sessions"
DELETES = "/ai/v1/sessions"


def at(path: str) -> Callable[[Request, Answer], bool]:
    """Pick the requests whose path begins with a text, whatever their method."""
    return lambda request, _answer: request.path.startswith(path)


def about(*operations: str) -> Callable[[Request, Answer], bool]:
    """Pick the requests of some operations."""
    return lambda request, _answer: request.operation in operations


def limited(fault: Fault, condition: Callable[[Request, Answer], bool]) -> Fault:
    """Return a fault that applies only where a condition holds."""
    return replace(fault, apply=when(condition, fault.apply))
