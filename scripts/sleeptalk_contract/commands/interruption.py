"""Signals: a run that is killed ends at once and still reports what it has found."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(abort: Callable[[], None]) -> Iterator[None]:
    """Call `abort` on SIGINT or SIGTERM instead of dying, as often as they come.

    Only the main thread of a process may set handlers; elsewhere this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        abort()

    before = {each: signal.signal(each, handle) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def give_up() -> None:
    """End what is under way where it stands: for `interruptible`, as long as there is nothing to report."""
    raise KeyboardInterrupt


def on_signal(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], None]) -> None:
    """Call something in the loop when a signal comes, also on Windows, whose loop takes no handlers."""
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
