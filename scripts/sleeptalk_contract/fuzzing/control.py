"""When a run has to stop, and why."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

from sleeptalk_contract.contract.waiting import wait_for


class StopReason(StrEnum):
    """Why a run ended before all its requests were sent."""

    INTERRUPTED = "interrupted"
    OUT_OF_TIME = "--max-time had passed"
    THROTTLED = "throttling did not end"
    SERVER_GONE = "the server stopped answering"
    SERVER_SLOW = "the server took more than 5 s for ten answers"


MOST_UNANSWERED: Final = 3
"""Requests in a row without an answer after which the server counts as gone."""

SLOW_SECONDS: Final = 5.0
MOST_SLOW: Final = 10
"""Answers that took longer than SLOW_SECONDS before the server counts as slow: the rest would take hours."""


class Control:
    """Decides whether a run may go on. Safe to use from several threads and from a signal handler.

    `max_time` is the time that the run may take in seconds, None for as long as it needs.
    """

    def __init__(self, max_time: float | None = None) -> None:
        self.event = threading.Event()
        self.reason: StopReason | None = None
        self._deadline = None if max_time is None else time.monotonic() + max_time
        self._lock = threading.Lock()
        self._unanswered = 0
        self._ever_answered = False
        self._slow = 0

    def stop(self, reason: StopReason) -> None:
        """End the run; the first reason given is kept."""
        if self.reason is None:
            self.reason = reason
        self.event.set()

    @property
    def stopped(self) -> bool:
        """Whether no further request may be sent."""
        if self._deadline is not None and not self.event.is_set() and time.monotonic() >= self._deadline:
            self.stop(StopReason.OUT_OF_TIME)
        return self.event.is_set()

    @property
    def remaining(self) -> float | None:
        """The seconds that are left of the run's time; None where it may take as long as it needs."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def pause(self, seconds: float) -> bool:
        """Wait, and return whether the run may go on; a run that is to stop does not wait to the end."""
        left = self.remaining
        wait_for(self.event, seconds if left is None else min(seconds, left))
        return not self.stopped

    @contextmanager
    def expiring(self, cut: Callable[[], None]) -> Iterator[None]:
        """Call `cut` when the run's time is up, as long as the block lasts, to end what is under way then."""
        left = self.remaining
        if left is None:
            yield
            return

        def expire() -> None:
            self.stop(StopReason.OUT_OF_TIME)
            cut()

        timer = threading.Timer(left, expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def note(self, *, answered: bool, hung_up: bool, seconds: float) -> None:
        """Count requests without an answer and slow ones; too many end the run.

        A server that drops some requests but accepts the next connection is alive, if it ever answered: what else it
        answers is worth testing.
        """
        with self._lock:
            self._ever_answered = self._ever_answered or answered
            self._unanswered = 0 if answered or (hung_up and self._ever_answered) else self._unanswered + 1
            self._slow += answered and seconds > SLOW_SECONDS
            gone, slow = self._unanswered >= MOST_UNANSWERED, self._slow >= MOST_SLOW
        if gone:
            self.stop(StopReason.SERVER_GONE)
        if slow:
            self.stop(StopReason.SERVER_SLOW)
