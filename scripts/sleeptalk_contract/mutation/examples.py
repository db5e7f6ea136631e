"""An example of a break: what the sandbox with a fault shows of the rule that it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.mutation.trying import deliveries_heard, listener_of, served

if TYPE_CHECKING:
    from sleeptalk_contract.mutation.trials import Trial
    from sleeptalk_contract.reporting.model import Finding, Report

_MOST_SECONDS = 20.0


class _UntilBroken:
    """Ends a run as soon as one rule is broken in it."""

    def __init__(self, rule: str, control: Control) -> None:
        self._rule = rule
        self._control = control
        self._broken = 0
        self.run: Run | None = None

    def phase(self, name: str) -> None:
        """Let a phase begin."""

    def paused(self, seconds: float) -> None:
        """Ignore a pause: a sandbox throttles nobody."""

    def exchanged(self, requests: int, broken: int) -> None:  # noqa: ARG002  # the protocol's
        """End the run where the rule is broken."""
        if broken != self._broken and self.run is not None and _first(self.run.report(), self._rule) is not None:
            self._control.event.set()
        self._broken = broken


def example(trial: Trial) -> Finding | None:
    """Return the first finding about the rule of a trial; None where none came within 20 seconds."""
    if trial.is_of_a_sender:
        listener = listener_of(trial)
        for _ in deliveries_heard(trial, listener):
            found = _first(listener.report(""), trial.rule)
            if found is not None:
                return found
        return None
    control = Control(_MOST_SECONDS)
    progress = _UntilBroken(trial.rule, control)
    with served(trial) as plan, Run(plan, control, progress) as run:
        progress.run = run
        try:
            run.preflight()
            run.execute()
        except UsageError:  # the fault breaks even what a run begins with
            return _first(run.report(), trial.rule)
    return _first(run.report(), trial.rule)


def _first(report: Report, rule: str) -> Finding | None:
    return next((each for result in report.rules if result.rule.id == rule for each in result.findings), None)
