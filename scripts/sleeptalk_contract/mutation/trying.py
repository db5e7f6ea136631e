"""A trial: the fuzzer is pointed at a provider or receiver with one fault, or listens to a sender with one."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.mutation.trials import Proof, Sighting
from sleeptalk_contract.sandbox.embedded import embedded
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sleeptalk_contract.contract.service import Delivery, Target
    from sleeptalk_contract.mutation.trials import Trial

MOST_SECONDS: Final = 60.0
"""The seconds that a trial may take; a fault that is not found by then has survived."""

_SECONDS_AFTER_NAMING: Final = 10.0
"""Once a fault that slows the implementation down is named, the run does not wait any longer."""

_FIRST: Final = 6
_LAST: Final = 5
"""The beginning and the end of each scenario are delivered; the middle would only repeat them."""


def tried(trial: Trial, stopping: Callable[[], bool]) -> Proof:
    """Run one trial; `stopping` is polled for whether to end at once."""
    return (_listened if trial.is_of_a_sender else _fuzzed)(trial, stopping)


@contextmanager
def served(trial: Trial) -> Iterator[Plan]:
    """Serve a trial's implementation as long as the block lasts, and yield the plan of a run on it."""
    with embedded(trial.target, fault=trial.fault) as its:
        claims = trial.target.all_claims
        yield Plan(
            trial.target,
            its.url,
            its.credentials,
            its.known_ids,
            its.tried_ids,
            seed=trial.seed,
            claims=claims,
            allow_writes=True,
        )


class _Progress:
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
        """Note that a phase begins."""
        if name != "rules" and self.first is not None:
            self._control.event.set()

    def paused(self, seconds: float) -> None:
        """Ignore a pause: a sandbox throttles nobody."""

    def exchanged(self, requests: int, broken: int) -> None:
        """Note that another exchange was judged."""
        seconds = time.monotonic() - self._started
        if broken != self._broken and self.first is None:
            self._broken = broken
            if self._rule in _broken_by(self.run):
                self.first = Sighting(requests, seconds)
        named_long_ago = self.first is not None and seconds - self.first.seconds > _SECONDS_AFTER_NAMING
        if named_long_ago or self._stopping():
            self._control.event.set()


def _broken_by(run: Run | Listener | None) -> tuple[str, ...]:
    """Return the rules found broken so far."""
    if run is None:
        return ()
    report = run.report() if isinstance(run, Run) else run.report("")
    return tuple(result.rule.id for result in report.of("failed"))


def _fuzzed(trial: Trial, stopping: Callable[[], bool]) -> Proof:
    started = time.monotonic()
    control = Control(MOST_SECONDS)
    progress = _Progress(trial.rule, control, stopping)
    with served(trial) as plan, Run(plan, control, progress) as run:
        progress.run = run
        try:
            run.preflight()
            run.execute()
        except UsageError as error:
            return Proof(trial, (), None, 0, time.monotonic() - started, error.format_message())
    report = run.report()
    problem = " ".join(report.reasons) if trial.is_honest else ""
    return Proof(trial, _broken_by(run), progress.first, report.requests, time.monotonic() - started, problem)


def _listened(trial: Trial, stopping: Callable[[], bool]) -> Proof:
    started = time.monotonic()
    listener = listener_of(trial)
    first: Sighting | None = None
    count = 0
    for count in deliveries_heard(trial, listener):
        if first is None and trial.rule in _broken_by(listener):
            first = Sighting(count, time.monotonic() - started)
        if stopping():
            break
    return Proof(trial, _broken_by(listener), first, count, time.monotonic() - started)


def listener_of(trial: Trial) -> Listener:
    """Return what listens to a trial's sender."""
    return Listener(Terms(trial.target, _key_of_the_sandbox(trial.target)))


def deliveries_heard(trial: Trial, listener: Listener) -> Iterator[int]:
    """Let a trial's sender deliver to a listener; yield after each delivery how many there were."""
    display = Display(Console(file=io.StringIO()), trial.target)
    with running(Endpoint(listener, display, None)) as server:
        for count, _ in enumerate(send(_planned(trial), server.url, attempts=1), start=1):
            yield count


def _key_of_the_sandbox(target: Target) -> str | None:
    """Return the key that the sandbox's sender sends, which is the one that its receiver expects."""
    if target.implementation is None or target.key is None:
        return None
    key: str = target.implementation({}).credentials[target.key.header]
    return key


def _planned(trial: Trial) -> Iterator[Delivery]:
    """Yield the deliveries of a trial's sender: of each scenario the beginning and the end."""
    if trial.target.deliveries is None:
        raise UsageError(f"The target {trial.target.name} has no sender in the sandbox.")
    for made in trial.target.deliveries({}, trial.faults).values():
        yield from made if len(made) <= _FIRST + _LAST else (*made[:_FIRST], *made[-_LAST:])
