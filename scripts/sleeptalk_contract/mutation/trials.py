"""Trials and their results: every fault of the services, and the honest implementations."""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault, Service
from sleeptalk_contract.contract.usage import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Target

HONEST: Final = "honest"


@dataclass(frozen=True, slots=True)
class Trial:
    """One implementation to be tried, named so that another process can build it.

    `module` is where the service's value stands, `group` the group of rules that is tried. `rule` and `name` are those
    of the fault; the honest implementation has no rule, and its `name` is "honest". `label` is the target's name where
    targets share rules, so that names of trials differ.
    """

    module: str
    group: str
    rule: str
    name: str
    summary: str
    seed: int
    label: str = ""

    @property
    def full_name(self) -> str:
        """The fault's full name, such as "session.shape:stat-key-missing", or the group and "honest".

        After the label, where there is one.
        """
        return f"{self.label} {self._name}".lstrip()

    def is_called(self, name: str) -> bool:
        """Whether its fault is called so: rule or full name, a pattern of either, or the full name after the label."""
        return _fits(self.rule, [name]) or _fits(self._name, [name]) or self.full_name == name

    @property
    def _name(self) -> str:
        return f"{self.rule or self.group}:{self.name}"

    @property
    def is_honest(self) -> bool:
        """Whether the implementation is honest, so that nothing may be found."""
        return not self.rule

    @property
    def service(self) -> Service:
        """The service that is tried."""
        service = importlib.import_module(self.module).SERVICE
        if not isinstance(service, Service):
            raise TypeError(f"{self.module}.SERVICE is not a service.")
        return service

    @property
    def target(self) -> Target:
        """The target that the group of rules is about: the one of the label, where several have the group."""
        named = (target for target in self.service.targets if target.name == self.label)
        return next(named, None) or self.service.target_of(self.group)

    @property
    def is_of_a_sender(self) -> bool:
        """Whether deliveries are judged, not answers."""
        return self.target.role_of(self.group) == "sender"

    @property
    def fault(self) -> Fault | None:
        """The fault; None for an honest implementation."""
        return next(iter(self.service.faults_named(self._name)), None)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The fault as a sequence, empty for an honest implementation."""
        return () if self.fault is None else (self.fault,)


@dataclass(frozen=True, slots=True)
class Sighting:
    """When something was found: after how many requests and seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plain:
    """The result of plain schemathesis for the same trial.

    `killed` is whether it found something that it does not find in the honest implementation; None where it cannot be
    asked (for a sender) and where it did not end within a minute. `seconds` is how long it took, `found` names what it
    found.
    """

    killed: bool | None
    seconds: float = 0.0
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """The fuzzer's result for one trial.

    `found` are the rules that it called broken. `first` is when it named the right one, None when it did not.
    `requests` and `seconds` are of the whole trial. `problem` is why it could not run; empty otherwise.
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
        """The other rules that were found broken."""
        return tuple(rule for rule in self.found if rule != self.trial.rule)

    @property
    def holds(self) -> bool:
        """Whether the trial succeeded: the fault named, or nothing found in the honest implementation."""
        return not self.problem and (not self.killed if self.trial.is_honest else self.named)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        value: dict[str, Any] = {
            "rule": self.trial.rule or None,
            "fault": self.trial.full_name,
            "summary": self.trial.summary,
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


def trials(services: Sequence[Service], wanted: Sequence[str], seed: int, honest_seeds: int) -> list[Trial]:
    """Return the trials for some rules (ids, or full names of single faults, or patterns of either), or for all.

    Where targets share rules, a fault's name may stand after that of its target: "asleep session.id-echoed:other-id".

    They are in the catalogue's order. With each group of rules come its honest implementations, one for each of
    `honest_seeds` seeds from `seed` on. Raises UsageError for a name that is neither a rule's nor a fault's.
    """
    labels = _labels(services)
    every = [
        Trial(
            service.module,
            rule.group,
            rule.id,
            fault.name,
            fault.summary,
            seed,
            labels.get((target.name, rule.group), ""),
        )
        for service in services
        for target in service.targets
        for rule in target.rules.values()
        for fault in service.faults_named(rule.id)
    ]
    rules = [rule for service in services for target in service.targets for rule in target.rules]
    for name in wanted:
        if not any(_fits(rule, [name]) for rule in rules) and not any(trial.is_called(name) for trial in every):
            names = [*rules, *(trial.full_name for trial in every)]
            advice = did_you_mean(name, names, f"write it as {rules[0]}.")
            raise UsageError(f"--rule {name!r} is neither a rule of the catalogue nor a fault: {advice}")
    broken = [trial for trial in every if not wanted or any(map(trial.is_called, wanted))]
    groups = dict.fromkeys((trial.module, trial.group, trial.label) for trial in broken)
    seeds = range(seed, seed + honest_seeds)
    honest = [
        Trial(module, group, "", HONEST, "breaks nothing", each, label)
        for module, group, label in groups
        for each in seeds
    ]
    return honest + broken


def rules_without_faults(services: Sequence[Service], wanted: Sequence[str]) -> list[str]:
    """Return the rules, of those that are wanted or of all, that no fault breaks: nothing can be proven about them.

    Where targets share rules, after the name of the target.
    """
    labels = _labels(services)
    return [
        f"{labels.get((target.name, rule.group), '')} {rule.id}".lstrip()
        for service in services
        for target in service.targets
        for rule in target.rules.values()
        if (not wanted or _fits(rule.id, wanted)) and not service.faults_named(rule.id)
    ]


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _labels(services: Sequence[Service]) -> dict[tuple[str, str], str]:
    """Return the names of targets, by (target, group), of those groups of rules that several targets have."""
    held = [(target.name, group.name) for service in services for target in service.targets for group in target.groups]
    count = Counter(group for _, group in held)
    return {(target, group): target for target, group in held if count[group] > 1}
