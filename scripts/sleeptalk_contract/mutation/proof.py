"""What came of one trial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sleeptalk_contract.mutation.trials import Trial


@dataclass(frozen=True, slots=True)
class Sighting:
    """When something was found: after so many requests and seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plain:
    """What plain schemathesis made of the same trial.

    `killed` tells whether it found something that it does not find at the honest implementation; None where it cannot
    be asked (for a sender) and where it came to no end in a minute. `seconds` is how long it took, `found` names what
    it found.
    """

    killed: bool | None
    seconds: float = 0.0
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What the fuzzer made of one trial.

    `found` are the rules that it called broken. `first` is when it named the right one, None when it did not.
    `requests` and `seconds` are of the whole trial. `problem` says why it could not be made; empty otherwise.
    """

    trial: Trial
    found: tuple[str, ...]
    first: Sighting | None
    requests: int
    seconds: float
    problem: str = ""
    plain: Plain | None = None

    @property
    def killed(self) -> bool:
        """Whether anything was found."""
        return bool(self.found)

    @property
    def named(self) -> bool:
        """Whether the broken rule was named."""
        return self.trial.rule in self.found

    @property
    def others(self) -> tuple[str, ...]:
        """The rules that were called broken beside it."""
        return tuple(rule for rule in self.found if rule != self.trial.rule)

    @property
    def holds(self) -> bool:
        """Whether the trial came out as it should: the fault named, or nothing found at the honest implementation."""
        return not self.problem and (not self.killed if self.trial.is_honest else self.named)

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        value: dict[str, Any] = {
            "rule": self.trial.rule or None,
            "fault": self.trial.full_name,
            "says": self.trial.says,
            "seed": self.trial.seed,
            "killed": self.killed,
            "named": None if self.trial.is_honest else self.named,
            "others": list(self.others),
            "first": None
            if self.first is None
            else {"requests": self.first.requests, "seconds": round(self.first.seconds, 3)},
            "requests": self.requests,
            "seconds": round(self.seconds, 3),
            "problem": self.problem or None,
        }
        if self.plain is not None:
            value["schemathesis"] = {
                "killed": self.plain.killed,
                "seconds": round(self.plain.seconds, 3),
                "found": list(self.plain.found),
            }
        return value
