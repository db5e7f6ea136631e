"""The clock that calls are timed by, and the moment at which a call must be over."""

from __future__ import annotations

import time

import anyio


class Clock:
    """The clock of the system. Tests replace it by one that does not wait."""

    def monotonic(self) -> float:
        """Return the seconds of a monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep, blocking the thread."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Sleep without blocking."""
        await anyio.sleep(seconds)


SYSTEM_CLOCK = Clock()


class Deadline:
    """Counts down from `seconds`."""

    __slots__ = ("_end", "clock", "seconds")

    def __init__(self, seconds: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self.seconds = seconds
        self.clock = clock
        self._end = clock.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 once it has passed."""
        return max(0.0, self._end - self.clock.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0

    def limit(self, timeout: float | None) -> float:
        """Return the timeout, or what is left where that is less. Never 0, which means 'do not wait' to a socket."""
        left = max(self.remaining, 0.001)
        return left if timeout is None else min(timeout, left)
