"""One run of the fuzzer, made short, and what it says rule by rule."""

from collections.abc import Sequence

from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.reporting.model import Report
from tests.fuzzing.helpers import credentials_of, made
from tests.targets import target_named

WITHOUT_A_SLOW_HANDLER = {"receiver.answers-before-handling"}
"""What a receiver does not exercise where nobody says that its handler is slow."""


def judged(
    target: str, url: str, known_ids: Sequence[str] = (), *, max_examples: int = 20, allow_writes: bool = False
) -> Report:
    """Fuzz an implementation that expects the sandbox's key and user."""
    plan = Plan(
        target_named(target),
        url,
        credentials_of(target),
        tuple(known_ids),
        seed=1,
        max_examples=max_examples,
        allow_writes=allow_writes,
    )
    return made(plan)


def broken(report: Report, level: str) -> set[str]:
    """Name the rules of a level ("must" or "should") that were broken."""
    return {result.rule.id for result in report.of("failed") if result.rule.level == level}


def not_exercised(report: Report) -> set[str]:
    """Name the rules that were not exercised."""
    return {result.rule.id for result in report.of("not-exercised")}
