"""Exceptions that the program's own signal handlers raise in the middle of a call: they are the caller's."""

from __future__ import annotations

import signal
from functools import partial
from traceback import walk_tb
from typing import Any


def raised_by_handler(error: BaseException) -> BaseException | None:
    """Return the exception that a signal handler raised and the HTTP library made this error of, or None.

    A timeout decorator may raise a TimeoutError or another OSError: by its class alone it is a failure of the network,
    and the library raises an error of its own for it. What tells it apart is that it passed through the function that
    handles a signal at present.
    """
    codes = {_code_of(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    found: BaseException | None = error
    while found is not None and not any(frame.f_code in codes for frame, _ in walk_tb(found.__traceback__)):
        found = _origin_of(found)
    return found


def _origin_of(error: BaseException) -> BaseException | None:
    """Return what an error was made of; httpcore keeps it in the arguments alone.

    That is not its context, which may be an exception that the caller was handling before the call.
    """
    kept = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
    return error.__cause__ or kept


def _code_of(handler: Any) -> object:
    """Return the code that runs when a signal comes; None where that is not Python's."""
    while isinstance(handler, partial):
        handler = handler.func
    if not callable(handler):
        return None
    return getattr(handler, "__code__", None) or getattr(type(handler).__call__, "__code__", None)
