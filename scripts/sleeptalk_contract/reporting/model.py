"""The results of a run, as values that every kind of report is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NotRequired, TypedDict

from sleeptalk_contract.contract.catalogue import Rule

RuleOutcome = Literal["passed", "failed", "not-exercised"]
Outcome = Literal["passed", "failed", "error"]

PASSED_CODE: Final = 0
FAILED_CODE: Final = 1
ERROR_CODE: Final = 2
INTERRUPTED_CODE: Final = 130

BEYOND: Final = "beyond"
"""What reports call the findings that belong to no rule, where others have the id of a rule."""

NOTHING_EXERCISED: Final = "No rule was exercised."
"""The problem of a run that judged nothing."""

MOST_FINDINGS: Final = 3
"""Different findings that are kept of one rule; more of them show little more."""

VERDICTS: Final[Mapping[Outcome, str]] = {
    "passed": "the contract holds",
    "failed": "the contract is broken",
    "error": "no verdict on the contract",
}
"""The verdict of a run in words, without a full stop."""


class ExchangeRecord(TypedDict):
    """An exchange as a JSON object without keys (see cases.py): `key` is the kind of the sent key (see keys.py)."""

    target: str
    operation: NotRequired[str]  # absent from reports of earlier versions
    intent: str
    method: str
    url: str
    key: str
    key_header: NotRequired[str]  # as above; empty where the target asks for no key
    headers: dict[str, str]
    body: str | dict[str, str] | None
    status: int | None
    failure: str | None
    seconds: float
    answer_headers: dict[str, str]
    answer: str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a rule was seen broken, or what was found beyond the rules.

    `location` is a JSON Pointer into the body, or "status", or "header retry-after", empty for the exchange as a whole.
    `reproduce` is a curl command with the key left out. `case` is None where a report was read without its cases.
    """

    message: str
    location: str
    reproduce: str
    case: ExchangeRecord | None = None

    @property
    def text(self) -> str:
        """Where it was found, and what."""
        return f"{self.location}: {self.message}" if self.location else self.message


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why the user's baseline accepts the findings of a rule, and until when (an ISO date)."""

    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule.

    `checked` counts the exchanges that exercised it, `broken` those of them that broke it; `findings` are a few
    different ones. `hint` is how a rule that was not exercised can be exercised, or, for one that failed, that the
    baseline no longer accepts it; empty otherwise.
    """

    rule: Rule
    checked: int
    broken: int = 0
    findings: tuple[Finding, ...] = ()
    hint: str = ""
    accepted: Acceptance | None = None

    @property
    def outcome(self) -> RuleOutcome:
        """Whether the rule was kept; one that was not exercised did not pass."""
        if self.broken:
            return "failed"
        return "passed" if self.checked else "not-exercised"

    def fails(self, *, strict: bool) -> bool:
        """Whether the rule makes the run fail."""
        return self.outcome == "failed" and self.accepted is None and (strict or self.rule.level == "must")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found.

    `url` is what was asked, `seconds` how long it took, `answers` counts (state, status) pairs: the state that a body
    named ("OPEN", "done", ...; "-" without one) and the HTTP status ("none" where no answer came). `stopped` is why
    the run ended early, empty otherwise. `problems` are sentences about the run itself that make it an error;
    `known_ids` were given by the user. `summary` describes the target for people.
    """

    target: str
    url: str
    seed: int
    requests: int
    seconds: float
    rules: tuple[RuleResult, ...]
    beyond: tuple[Finding, ...] = ()
    answers: Mapping[tuple[str, str], int] = field(default_factory=dict)
    strict: bool = False
    shard: str = "1/1"
    stopped: str = ""
    interrupted: bool = False
    problems: tuple[str, ...] = ()
    known_ids: tuple[str, ...] = ()
    summary: str = ""

    def of(self, outcome: RuleOutcome) -> Sequence[RuleResult]:
        """Return the results with one outcome."""
        return [result for result in self.rules if result.outcome == outcome]

    @property
    def outcome(self) -> Outcome:
        """The verdict on the target; "error" where the run allows none."""
        if any(result.fails(strict=self.strict) for result in self.rules) or (self.strict and self.beyond):
            return "failed"
        if self.problems or self.interrupted or not any(result.checked for result in self.rules):
            return "error"
        return "passed"

    @property
    def exit_code(self) -> int:
        """0 the contract holds, 1 it is broken, 2 the run allows no verdict, 130 it was interrupted."""
        if self.interrupted:
            return INTERRUPTED_CODE
        return {"passed": PASSED_CODE, "failed": FAILED_CODE, "error": ERROR_CODE}[self.outcome]
