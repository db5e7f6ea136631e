"""The results of a run, as values that every kind of report is made from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NotRequired, TypedDict

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.reporting.grouping import following

RuleOutcome = Literal["passed", "failed", "not-exercised", "excluded"]
Outcome = Literal["passed", "failed", "error"]
RunVerdict = Literal["passed", "passed-in-part", "broken", "inconclusive"]

PASSED_CODE: Final = 0
FAILED_CODE: Final = 1
ERROR_CODE: Final = 2
INTERRUPTED_CODE: Final = 130

BEYOND: Final = "beyond"
"""What reports call the findings that belong to no rule, where others have the id of a rule."""

NOTHING_EXERCISED: Final = "No rule was exercised."
"""The problem of a run that judged nothing."""

MOST_FINDINGS: Final = 10
"""Different findings that are kept of one rule; more of them show little more."""

_OUTCOMES: Final[Mapping[RunVerdict, Outcome]] = {
    "passed": "passed",
    "passed-in-part": "passed",
    "broken": "failed",
    "inconclusive": "error",
}
_EXIT_CODES: Final[Mapping[Outcome, int]] = {"passed": PASSED_CODE, "failed": FAILED_CODE, "error": ERROR_CODE}
_MOST_NAMED: Final = 6
"""Rules that one sentence names."""


class ExchangeRecord(TypedDict):
    """An exchange as a JSON object without keys (see cases.py): `key` is the kind of the sent key (see keys.py)."""

    target: str
    role: NotRequired[str]  # this and the other two: absent from reports of earlier versions
    operation: NotRequired[str]
    intent: str
    method: str
    url: str
    key: str
    key_header: NotRequired[str]  # empty where the target asks for no key
    added: NotRequired[list[str]]  # names of headers that the user adds to every request
    headers: dict[str, str]
    body: str | dict[str, str] | None
    cut: NotRequired[int]  # the bytes of a request of which only a part is kept
    status: int | None
    failure: str | None
    seconds: float
    answer_headers: dict[str, str]
    answer: str | dict[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a rule was seen broken, or what was found beyond the rules.

    `location` is a JSON Pointer into the body, or "status", or "header retry-after", empty for the exchange as a whole.
    `message` follows it. `places` are all places of which the exchange shows the same, and `sentence` says it of all;
    empty in reports of earlier versions. `reproduce` is a curl command with the key left out, which may name a file of
    the report; of a delivery to us it says what was received. `case` is None where a report was read without its cases.
    It was seen `times` times, in exchanges of these `intents`.
    """

    message: str
    location: str
    reproduce: str
    case: ExchangeRecord | None = None
    sentence: str = ""
    places: tuple[str, ...] = ()
    times: int = 1
    intents: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Where it was found, and what, as one sentence without a full stop."""
        return self.sentence or following(self.location, self.message)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why the user's baseline accepts the findings of a rule, and until when (an ISO date)."""

    reason: str
    expires: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """The result of one rule.

    `checked` counts the exchanges that exercised it, `broken` those of them that broke it; `findings` are a few
    different ones. `hint` is how a rule that was not exercised can be exercised, or, for one that failed, why the
    baseline does not accept it; empty otherwise. An `excluded` one is not judged: the user does not want it. `places`
    are where it was broken, as a baseline names them.
    """

    rule: Rule
    checked: int
    broken: int = 0
    findings: tuple[Finding, ...] = ()
    hint: str = ""
    accepted: Acceptance | None = None
    excluded: bool = False
    places: tuple[str, ...] = ()

    @property
    def outcome(self) -> RuleOutcome:
        """Whether the rule was kept; one that was not exercised, or is excluded, did not pass."""
        if self.excluded:
            return "excluded"
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

    `successes` counts honest successes and `throttled` the answers about too many requests (see Verdict); `unjudged`
    counts requests that were throttled or got no answer although the run was to judge what is answered. `required` has
    the ids of the rules that have to be exercised.

    `started` is when, in UTC, and `version` that of this program; None and "" where they are not known. `stale` are
    sentences about entries of the baseline that the run had no use for. Of a `partial` report whole shards are missing.
    `passed_over` counts exchanges of recorded traffic that were not judged, by why, in words that follow them.
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
    successes: int = 0
    throttled: int = 0
    unjudged: int = 0
    required: tuple[str, ...] = ()
    started: dt.datetime | None = None
    version: str = ""
    stale: tuple[str, ...] = ()
    partial: bool = False
    passed_over: Mapping[str, int] = field(default_factory=dict)

    def of(self, outcome: RuleOutcome) -> Sequence[RuleResult]:
        """Return the results with one outcome."""
        return [result for result in self.rules if result.outcome == outcome]

    @property
    def verdict(self) -> RunVerdict:
        """The verdict on the target: a run that saw too little to pass is inconclusive.

        It is passed in part where a `must` rule was not exercised, or is excluded. A partial one allows none.
        """
        if self._is_broken and not self.partial:
            return "broken"
        if self.interrupted or self.reasons:
            return "inconclusive"
        whole = all(result.checked for result in self.rules if result.rule.level == "must")
        return "passed" if whole else "passed-in-part"

    @property
    def headline(self) -> str:
        """The verdict in words, without a full stop and in lower case."""
        excluded = len(self.of("excluded"))
        exercised = len(self.rules) - len(self.of("not-exercised")) - excluded
        left_out = f", {excluded} excluded" if excluded else ""
        words: Mapping[RunVerdict, str] = {
            "passed": f"the contract holds{self._exceptions}",
            "passed-in-part": f"no rule broken{self._exceptions}; {exercised} of {len(self.rules)} exercised{left_out}",
            "broken": "the contract is broken",
            "inconclusive": "inconclusive: no verdict on the contract",
        }
        return words[self.verdict]

    @property
    def title(self) -> str:
        """The headline with a capital letter."""
        return self.headline[0].upper() + self.headline[1:]

    @property
    def _exceptions(self) -> str:
        """Which rules are broken although the run passes, as words that follow its verdict."""
        failed = self.of("failed")
        accepted = sum(result.accepted is not None for result in failed)
        counts = {"that the baseline accepts": accepted, "at level should": len(failed) - accepted}
        words = " and ".join(f"{count} {which}" for which, count in counts.items() if count)
        return f", except for {words}" if words else ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the run allows no verdict, in sentences: its problems, or else one about what it did not see.

        A broken rule needs no more than its problems, and an interrupted run could not see everything.
        """
        if self.problems or self.interrupted or self._is_broken:
            return self.problems
        gap = self._gap
        return (gap,) if gap else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said about the run beside its verdict, in sentences.

        A part of a run, or one that ended early, cannot say what the whole would have found.
        """
        passed_over = tuple(
            f"Not judged: {count} {'exchange' if count == 1 else 'exchanges'} {reason}."
            for reason, count in self.passed_over.items()
        )
        return passed_over + (self.stale if self.shard == "1/1" and not (self.interrupted or self.stopped) else ())

    @property
    def outcome(self) -> Outcome:
        """The verdict as exit codes have it: "passed" also in part, "error" where it is inconclusive."""
        return _OUTCOMES[self.verdict]

    @property
    def exit_code(self) -> int:
        """0 nothing is broken, 1 the contract is broken, 2 the run is inconclusive, 130 it was interrupted."""
        return INTERRUPTED_CODE if self.interrupted and not self.partial else _EXIT_CODES[self.outcome]

    @property
    def _is_broken(self) -> bool:
        return any(result.fails(strict=self.strict) for result in self.rules) or (self.strict and bool(self.beyond))

    @property
    def _gap(self) -> str:
        """What keeps a run without a broken rule from passing, as a sentence; empty where nothing does."""
        if self.unjudged:
            return (
                f"{self.unjudged} of {self.requests} requests were throttled (429, or 403 about a limit) or got no"
                " answer, so that nothing was seen of them: run it again where each is answered."
            )
        if not any(result.checked for result in self.rules):
            return NOTHING_EXERCISED
        if not self.successes:
            return (
                f"No honest success was seen: no documented 2xx in {self.requests} answers. Give what is named under"
                " the rules that were not exercised."
            )
        missing = [result.rule.id for result in self.of("not-exercised") if result.rule.id in self.required]
        if not missing or self.shard != "1/1":  # the other shards may exercise it: merging them decides
            return ""
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        return f"--require asks for what was not exercised: {', '.join(missing[:_MOST_NAMED])}{more}."
