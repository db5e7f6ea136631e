"""Waiting that a signal ends in any case."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import threading

_AT_A_TIME: Final = 0.5
"""Seconds. A signal that comes in the moment before a thread sleeps is handled only when the thread wakes."""


def wait_for(event: threading.Event, seconds: float | None = None) -> bool:
    """Return whether an event is set, once it is or the seconds are over, with handlers of signals called meanwhile."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        left = _AT_A_TIME if end is None else max(0.0, min(_AT_A_TIME, end - time.monotonic()))
        if event.wait(left) or left == 0:
            return event.is_set()
