"""The clock that calls are timed by, and the moment at which a call must be over."""

from __future__ import annotations

import time

import anyio


class Clock:
    """The clock of the system. Tests put another in its place, which does not wait."""

    def monotonic(self) -> float:
        """Return the seconds on a clock that nobody can set back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block for a time."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Wait for a time."""
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
        """Return the timeout, or what is left where that is less. Never 0, which sockets take for 'do not wait'."""
        left = max(self.remaining, 0.001)
        return left if timeout is None else min(timeout, left)
