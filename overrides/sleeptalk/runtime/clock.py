"""The clock that calls are timed by, and the moment at which a call must be over."""

from __future__ import annotations

import math
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
PIECE = 0.1  # seconds after which what waits looks whether it was stopped


class Deadline:
    """Counts down from `seconds`, except while a call waits for its turn; `waited` is how long that was, in seconds.

    - `outer`: another deadline that this one is never beyond, that of a wait of many calls; it does not stand still.
    """

    __slots__ = ("_end", "_outer", "clock", "seconds", "waited")

    longest_wait: float | None = None
    """The seconds after which whatever a thread waits for is interrupted, to look at the deadline; None for never."""

    def __init__(self, seconds: float, clock: Clock = SYSTEM_CLOCK, outer: Deadline | None = None) -> None:
        self.seconds = seconds
        self.waited = 0.0
        self.clock = clock
        self._outer = outer
        self._end = clock.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 once it has passed."""
        left = max(0.0, self._end - self.clock.monotonic())
        return left if self._outer is None else min(left, self._outer.remaining)

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0

    def limit(self, timeout: float | None) -> float:
        """Return the timeout, or what is left where that is less. Never 0, which means 'do not wait' to a socket."""
        left = max(self.remaining, 0.001)
        return left if timeout is None else min(timeout, left)

    def patience(self, since: float) -> float:
        """Return for how many seconds a call waits on for its turn, where the service was last heard of at `since`."""
        left = since + self.seconds - self.clock.monotonic()
        return left if self._outer is None else min(left, self._outer.remaining)

    def sleep(self, seconds: float) -> None:
        """Sleep, blocking the thread."""
        self.clock.sleep(seconds)

    def waited_for_turn(self, seconds: float) -> None:
        """Put the deadline off by the time that the call has waited for its turn."""
        self.waited += seconds
        self._end += seconds


class StoppableDeadline(Deadline):
    """A deadline that another thread can let pass at once; whatever a call waits for ends soon after."""

    __slots__ = ()

    longest_wait: float | None = PIECE

    def stop(self) -> None:
        """Let the deadline pass."""
        self._end = -math.inf

    def patience(self, since: float) -> float:
        """Return for how many seconds a call waits on for its turn: in short pieces, and no more once it is stopped."""
        return 0.0 if self._end == -math.inf else super().patience(since)

    def sleep(self, seconds: float) -> None:
        """Sleep in short pieces, until the deadline has passed."""
        while seconds > 0 and not self.passed:
            self.clock.sleep(min(seconds, PIECE))
            seconds -= PIECE
