"""The lines of the sandbox about the requests that it gets, printed beside the serving."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.redaction import escaped, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.sandbox.web import Answered

MOST_WAITING: Final = 1000
"""Lines that wait to be printed; those of further requests are left out and counted."""

_LONGEST_METHOD: Final = 20
_LONGEST_PATH: Final = 200
_END_SECONDS: Final = 2.0


class RequestLog:
    """Prints a line for each request, on a thread of its own: who does not read the output never stops the server."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Answered | None] = queue.Queue(MOST_WAITING)
        self._left_out = 0
        self._thread = threading.Thread(target=self._print, name="request-log", daemon=True)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Print as long as the block lasts, and what waits at its end for as long as two seconds."""
        self._thread.start()
        try:
            yield
        finally:
            try:
                self._waiting.put(None, timeout=_END_SECONDS)
                self._thread.join(_END_SECONDS)
            except queue.Full:
                pass  # nobody reads: the thread ends with the process

    def note(self, answered: Answered) -> None:
        """Have the line about a request printed. Never waits."""
        try:
            self._waiting.put_nowait(answered)
        except queue.Full:
            self._left_out += 1

    def _print(self) -> None:
        while (answered := self._waiting.get()) is not None:
            left_out, self._left_out = self._left_out, 0
            try:
                if left_out:
                    say(f"... the lines of {left_out} requests were left out: they came faster than they were read.")
                say(line(answered))
            except (OSError, ValueError):  # the reader of the output has gone: the sandbox serves on
                return


def line(answered: Answered) -> str:
    """Return the line about a request: "GET /path 200", and the faults that changed the answer, without the query."""
    method = escaped(shortened(answered.method, _LONGEST_METHOD))
    path = escaped(shortened(answered.path, _LONGEST_PATH))
    broken = ", ".join(fault.full_name for fault in answered.faults)
    return f"{method} {path} {answered.status}{f'  breaks {broken}' if broken else ''}"
