"""Trials in several processes at once."""

from __future__ import annotations

import dataclasses
import multiprocessing
import signal
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk_contract.mutation.trials import Proof, Trial

_LOOK_EVERY_SECONDS: Final = 0.2
_stop: Any = None  # in a worker: the event that is set when the user interrupts


class Pool:
    """Runs trials in `jobs` processes, until it is interrupted."""

    def __init__(self, jobs: int, *, against_schemathesis: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self._event = context.Event()
        self._against_schemathesis = against_schemathesis
        self._executor = ProcessPoolExecutor(jobs, context, initializer=_prepare, initargs=(self._event,))

    @property
    def interrupted(self) -> bool:
        """Whether `interrupt` was called."""
        return self._event.is_set()

    def interrupt(self) -> None:
        """End the running trials and start no more; may be called from a signal handler."""
        self._event.set()

    def prove(self, trials: Sequence[Trial]) -> Iterator[Proof]:
        """Yield the proof of each trial as soon as it is complete; when interrupted, only of complete ones.

        Raises UsageError when a process dies.
        """
        pending: set[Future[Proof]] = {
            self._executor.submit(_make, trial, against_schemathesis=self._against_schemathesis) for trial in trials
        }
        try:
            while pending and not self.interrupted:
                done, pending = wait(pending, _LOOK_EVERY_SECONDS, FIRST_COMPLETED)
                for future in done:
                    proof = future.result()
                    if not self.interrupted:
                        yield proof
        except BrokenProcessPool as error:
            raise UsageError("A process that runs trials died: try again with fewer --jobs.") from error
        finally:
            self._executor.shutdown(cancel_futures=True)


def _prepare(event: Any) -> None:
    """Set up a worker: signals are left to the process that the user started."""
    global _stop  # noqa: PLW0603  # a process has one
    _stop = event
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    from sleeptalk_contract.fuzzing.engine import use_cache_folder  # noqa: PLC0415  # heavy, and only workers need it

    use_cache_folder()


def _make(trial: Trial, *, against_schemathesis: bool) -> Proof:
    """Run one trial, in a worker."""
    from sleeptalk_contract.mutation.plain import plain  # noqa: PLC0415  # heavy, and only workers need it
    from sleeptalk_contract.mutation.trying import tried  # noqa: PLC0415  # heavy, as well

    proof = tried(trial, _stop.is_set)
    return dataclasses.replace(proof, plain=plain(trial)) if against_schemathesis and not _stop.is_set() else proof
