"""Which rules a run judges by: the others are shown as excluded, and never as passed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sleeptalk_contract.reporting.model import RuleResult

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Verdict
    from sleeptalk_contract.reporting.model import Report


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user wants to know: `excluded` are the ids of rules that are not judged, by default none.

    `beyond` is whether findings beyond the rules count.
    """

    excluded: frozenset[str] = frozenset()
    beyond: bool = True

    def of(self, verdict: Verdict) -> Verdict:
        """Return the part of a verdict that is about the rules that are judged."""
        if self.beyond and not self.excluded:
            return verdict
        return replace(
            verdict,
            checked={rule: count for rule, count in verdict.checked.items() if rule not in self.excluded},
            breaches=tuple(breach for breach in verdict.breaches if breach.rule not in self.excluded),
            beyond=verdict.beyond if self.beyond else (),
        )

    def marked(self, report: Report) -> Report:
        """Return a report in which the other rules are excluded."""
        results = (
            RuleResult(result.rule, 0, excluded=True) if result.rule.id in self.excluded else result
            for result in report.rules
        )
        return replace(report, rules=tuple(results))
