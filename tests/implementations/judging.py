"""One run of the fuzzer, made short, and what it says rule by rule."""

from collections.abc import Sequence

from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from tests.targets import target_named

WITHOUT_A_SLOW_HANDLER = {"receiver.answers-before-handling"}
"""What a receiver does not exercise of whose handler nobody says that it is slow."""


class Silent:
    """Shows no progress."""

    def phase(self, name: str) -> None:
        pass

    def exchanged(self, requests: int, broken: int) -> None:
        pass

    def paused(self, seconds: float) -> None:
        pass


def judged(target: str, url: str, known_ids: Sequence[str] = (), *, max_examples: int = 20) -> Report:
    """Fuzz an implementation that expects the sandbox's key and user."""
    credentials = {} if target == "phonexia" else {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
    run = Run(
        Plan(target_named(target), url, credentials, tuple(known_ids), seed=1, max_examples=max_examples),
        Control(),
        Silent(),
    )
    run.preflight()
    run.execute()
    return run.report()


def broken(report: Report, level: str) -> set[str]:
    """Name the rules of a level ("must" or "should") that were broken."""
    return {result.rule.id for result in report.of("failed") if result.rule.level == level}


def not_exercised(report: Report) -> set[str]:
    """Name the rules that were not exercised."""
    return {result.rule.id for result in report.of("not-exercised")}
