"""What is tried: every fault of the sandbox, of its sender and of its receiver, and the honest ones beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.catalogue import catalogue
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.services.faults import FAULTS
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.sandbox.faults import Fault

HONEST: Final = "honest"
_TARGETS: Final = {group.name: target for service in SERVICES for target in service.targets for group in target.groups}
_BY_NAME: Final[dict[str, Fault]] = {fault.full_name: fault for fault in FAULTS}


@dataclass(frozen=True, slots=True)
class Trial:
    """One implementation to be tried, named so that another process can build it.

    `rule` and `name` are those of the fault; the honest implementation of a group of rules has no rule, and its `name`
    is "honest". `group` is "session", "analysis", "receiver" or "callback" (the sender).
    """

    group: str
    rule: str
    name: str
    says: str
    seed: int

    @property
    def full_name(self) -> str:
        """The fault's full name, such as "session.shape:stat-key-missing", or the group and "honest"."""
        return f"{self.rule or self.group}:{self.name}"

    @property
    def target(self) -> Target:
        """The target of the fuzzer."""
        return _TARGETS[self.group]

    @property
    def is_honest(self) -> bool:
        """Whether nothing is broken, so that nothing may be found."""
        return not self.rule

    @property
    def fault(self) -> Fault | None:
        """What is wrong: a fault of a service, of the sender or of the receiver; None for an honest one."""
        return _BY_NAME.get(self.full_name)


def trials(wanted: Sequence[str], seed: int, honest_seeds: int) -> list[Trial]:
    """Give the trials for some rules (ids, or full names of single faults), or for all, in the catalogue's order.

    With each group of rules come its honest implementations, one for each of `honest_seeds` seeds from `seed` on.
    Raises UsageError for a name that is neither a rule's nor a fault's.
    """
    for name in wanted:
        if name not in catalogue() and name not in _BY_NAME:
            raise UsageError(f"--rule {name!r} is no rule of the catalogue: write it as session.shape.")
    chosen = [fault for fault in _BY_NAME.values() if not wanted or fault.rule in wanted or fault.full_name in wanted]
    order = list(catalogue())
    made = [
        Trial(fault.rule.partition(".")[0], fault.rule, fault.name, fault.summary, seed)
        for fault in sorted(chosen, key=lambda fault: order.index(fault.rule))
    ]
    groups = dict.fromkeys(trial.group for trial in made)
    honest = [Trial(group, "", HONEST, "breaks nothing", seed + n) for group in groups for n in range(honest_seeds)]
    return honest + made
