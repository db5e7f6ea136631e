"""Timers that interrupt a program by a signal, as task queues set them."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

needs_alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers of signals here")


@contextmanager
def alarms_go_to(handler: Callable[..., object]) -> Iterator[None]:
    """Call a handler for each alarm until the block ends."""
    before: Any = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def set_alarm(seconds: float) -> None:
    """Raise an alarm once, after some seconds."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
