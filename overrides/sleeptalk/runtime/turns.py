"""Turns: calls stand in line, first come first served, in front of the connections of an HTTP client.

A pool of connections in which a thousand requests wait is slow, and what waits in it times out. So no more calls are on
their way than there are connections for, and the time in which a call stands in line is not the server's.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import anyio

if TYPE_CHECKING:
    from sleeptalk.runtime.clock import Deadline

MOST_AT_ONCE = 50
"""How many calls a client has on their way at once unless its user says otherwise."""

_shared: WeakKeyDictionary[object, Any] = WeakKeyDictionary()
_mutex = threading.Lock()


class _Line:
    """A number of turns, some of them free, and when the service has last answered.

    - `turns`: how many calls may be on their way at once.
    - `home`: what identifies the process, or the event loop, whose calls stand in this line.
    """

    def __init__(self, turns: int, home: object) -> None:
        self.turns = turns
        self.home = home
        self._free = turns
        self._answered = -math.inf

    def answered(self, moment: float) -> None:
        """Note that the service has answered one of the calls. Those that wait have reason to wait on."""
        self._answered = moment

    def _patience(self, deadline: Deadline, began: float) -> float:
        """Return the seconds for which a call that stands in line since `began` waits on."""
        return deadline.patience(max(began, self._answered))


L = TypeVar("L", bound=_Line)


class Turns(_Line):
    """Turns of calls in threads."""

    def __init__(self, turns: int, home: object) -> None:
        super().__init__(turns, home)
        self._mutex = threading.Lock()
        self._waiting: OrderedDict[Any, None] = OrderedDict()

    def take(self, deadline: Deadline, *, first: bool) -> bool:
        """Wait for a turn, and return whether it came; `deadline` does not run meanwhile.

        A call that was begun and is repeated goes `first`, before those that have not begun.
        """
        with self._mutex:
            if self._free:
                self._free -= 1
                return True
            place = threading.Lock()
            place.acquire()
            self._waiting[place] = None
            if first:
                self._waiting.move_to_end(place, last=False)
        began = deadline.clock.monotonic()
        came = False
        try:
            while not came and (patience := self._patience(deadline, began)) > 0:
                came = place.acquire(timeout=min(patience, deadline.longest_wait or patience))
        except BaseException:  # one of the caller's own, from a signal handler
            if not self._left(place):
                self.give()
            raise
        deadline.waited_for_turn(deadline.clock.monotonic() - began)
        return came or not self._left(place)

    def give(self) -> None:
        """Give a turn to the call that has waited longest."""
        with self._mutex:
            if self._waiting:
                self._waiting.popitem(last=False)[0].release()
            else:
                self._free += 1

    def _left(self, place: Any) -> bool:
        """Leave the line; return False where the turn has come meanwhile."""
        with self._mutex:
            return self._waiting.pop(place, place) is None


class AsyncTurns(_Line):
    """Turns of calls in one event loop."""

    def __init__(self, turns: int, home: object) -> None:
        super().__init__(turns, home)
        self._waiting: OrderedDict[anyio.Event, None] = OrderedDict()

    async def take(self, deadline: Deadline, *, first: bool) -> bool:
        """Wait for a turn, as those of threads do."""
        if self._free:
            self._free -= 1
            return True
        place = anyio.Event()
        self._waiting[place] = None
        if first:
            self._waiting.move_to_end(place, last=False)
        began = deadline.clock.monotonic()
        try:
            while not place.is_set() and (patience := self._patience(deadline, began)) > 0:
                with anyio.move_on_after(patience):
                    await place.wait()
        except BaseException:  # a cancellation
            if place.is_set():
                self.give()
            else:
                del self._waiting[place]
            raise
        deadline.waited_for_turn(deadline.clock.monotonic() - began)
        if not place.is_set():
            del self._waiting[place]
        return place.is_set()

    def give(self) -> None:
        """Give a turn to the call that has waited longest."""
        if self._waiting:
            self._waiting.popitem(last=False)[0].set()
        else:
            self._free += 1


def line_of(client: object, kind: type[L], turns: int, home: object) -> L:
    """Return the one line in front of an HTTP client that is given to several of ours."""
    with _mutex:
        line = _shared.get(client)
        if not isinstance(line, kind) or line.home != home:
            line = _shared[client] = kind(turns, home)
        return line
