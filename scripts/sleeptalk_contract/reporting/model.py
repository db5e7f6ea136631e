"""What a run found, as values that every kind of report is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from sleeptalk_contract.contract.catalogue import Rule

RuleOutcome = Literal["passed", "failed", "not-exercised"]
Outcome = Literal["passed", "failed", "error"]

PASSED_CODE: Final = 0
FAILED_CODE: Final = 1
ERROR_CODE: Final = 2
INTERRUPTED_CODE: Final = 130

NOTHING_EXERCISED: Final = "No rule was exercised."
"""The problem of a run that judged nothing."""

MOST_FAILURES: Final = 3
"""So many different failures of one rule are kept; more of them say little more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a rule was seen broken.

    `where` is a JSON Pointer into the body, or "status", or "header retry-after". `reproduce` is a curl command with
    the key left out. `case` is the exchange as a JSON object (see shown.py), None when a report was
    read without its cases.
    """

    message: str
    where: str
    reproduce: str
    case: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A failure that the user's baseline accepts: why, and until when (an ISO date)."""

    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule came out.

    `checked` counts the exchanges that exercised it, `broken` those of them that broke it; `failures` are a few
    different ones. `hint` says how a rule that was not exercised can be, and of one that failed that the baseline no
    longer accepts it; empty otherwise.
    """

    rule: Rule
    checked: int
    broken: int = 0
    failures: tuple[Failure, ...] = ()
    hint: str = ""
    accepted: Acceptance | None = None

    @property
    def outcome(self) -> RuleOutcome:
        """Whether it was kept; a rule that was not exercised did not pass."""
        if self.broken:
            return "failed"
        return "passed" if self.checked else "not-exercised"

    def fails(self, *, strict: bool) -> bool:
        """Whether it makes the run fail."""
        return self.outcome == "failed" and self.accepted is None and (strict or self.rule.level == "must")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found.

    `url` is what was asked, `seconds` how long it took, `answers` counts (state, status) pairs: the state that a body
    named ("OPEN", "done", ...; "-" without one) and the HTTP status ("none" where no answer came). `stopped` says why
    the run ended early, empty otherwise. `problems` are sentences about the run itself that make it an error;
    `known_ids` were given by the user.
    """

    target: str
    url: str
    seed: int
    requests: int
    seconds: float
    rules: tuple[RuleResult, ...]
    beyond: tuple[Failure, ...] = ()
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    strict: bool = False
    shard: str = "1/1"
    stopped: str = ""
    interrupted: bool = False
    problems: tuple[str, ...] = ()
    known_ids: tuple[str, ...] = ()

    def of(self, outcome: RuleOutcome) -> Sequence[RuleResult]:
        """Give the rules with one outcome."""
        return [result for result in self.rules if result.outcome == outcome]

    @property
    def outcome(self) -> Outcome:
        """What the run says of the target; "error" where it can say nothing."""
        if any(result.fails(strict=self.strict) for result in self.rules) or (self.strict and self.beyond):
            return "failed"
        if self.problems or self.interrupted or not any(result.checked for result in self.rules):
            return "error"
        return "passed"

    @property
    def exit_code(self) -> int:
        """0 the contract holds, 1 it is broken, 2 the run says nothing, 130 it was interrupted."""
        if self.interrupted:
            return INTERRUPTED_CODE
        return {"passed": PASSED_CODE, "failed": FAILED_CODE, "error": ERROR_CODE}[self.outcome]
