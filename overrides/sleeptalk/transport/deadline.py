"""The moment at which a whole call must be over."""

from __future__ import annotations

import time


class Deadline:
    """Counts down from `seconds`, on a clock that nobody can set back."""

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 once it has passed."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.remaining == 0.0

    def shrunk(self, timeout: float | None) -> float:
        """Give the timeout, or what is left where that is less. Never 0, which sockets take for 'do not wait'."""
        left = max(self.remaining, 0.001)
        return left if timeout is None else min(timeout, left)
