"""The catalogue: every sentence of the sources that can be kept or broken, one id each (`openapi/rules.yaml`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from sleeptalk_contract.contract.documents import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"asleep": ("session",), "phonexia": ("analysis",), "callback": ("receiver", "callback")}
)
"""The groups of rules that each target is judged by: "callback" means a receiver and what a sender delivers to it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    `level` is "must" (breaking it fails a run) or "should" (shown as a warning). `where` tells who enforces it: the
    document ("schema"), numbers compared with each other ("arithmetic") or particular requests ("exchange").
    `source` names the page and section that says it, `says` is the sentence.
    """

    id: str
    level: Literal["must", "should"]
    where: Literal["schema", "arithmetic", "exchange"]
    source: str
    says: str

    @property
    def group(self) -> str:
        """The part of the id before the dot: "session", "callback", "receiver" or "analysis"."""
        return self.id.partition(".")[0]


@cache
def catalogue() -> Mapping[str, Rule]:
    """Give every rule by id, in the catalogue's order."""
    groups: dict[str, list[dict[str, str]]] = read_yaml("rules")
    rules = (Rule(**entry) for entries in groups.values() for entry in entries)  # type: ignore[arg-type]  # literals
    return MappingProxyType({rule.id: rule for rule in rules})


def rules_of(*groups: str) -> tuple[Rule, ...]:
    """Give the rules of the named groups, in the catalogue's order."""
    return tuple(rule for rule in catalogue().values() if rule.group in groups)


def rules_for(target: str) -> tuple[Rule, ...]:
    """Give the rules that a target ("asleep", "phonexia" or "callback") is judged by."""
    return rules_of(*GROUPS[target])
