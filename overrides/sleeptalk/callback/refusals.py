"""What is logged of refused requests: enough to see what is wrong, however many of them come."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LINES: Final = 10
PERIOD: Final = 60.0  # seconds

logger = logging.getLogger("sleeptalk")


class RefusalLog:
    """Logs refusals to `sleeptalk`: for each status at most 10 lines a minute, and how many more there were.

    Each status is counted alone, so that strangers who try keys hide nothing of what the real sender does wrong.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._periods: defaultdict[int, _Period] = defaultdict(_Period)

    def write(self, status: int, message: str) -> None:
        """Log one refusal, or count it."""
        period, now = self._periods[status], self._clock()
        if now - period.since >= PERIOD:
            if period.more:
                logger.warning("callback %d: %d more refusals like those above were not logged", status, period.more)
            period.since, period.lines, period.more = now, 0, 0
        if period.lines == LINES:
            period.more += 1
            return
        period.lines += 1
        logger.warning("callback %d: %s", status, message)
        if period.lines == LINES:
            logger.warning("callback %d: for a minute, further refusals with this status are only counted", status)


class _Period:
    """One minute of one status: since when, how many lines were logged, and how many more there were."""

    def __init__(self) -> None:
        self.since = float("-inf")
        self.lines = 0
        self.more = 0
