"""Polling: one call that is repeated until its result is final."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, cast

from sleeptalk.runtime.call import CLOCK_GRAIN, TRANSIENT, Failure
from sleeptalk.runtime.clock import Deadline
from sleeptalk.runtime.errors import ConfigurationError, ConnectionFailed, DeadlineExceeded, RateLimited
from sleeptalk.runtime.functions import is_async
from sleeptalk.runtime.options import check_seconds
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from enum import Enum

    from sleeptalk.runtime.call import Result
    from sleeptalk.runtime.clock import Clock
    from sleeptalk.runtime.errors import CallFailed
    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Operation

SHORTEST_REQUEST = 0.1  # seconds kept for the last request, even if those before it were faster
LONGEST_SHARE = 0.1  # of the timeout: what is kept for the last request at most
GROWTH = 1.5  # of the pauses
MOST_GROWTH = 10  # times the first pause
JITTER = 0.2  # of a pause, so that many clients do not poll in step


class HasResponse(Protocol):
    """A result that carries the answer it was read from."""

    @property
    def response(self) -> Response: ...  # noqa: D102  # see the class


A = TypeVar("A", bound=HasResponse)


class Wait(NamedTuple, Generic[A]):
    """How the results of one operation are waited for; A is their type.

    - `operation`: what is called.
    - `identifier`: the parameter that names what is waited for, such as `kettle_id`; `label`: what that is, "kettle".
    - `state`: returns the state of a result; `final`: the states to stop at. An undocumented state is not final.
    - `unfinished`: in place of `final`, the states to go on at. Any other is final then, an undocumented one as well.
    - `timed_out`: makes the error for a wait that was too long, from its message, `timeout`, the last `state`, and the
      identifier by its name.
    """

    operation: Operation[Any]
    identifier: str
    label: str
    state: Callable[[A], Enum]
    final: Container[Enum]
    timed_out: Callable[..., DeadlineExceeded]
    unfinished: Container[Enum] | None = None


class Poll(Generic[A]):
    """The state of one wait. Raises ConfigurationError for an unusable time.

    - `arguments`: of the calls.
    - `timeout`: the deadline of the whole wait; `interval`: the first pause between two calls. Both in seconds.
    - `begun`: where the wait is for something that the same call of the user's has begun, when that was and what was
      answered: `timeout` counts from then.
    """

    def __init__(  # the parts of a wait, in their order
        self,
        wait: Wait[A],
        arguments: Mapping[str, object],
        timeout: float,
        interval: float,
        clock: Clock,
        *,
        begun: tuple[Deadline, A] | None = None,
    ) -> None:
        check_times(timeout, interval)
        self.call = cast("Call[A]", Call(operation=wait.operation, arguments=arguments))
        self._wait = wait
        self._deadline = Deadline(timeout, clock) if begun is None else begun[0]
        self._last: A | None = None if begun is None else begun[1]
        self._interval = interval
        self._clock = clock
        self._calls = 0
        self._attempts = 0
        self._began = 0.0
        self._longest = 0.0
        self._present = self._deadline  # that of the present call, once one has begun
        self._waited = 0.0

    def begin(self, timeout: float) -> Deadline:
        """Begin one call: return its deadline, which is never beyond that of the wait."""
        self._calls += 1
        self._began = self._clock.monotonic()
        self._present = Deadline(self._deadline.limit(timeout), self._clock, outer=self._deadline)
        return self._present

    def note(self, result: Result[A]) -> A | None:
        """Remember the result of a call; return its value, None where it failed."""
        self._waited += self._present.waited
        self._longest = max(self._longest, self._clock.monotonic() - self._began)
        if isinstance(result, Failure):
            self._attempts += result.error.attempts
            return None
        self._attempts += result.value.response.attempts
        self._last = result.value
        return result.value

    def pause(self, result: Result[A]) -> float | None:
        """Return the seconds to wait before the next call, None where the wait has ended.

        The pauses grow up to ten times the first. `retry-after` is obeyed, of an unfinished result as well as of a
        failure. Where the next pause would not fit, the last call is moved to shortly before the end.
        """
        if not self._may_go_on(result):
            return None
        growth = min(GROWTH ** min(self._calls - 1, 20), MOST_GROWTH)
        pause = self._interval * growth * (1 + random.uniform(-JITTER, JITTER))  # noqa: S311  # it spreads load
        left = self._deadline.remaining
        last_call = min(max(self._longest, SHORTEST_REQUEST), self._deadline.seconds * LONGEST_SHARE)
        pause = max(_asked_pause(result), min(pause, left - last_call))
        return pause if 0 < pause < left else None

    def conclude(self, result: Result[A]) -> A:
        """Return the final result, or raise what has ended the wait."""
        if not isinstance(result, Failure):
            if self._is_final(result.value):
                return result.value
            raise self._too_late(result)
        if self._last is None:
            cut_short = isinstance(result.error, DeadlineExceeded) and self._deadline.remaining < CLOCK_GRAIN
            raise self._too_late(result) if cut_short else result.error
        if _passes(result.error):
            raise self._too_late(result) from result.error
        raise result.error

    def _may_go_on(self, result: Result[A]) -> bool:
        """Return whether another call makes sense: the last result is not final, or it failed and the next may succeed.

        Before the first result, a failed call is repeated only where the service asks to retry later.
        """
        if not isinstance(result, Failure):
            return not self._is_final(result.value)
        return isinstance(result.error, RateLimited) or (self._last is not None and _passes(result.error))

    def _is_final(self, value: A) -> bool:
        state, unfinished = self._wait.state(value), self._wait.unfinished
        return state in self._wait.final if unfinished is None else state not in unfinished

    def _too_late(self, result: Result[A]) -> DeadlineExceeded:
        state = None if self._last is None else self._wait.state(self._last).value
        asked_for = str(self.call.arguments[self._wait.identifier])
        seen = "was never seen" if state is None else f"was {state} when last seen"
        left, asked = self._deadline.remaining, _asked_pause(result)
        over = f"the wait ended after {self._deadline.seconds - left:.2f} s"
        if self._waited:
            over += f", {self._waited:.2f} s of them for its turn behind other calls"
        if asked > left:
            over += f", as the service asks to wait {asked:g} s and {left:.2f} s are left"
        message = f"The {self._wait.label} {asked_for} {seen}, and {over}: wait for it again with the same id."
        named = {self._wait.identifier: asked_for}
        error = self._wait.timed_out(message, timeout=self._deadline.seconds, state=state, **named)
        error.response = None if self._last is None else self._last.response
        error.attempts = self._attempts
        error.waited = self._waited
        return error


def check_times(timeout: float, interval: float) -> None:
    """Raise ConfigurationError for times of a wait, in seconds, that cannot be used."""
    check_seconds("timeout", timeout)
    check_seconds("poll", interval)


def check_progress(on_progress: object, *, may_be_async: bool) -> None:
    """Raise ConfigurationError unless it is None or a function that this client can call or await."""
    if on_progress is not None and not callable(on_progress):
        raise ConfigurationError(f"on_progress must be a function, not a {type(on_progress).__name__}.")
    if not may_be_async and is_async(on_progress):
        raise ConfigurationError("on_progress is async, but this client is not: pass a plain function.")


def _asked_pause(result: Result[Any]) -> float:
    """Return the seconds that the service asks to wait, or 0."""
    answer = result.error if isinstance(result, Failure) else result.value.response
    return answer.retry_after or 0.0


def _passes(error: CallFailed) -> bool:
    """Return whether a failed call may be followed by one that succeeds."""
    return isinstance(error, (ConnectionFailed, DeadlineExceeded)) or error.status in TRANSIENT
