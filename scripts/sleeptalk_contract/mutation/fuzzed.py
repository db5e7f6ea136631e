"""A trial by the fuzzer: a service or a receiver with one fault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.mutation.proof import Proof, Sighting
from sleeptalk_contract.mutation.serving import served

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.mutation.trials import Trial

MOST_SECONDS: Final = 60.0
"""What a trial may take; a fault that is not found by then has survived."""

_SECONDS_AFTER_NAMING: Final = 10.0
"""A fault that makes the implementation slow is not waited for once it is named."""


class Watch:
    """Follows a run: when it names the rule, and when it has seen enough.

    Once the rule is named, the run ends with the particular requests: they reach every known id and every refusal, so
    that rules which fail beside it are seen, and generated requests would only find the same again.
    """

    def __init__(self, rule: str, control: Control, stopping: Callable[[], bool]) -> None:
        self._rule = rule
        self._control = control
        self._stopping = stopping
        self._started = time.monotonic()
        self._broken = 0
        self.run: Run | None = None
        self.first: Sighting | None = None

    def phase(self, name: str) -> None:
        """Hear that a phase begins."""
        if name != "rules" and self.first is not None:
            self._control.event.set()

    def exchanged(self, requests: int, broken: int) -> None:
        """Hear that another exchange was judged."""
        seconds = time.monotonic() - self._started
        if broken != self._broken and self.first is None:
            self._broken = broken
            if self._rule in found_by(self.run):
                self.first = Sighting(requests, seconds)
        named_long_ago = self.first is not None and seconds - self.first.seconds > _SECONDS_AFTER_NAMING
        if named_long_ago or self._stopping():
            self._control.event.set()


def found_by(run: Run | None) -> tuple[str, ...]:
    """Name the rules that a run has seen broken so far."""
    return () if run is None else tuple(result.rule.id for result in run.report().of("failed"))


def fuzzed(trial: Trial, stopping: Callable[[], bool]) -> Proof:
    """Fuzz a trial's implementation; `stopping` tells whether to end at once."""
    started = time.monotonic()
    control = Control(MOST_SECONDS)
    watch = Watch(trial.rule, control, stopping)
    with served(trial) as plan, Run(plan, control, watch) as run:
        watch.run = run
        try:
            run.preflight()
            run.execute()
        except UsageError as error:
            return Proof(trial, (), None, 0, time.monotonic() - started, error.format_message())
    report = run.report()
    problem = " ".join(report.problems) if trial.is_honest else ""
    return Proof(trial, found_by(run), watch.first, report.requests, time.monotonic() - started, problem)
