"""Throttled answers: waited out, told from what is refused for good, and never judged.

A request whose answer is about now (refusals.py) is sent again after a pause: as long as the implementation asks for,
or else one of pauses that grow. Whether a refusal is about the request all the same, another request shows that was
served before and is sent in between: where it is served and this one is refused, time and again, that is its answer.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from sleeptalk_contract.fuzzing.control import StopReason
from sleeptalk_contract.fuzzing.pace import asked_pause
from sleeptalk_contract.fuzzing.refusals import MOST_ALTERNATIONS, Refusal, Refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.fuzzing.control import Control
    from sleeptalk_contract.fuzzing.outages import SteadyWire
    from sleeptalk_contract.fuzzing.pace import Pace
    from sleeptalk_contract.fuzzing.request import Request

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 15.0
"""Seconds: pauses double from the first to the longest, as long as nothing gets through."""

PATIENCE: Final = 60.0
"""Seconds of pauses without one answer after which a run without --max-time ends, beside twice what is asked for."""

LONGEST_ASKED: Final = 300.0
"""Seconds: the longest pause asked for that a run without --max-time waits."""

_TOLD_PAUSE: Final = 2.0
_MOST_DOUBLINGS: Final = 20


class Listeners(NamedTuple):
    """Who hears of throttling.

    `unjudged` gets the last answer of a request that was throttled to the end, `paused` the seconds of each pause that
    is long enough to wonder.
    """

    unjudged: Callable[[Exchange], None]
    paused: Callable[[float], None]


class Throttling:
    """Sends requests, and each again whose answer is about now. Safe to use from several threads.

    `waited_out` counts the throttled answers that no exchange was made of. `asked` is the pause in seconds that was
    asked for and did not fit into the run, 0 without one.
    """

    def __init__(
        self, refusals: Refusals, wire: SteadyWire, pace: Pace, control: Control, *, listeners: Listeners
    ) -> None:
        self._refusals = refusals
        self._wire = wire
        self._pace = pace
        self._control = control
        self._listeners = listeners
        self._lock = threading.Lock()
        self._streak = 0  # pauses since anything was answered
        self._seconds = 0.0  # of those pauses
        self.waited_out = 0
        self.asked = 0.0

    def exchange(self, request: Request) -> Exchange | None:
        """Send one request until its answer is about it; None where it has none that shows anything."""
        refused: list[Exchange] = []
        alternations = 0
        while (exchange := self._wire.exchange(request)) is not None:
            refusal = self._refusals.kind(request, exchange, len(refused), is_throttled=self._pace.held > 0)
            if refusal is None:
                self._settle(request, exchange, refused)
                return exchange
            refused.append(exchange)
            asked = asked_pause(exchange.response_headers, time.time())
            is_limit = refusal is Refusal.LIMIT
            is_doubtful = self._refusals.shows_a_limit(request) if is_limit else refusal is not Refusal.UNPROVEN
            is_served = None
            if is_doubtful or (is_limit and len(refused) > MOST_ALTERNATIONS) or not self._fits(asked):
                is_served = self._serves_another(request, refusal, alternations + 1)
            alternations = alternations + 1 if is_served else 0
            without_another = is_served is None and is_doubtful and not is_limit and len(refused) > MOST_ALTERNATIONS
            if alternations >= self._refusals.needed(exchange, refusal) or without_another:
                return self._alone(request, refused, refusal)
            if is_served and is_doubtful:
                self._control.pause(_beside(alternations, exchange))
            elif not self._pause(asked, len(refused) - 1):
                break
        if refused:
            self._give_up(refused)
        return None

    def _settle(self, request: Request, exchange: Exchange, refused: list[Exchange]) -> None:
        self._refusals.settle(request, exchange, refused)
        if exchange.status is not None:
            self._pace.speed_up()
        with self._lock:
            if exchange.status is not None:
                self._streak, self._seconds = 0, 0.0
            if not refused or exchange.status != refused[-1].status:
                self.waited_out += len(refused)

    def _serves_another(self, request: Request, refusal: Refusal, times: int) -> bool | None:
        """Send another request a few times, to see whether anything is served at all.

        Return whether it always was, None without another request that could show it. The number of times differs from
        one refusal to the next, or what refuses every second request would seem to mean the same one.
        """
        other = self._refusals.other(request, refusal)
        if other is None:
            return None
        for _ in range(times):
            exchange = self._wire.exchange(other)
            if exchange is None or not self._refusals.is_served(other, exchange):
                with self._lock:
                    self.waited_out += exchange is not None
                return False
        with self._lock:
            self._streak, self._seconds = 0, 0.0
        return True

    def _alone(self, request: Request, refused: list[Exchange], refusal: Refusal) -> Exchange | None:
        """Return the last refusal of a request that is about this request alone, None where it cannot be judged."""
        if self._refusals.can_be_judged(request, refused[-1], refusal):
            return refused[-1]
        self._give_up(refused)
        return None

    def _give_up(self, refused: list[Exchange]) -> None:
        with self._lock:
            self.waited_out += len(refused) - 1
        self._listeners.unjudged(refused[-1])

    def _fits(self, asked: float | None) -> bool:
        """Whether the run has the time for a pause that was asked for."""
        left = self._control.remaining
        return asked is None or asked < (LONGEST_ASKED if left is None else left)

    def _pause(self, asked: float | None, pauses: int) -> bool:
        """Let no worker send for a while; return False where that makes no sense, and end the run.

        `pauses` is how many were made for the same request. What several workers are answered to requests of the same
        moment makes a pause no longer.
        """
        with self._lock:
            is_new = not self._pace.is_held
            self._streak += is_new
            doublings = min(max(self._streak - 1, pauses), _MOST_DOUBLINGS)
            pause = max(asked or 0.0, min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE))
            self._seconds += pause if is_new else 0.0
            fits = self._fits(asked)
            if not fits or (self._control.remaining is None and self._seconds > PATIENCE + 2 * (asked or 0.0)):
                self.asked = 0.0 if fits else asked or 0.0
                self._control.stop(StopReason.THROTTLED)
                return False
            self._pace.hold(pause)
            if is_new and asked is None:
                self._pace.slow_down()
        if pause >= _TOLD_PAUSE:
            self._listeners.paused(pause)
        return not self._control.stopped


def _beside(alternations: int, exchange: Exchange) -> float:
    """Return the seconds to wait before a request is sent again between two others that were served.

    They grow, and more so where answers take long: requests that only take turns with a slow throttle look alike.
    """
    return FIRST_PAUSE * 2.0**alternations + 2 * alternations * exchange.seconds
