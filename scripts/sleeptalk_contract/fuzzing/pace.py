"""How fast a run sends: one pace for all its workers, and the pauses that an implementation asks for.

schemathesis has a limit of its own, which does not fit: the requests that particular rules need are sent past it, it
waits for nothing but Retry-After with a 429, three times, and cannot be interrupted while it waits.
"""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Final

from sleeptalk.runtime.response import Response, http_date
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.fuzzing.control import Control

AUTO: Final = "auto"

_RATE: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)/([sm])")
_SECONDS: Final[Mapping[str, float]] = {"s": 1.0, "m": 60.0}

_RESETS: Final = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_FIRST_EPOCH: Final = 1e9
"""A reset from here on is a moment, in seconds since 1970; a smaller one is how many seconds are left."""
_FIRST_EPOCH_IN_MILLISECONDS: Final = 1e12

_FIRST_INTERVAL: Final = 0.05
_LONGEST_INTERVAL: Final = 2.0
"""Seconds between requests, once an implementation refuses some without a word about when."""
_SLOWER: Final = 1.5
_FASTER: Final = 0.98


def read_rate(text: str) -> float | None:
    """Read a rate such as `10/s` or `90/m`: return it in requests per second, None for `auto`.

    Raises UsageError for anything else.
    """
    if text == AUTO:
        return None
    found = _RATE.fullmatch(text)
    rate = 0.0 if found is None else float(found[1]) / _SECONDS[found[2]]
    if rate <= 0:
        raise UsageError(f"--rate-limit {text} is not a rate: write auto, N/s or N/m, such as --rate-limit 5/s.")
    return rate


def asked_pause(headers: Mapping[str, str], received: float) -> float | None:
    """Return the seconds that an answer asks to wait, by Retry-After or else by its reset; None where it does not say.

    `headers` have their names in lower case, `received` is when they came, in seconds since 1970. A date counts from
    the server's own clock, where the answer shows it.
    """
    now = http_date(headers.get("date", "")) or received
    answer = Response(status=429, headers=headers, content=b"", attempts=1, seconds=0.0, received_at=now)
    if answer.retry_after is not None:
        return answer.retry_after
    reset = next((each for each in map(answer.number, _RESETS) if each is not None), None)
    if reset is None or reset < _FIRST_EPOCH:
        return None if reset is None else max(0.0, reset)
    return max(0.0, (reset / 1000 if reset >= _FIRST_EPOCH_IN_MILLISECONDS else reset) - now)


class Pace:
    """Says when the next request may be sent. Safe to use from several threads, which share it.

    `rate` is the largest number of requests per second, None for no limit. `held` is for how many seconds in all
    nothing was sent because of `hold` and `slow_down`.
    """

    def __init__(self, control: Control, rate: float | None = None) -> None:
        self._control = control
        self._shortest = 0.0 if rate is None else 1 / rate
        self._interval = self._shortest
        self._lock = threading.Lock()
        self._turn = 0.0
        self._opens = 0.0
        self.held = 0.0

    def wait(self) -> bool:
        """Wait for the turn of one request; return False where the run has to stop before."""
        awaited = False
        while not self._control.stopped:
            with self._lock:
                now = time.monotonic()
                pause = max(self._turn, self._opens) - now
                if pause <= 0:
                    self.held += self._interval - self._shortest if awaited else 0.0
                    self._turn = now + self._interval
                    return True
                awaited = self._turn > self._opens
            self._control.pause(pause)
        return False

    def slow_down(self) -> None:
        """Leave more time between requests from now on: an implementation refuses some and does not say how many."""
        with self._lock:
            self._interval = max(self._shortest, min(max(self._interval * _SLOWER, _FIRST_INTERVAL), _LONGEST_INTERVAL))

    def speed_up(self) -> None:
        """Leave a little less time between requests from now on, as one was answered."""
        with self._lock:
            shorter = self._interval * _FASTER
            self._interval = max(self._shortest, shorter if shorter >= _FIRST_INTERVAL / 2 else 0.0)

    @property
    def is_held(self) -> bool:
        """Whether nothing may be sent now because of `hold`."""
        with self._lock:
            return self._opens > time.monotonic()

    def hold(self, seconds: float) -> None:
        """Let nothing be sent for some seconds from now."""
        with self._lock:
            now = time.monotonic()
            opens = now + seconds
            self.held += max(0.0, opens - max(self._opens, now))
            self._opens = max(self._opens, opens)
