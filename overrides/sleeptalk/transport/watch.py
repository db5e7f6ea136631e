"""What it takes to wait for something to finish: one operation that is sent again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from sleeptalk.errors import DeadlineExceeded, RateLimited
from sleeptalk.transport.call import CLOCK_GRAIN
from sleeptalk.transport.deadline import Deadline
from sleeptalk.transport.outcome import Failure, Success
from sleeptalk.transport.settings import check_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.outcome import Outcome
    from sleeptalk.transport.response import Response


class Answered(Protocol):
    """A result that carries the answer it was read from."""

    @property
    def response(self) -> Response: ...  # noqa: D102  # the class says it


A = TypeVar("A", bound=Answered)


class Watch(Generic[A]):
    """The state of one wait.

    - `operation`: one look.
    - `timeout`: the deadline of the whole wait; `poll`: the first pause between looks. Both in seconds.
    - `finished`: whether a result is one to stop at.
    - `timed_out`: makes the error for a wait that was too long, from the last result, if there was one.
    """

    def __init__(
        self,
        operation: Operation[A],
        *,
        timeout: float,
        poll: float,
        finished: Callable[[A], bool],
        timed_out: Callable[[A | None], DeadlineExceeded],
    ) -> None:
        check_seconds("timeout", timeout)
        check_seconds("poll", poll)
        self.operation = operation
        self.deadline = Deadline(timeout)
        self.poll = poll
        self.finished = finished
        self._timed_out = timed_out
        self._last: A | None = None

    def look_deadline(self, timeout: float) -> Deadline:
        """Give one look the time of a call, or what is left of the wait."""
        return Deadline(self.deadline.shrunk(timeout))

    def saw(self, outcome: Outcome[A]) -> A | None:
        """Remember a look's outcome; give the result, where there is one, for the caller's on_progress."""
        if isinstance(outcome, Success):
            self._last = outcome.value
            return outcome.value
        return None

    def asked_pause(self, outcome: Outcome[A]) -> float:
        """Give the seconds that the service asks to wait, 0 where it does not."""
        answer = outcome.error if isinstance(outcome, Failure) else outcome.value.response
        return answer.retry_after or 0.0

    def conclude(self, outcome: Outcome[A]) -> A:
        """Give the finished result of the last look, or raise what has ended the wait."""
        if isinstance(outcome, Success):
            if self.finished(outcome.value):
                return outcome.value
            raise self._timed_out(outcome.value)
        too_late = isinstance(outcome.error, DeadlineExceeded) and self.deadline.remaining < CLOCK_GRAIN
        if too_late or (isinstance(outcome.error, RateLimited) and self._last is not None):
            raise self._timed_out(self._last)
        raise outcome.error
