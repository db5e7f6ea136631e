"""The plan of a run, and the part of it that this process does.

Every shard makes the same requests in the same order and sends each N-th of them, so the shards of a run never send the
same request and leave none out.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sleeptalk_contract.contract.access import Access
from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.baseline import Baseline
from sleeptalk_contract.reporting.selection import Selection

DEFAULT_MAX_EXAMPLES: Final = 100
"""Requests that the generating phase makes at most; those that are like one before are not sent."""

_SHARD_NUMBER: Final = re.compile("[1-9][0-9]{0,3}")

_VARIABLES = (  # name of the index, first index, name of the total
    ("CI_NODE_INDEX", 1, "CI_NODE_TOTAL"),  # GitLab
    ("CIRCLE_NODE_INDEX", 0, "CIRCLE_NODE_TOTAL"),
    ("BUILDKITE_PARALLEL_JOB", 0, "BUILDKITE_PARALLEL_JOB_COUNT"),
    ("JOB_COMPLETION_INDEX", 0, ""),  # Kubernetes gives a pod its index, not the number of pods
)


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard number `index` (from 1) of `total`."""

    index: int = 1
    total: int = 1

    def takes(self, ordinal: int) -> bool:
        """Whether the request with this number (from 0) is sent by this shard."""
        return ordinal % self.total == self.index - 1

    def __str__(self) -> str:
        return f"{self.index}/{self.total}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a run.

    `credentials` are header values by header. `known_ids` are answered with success by the implementation;
    `tried_ids` are asked for like them without that promise. `judge_sender` adds the deliveries of the sandbox's
    own sender. `request_timeout` is in seconds. `workers` is how many requests may be under way at once, `rate` how
    many are sent per second at most, None for as many as the implementation takes. `required` has the ids of the
    rules that have to be exercised; `selection` says which rules are judged. `claims` are the options by which the
    user has said something about the implementation. Nothing that may create, change or delete something is sent
    unless the user allows it (`allow_writes`).
    """

    target: Target
    url: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()
    seed: int = 0
    max_examples: int = DEFAULT_MAX_EXAMPLES
    request_timeout: float = 10.0
    rate: float | None = None
    shard: Shard = field(default_factory=Shard)
    strict: bool = False
    judge_sender: bool = False
    baseline: Baseline = field(default_factory=Baseline)
    required: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
    workers: int = 1
    access: Access = field(default_factory=Access)
    claims: frozenset[str] = frozenset()
    allow_writes: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that are asked for: those that are known first."""
        return self.known_ids + self.tried_ids

    @property
    def named(self) -> tuple[str, ...]:
        """What the user has named of what exists: ids, and who has them. Nothing that writes is sent about it."""
        others = (each.header for each in self.target.credentials if not each.secret)
        return (*self.ids, *(self.credentials[header] for header in others if header in self.credentials))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the run judges: those about a sender only where its deliveries are judged."""
        about_others = {rule.id for rule in self.target.rules_about("sender")} if not self.judge_sender else set()
        return tuple(rule for rule in self.target.rules.values() if rule.id not in about_others)

    @property
    def judges_deliveries(self) -> bool:
        """Whether the deliveries of the sandbox's own sender are judged: by a rule that the user wants to know of."""
        about_the_sender = {rule.id for rule in self.target.rules_about("sender")}
        return self.judge_sender and not about_the_sender <= self.selection.excluded

    @property
    def key(self) -> str | None:
        """The API key; None without one."""
        credential = self.target.key
        return None if credential is None else self.credentials.get(credential.header)

    @property
    def knowledge(self) -> Knowledge:
        """What the user knows of the implementation."""
        return Knowledge(self.credentials, frozenset(self.known_ids), self.claims, self.allow_writes)


def read_shard(text: str | None, environment: Mapping[str, str] = os.environ) -> Shard:
    """Read `I/N`, `auto/N` (the index comes from the CI system) or `auto` (both do); None means the whole run.

    Raises UsageError when the text or the environment does not name a shard.
    """
    if text is None:
        return Shard()
    index_text, _, total_text = text.partition("/")
    if index_text == "auto":
        return _from_environment(total_text, environment)
    return _shard(index_text, total_text, f"--shard {text}")


def _from_environment(total_text: str, environment: Mapping[str, str]) -> Shard:
    for index_name, first, total_name in _VARIABLES:
        total = total_text or environment.get(total_name, "")
        if index_name in environment and total:
            index = environment[index_name]
            counted = str(int(index) - first + 1) if index.isdecimal() else index
            return _shard(counted, total, f"{index_name}={index} of {total}")
    names = ", ".join(name for name, _, _ in _VARIABLES)
    raise UsageError(
        f"--shard auto finds no index in the environment ({names}); pass it as --shard I/N, or the number of shards"
        " as --shard auto/N."
    )


def _shard(index: str, total: str, source: str) -> Shard:
    numbers = (_SHARD_NUMBER.fullmatch(index), _SHARD_NUMBER.fullmatch(total))
    if not all(numbers) or not 1 <= int(index) <= int(total):
        raise UsageError(f"{source} is not a shard: write I/N with 1 <= I <= N <= 9999, such as --shard 2/4.")
    return Shard(int(index), int(total))
