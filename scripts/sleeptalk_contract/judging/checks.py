"""The rules that JSON Schema cannot say: one small function each, collected by the module that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Case

Findings = Iterable[tuple[str, str]] | None
"""What one rule finds: (where, message) pairs, nothing where the rule is kept, None where it is not exercised."""

Check = Callable[["Case"], Findings]


class Checks(dict[str, Check]):
    """The rule functions of one module, by the rule's id."""

    def rule(self, identifier: str) -> Callable[[Check], Check]:
        """Take a function as the judge of one rule; a second one for the same id is a ValueError."""

        def take(check: Check) -> Check:
            if identifier in self:
                raise ValueError(f"rule {identifier} has two functions")
            self[identifier] = check
            return check

        return take
