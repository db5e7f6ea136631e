"""What it takes to wait for something to finish: one operation that is sent again and again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sleeptalk.errors import ConnectionFailed, DeadlineExceeded, RateLimited
from sleeptalk.transport.call import CLOCK_GRAIN, TRANSIENT
from sleeptalk.transport.deadline import Deadline
from sleeptalk.transport.outcome import Failure, Success
from sleeptalk.transport.settings import check_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from enum import Enum

    from sleeptalk.errors import CallFailed
    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.outcome import Outcome
    from sleeptalk.transport.response import Response

SHORTEST_LOOK = 0.1  # seconds that the last look is given, however fast those before it were
LONGEST_SHARE = 0.1  # of the timeout: what is kept for the last look at most


class Answered(Protocol):
    """A result that carries the answer it was read from."""

    @property
    def response(self) -> Response: ...  # noqa: D102  # the class says it


A = TypeVar("A", bound=Answered)


class Watch(Generic[A]):
    """The state of one wait.

    - `operation`: one look.
    - `what`: what is waited for, as an error's message begins.
    - `timeout`: the deadline of the whole wait; `poll`: the first pause between looks. Both in seconds.
    - `state`: gives the state of a result; `final`: the states to stop at.
    - `timed_out`: makes the error for a wait that was too long, from its message, `timeout` and the last `state`.
    """

    def __init__(
        self,
        operation: Operation[A],
        what: str,
        *,
        timeout: float,
        poll: float,
        state: Callable[[A], Enum],
        final: Container[Enum],
        timed_out: Callable[..., DeadlineExceeded],
    ) -> None:
        check_seconds("timeout", timeout)
        check_seconds("poll", poll)
        self.operation = operation
        self.deadline = Deadline(timeout)
        self.poll = poll
        self._what = what
        self._state = state
        self._final = final
        self._timed_out = timed_out
        self._last: A | None = None
        self._attempts = 0
        self._began = 0.0
        self._longest = 0.0

    def look_deadline(self, timeout: float) -> Deadline:
        """Begin one look: give it the time of a call, or what is left of the wait."""
        self._began = time.monotonic()
        return Deadline(self.deadline.shrunk(timeout))

    def saw(self, outcome: Outcome[A]) -> A | None:
        """Remember a look's outcome; give the result, where there is one, for the caller's on_progress."""
        self._longest = max(self._longest, time.monotonic() - self._began)
        if isinstance(outcome, Failure):
            self._attempts += outcome.error.attempts
            return None
        self._attempts += outcome.value.response.attempts
        self._last = outcome.value
        return outcome.value

    def may_go_on(self, outcome: Outcome[A]) -> bool:
        """Tell whether another look makes sense: nothing has ended, or a look has failed and the next may not.

        Before anything was seen, only a service that asks to come later is asked again.
        """
        if isinstance(outcome, Success):
            return not self._finished(outcome.value)
        return isinstance(outcome.error, RateLimited) or (self._last is not None and _passes(outcome.error))

    @property
    def time_for_pauses(self) -> float:
        """The seconds that are left before the last look must begin; it is given as long as the longest one took."""
        last_look = min(max(self._longest, SHORTEST_LOOK), self.deadline.seconds * LONGEST_SHARE)
        return self.deadline.remaining - last_look

    def asked_pause(self, outcome: Outcome[A]) -> float:
        """Give the seconds that the service asks to wait, 0 where it does not."""
        answer = outcome.error if isinstance(outcome, Failure) else outcome.value.response
        return answer.retry_after or 0.0

    def conclude(self, outcome: Outcome[A]) -> A:
        """Give the finished result of the last look, or raise what has ended the wait."""
        if isinstance(outcome, Success):
            if self._finished(outcome.value):
                return outcome.value
            raise self._too_late(outcome)
        if self._last is None:
            cut_short = isinstance(outcome.error, DeadlineExceeded) and self.deadline.remaining < CLOCK_GRAIN
            raise self._too_late(outcome) if cut_short else outcome.error
        if _passes(outcome.error):
            raise self._too_late(outcome) from outcome.error
        raise outcome.error

    def _finished(self, value: A) -> bool:
        return self._state(value) in self._final

    def _too_late(self, outcome: Outcome[A]) -> DeadlineExceeded:
        state = None if self._last is None else self._state(self._last).value
        seen = "was never seen" if state is None else f"was {state} when last seen"
        left, asked = self.deadline.remaining, self.asked_pause(outcome)
        over = f"the wait ended after {self.deadline.seconds - left:.2f} s"
        if asked > left:
            over += f", as the service asks to wait {asked:g} s and {left:.2f} s are left"
        message = f"{self._what} {seen}, and {over}: wait for it again with the same id."
        error = self._timed_out(message, timeout=self.deadline.seconds, state=state)
        error.response = None if self._last is None else self._last.response
        error.attempts = self._attempts
        return error


def _passes(error: CallFailed) -> bool:
    """Tell whether a failed look says nothing of the next one."""
    return isinstance(error, (ConnectionFailed, DeadlineExceeded)) or error.status in TRANSIENT
