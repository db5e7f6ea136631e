"""Requests over a wire that may be down for a while: an implementation that is restarted is waited for.

A connection that is refused says nothing about a request. Only where a request was cut off by an outage again and again
is it what takes the implementation down.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Protocol

from sleeptalk_contract.fuzzing.control import StopReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk_contract.contract.exchange import Answer, Exchange
    from sleeptalk_contract.fuzzing.control import Control
    from sleeptalk_contract.fuzzing.pace import Pace
    from sleeptalk_contract.fuzzing.request import Request

MOST_OUTAGES: Final = 2
"""Outages that one request may meet; the next one is its own doing."""

LONGEST_OUTAGE: Final = 30.0
"""Seconds after which an implementation that accepts no connections counts as gone."""

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0


class Exchanger(Protocol):
    """What sends: one connection, or several (contract/wire.py)."""

    def exchange(self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes | None) -> Answer:
        """Send one request and read its answer. Raises ValueError for a request that HTTP cannot carry."""
        ...

    def accepts_connections(self) -> bool:
        """Return whether the origin accepts connections."""
        ...


class SteadyWire:
    """Sends requests at the pace of a run, and again after an outage. Safe to use from as many threads as `wire` is.

    `lost` is the request at which the implementation was gone for good, None as long as it is there.
    """

    def __init__(self, wire: Exchanger, pace: Pace, control: Control) -> None:
        self._wire = wire
        self._pace = pace
        self._control = control
        self._lock = threading.Lock()
        self.lost: Request | None = None

    def exchange(self, request: Request) -> Exchange | None:
        """Send one request; None where HTTP cannot carry it, and where the run was stopped before it was answered."""
        outages = 0
        while self._pace.wait():
            try:
                answer = self._wire.exchange(request.method, request.target, request.wire_headers, request.body)
            except ValueError:
                return None
            if answer.status is None and self._control.stopped:
                return None  # cut by the interrupt, which shows nothing about the server
            is_whole = answer.status is not None and not answer.ended_early
            accepts = is_whole or self._wire.accepts_connections()
            if not accepts and outages < MOST_OUTAGES:
                outages += 1
                if not self._is_back():
                    self._lose(request)
                    return None
                continue
            self._control.note(
                answered=answer.status is not None,
                hung_up=answer.failure == "connection" and accepts,
                seconds=answer.seconds,
            )
            return request.answered(answer)
        return None

    def _is_back(self) -> bool:
        """Wait until connections are accepted again; return False where they are not in time."""
        deadline = time.monotonic() + LONGEST_OUTAGE
        pause = _FIRST_PAUSE
        while time.monotonic() < deadline and self._control.pause(pause):
            if self._wire.accepts_connections():
                return True
            pause = min(2 * pause, _LONGEST_PAUSE)
        return False

    def _lose(self, request: Request) -> None:
        with self._lock:
            self.lost = self.lost or request
        self._control.stop(StopReason.SERVER_GONE)
