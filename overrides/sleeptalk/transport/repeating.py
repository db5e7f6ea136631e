"""When to send a request again, and when to look again at a task that is not finished: policies for tenacity.

It is imported only where a first attempt did not do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

import tenacity

from sleeptalk.transport.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sleeptalk.transport.call import Call
    from sleeptalk.transport.outcome import Outcome
    from sleeptalk.transport.watch import Answered, Watch

T = TypeVar("T")
A = TypeVar("A", bound="Answered")

full_jitter = tenacity.wait_random_exponential(multiplier=0.5, max=8)
"""Seconds before a retry: anything from 0 to 0.5, 1, 2, 4, at most 8."""


class Retries(Generic[T]):
    """Send the request of a call again while that is allowed, makes sense and fits into the deadline.

    The server's `retry-after` replaces our own wait. A wait that does not fit into the deadline is not begun: the error
    at hand is the outcome at once.
    """

    def __init__(self, call: Call[T]) -> None:
        self._call = call

    def again(self, state: tenacity.RetryCallState) -> bool:
        """Tell whether the outcome allows another attempt."""
        return self._call.may_repeat(_outcome(state))

    def pause(self, state: tenacity.RetryCallState) -> float:
        """Give the seconds to wait before it."""
        outcome = _outcome(state)
        asked = outcome.error.retry_after if isinstance(outcome, Failure) else None
        return full_jitter(state) if asked is None else asked

    def stop(self, state: tenacity.RetryCallState) -> bool:
        """Tell whether that wait is longer than the time that is left."""
        return state.upcoming_sleep >= self._call.deadline.remaining


class Looks(Generic[A]):
    """Look at a task until it has finished or the time is up.

    The pauses grow by half each time, up to ten times the first, and are shifted by up to a fifth so that many clients
    do not come at once. `retry-after` is obeyed, of an unfinished task as well as of a failed look. Where the next
    pause would not fit, the last look is moved to shortly before the end.
    """

    def __init__(self, watch: Watch[A]) -> None:
        self._watch = watch
        self._shift = tenacity.wait_random(-0.2, 0.2)

    def again(self, state: tenacity.RetryCallState) -> bool:
        """Tell whether another look makes sense."""
        return self._watch.may_go_on(_outcome(state))

    def pause(self, state: tenacity.RetryCallState) -> float:
        """Give the seconds to wait before the next look."""
        poll = self._watch.poll
        asked = self._watch.asked_pause(_outcome(state))
        grown = min(poll * 1.5 ** min(state.attempt_number - 1, 20), poll * 10)
        return max(asked, min(grown * (1 + self._shift(state)), self._watch.time_for_pauses))

    def stop(self, state: tenacity.RetryCallState) -> bool:
        """Tell whether there is no time left for a pause and a look."""
        return not 0 < state.upcoming_sleep < self._watch.deadline.remaining


Policy: TypeAlias = Retries[Any] | Looks[Any]


def repeat(
    attempt: Callable[[], Outcome[T]],
    first: Outcome[T],
    policy: Policy,
    sleep: Callable[[float], None],
) -> Outcome[T]:
    """Go on after a first outcome, and give the last one."""
    outcomes = [first]
    retrying = tenacity.Retrying(sleep=sleep, **_arguments(policy))
    return retrying(lambda: outcomes.pop() if outcomes else attempt())


async def repeat_async(
    attempt: Callable[[], Awaitable[Outcome[T]]],
    first: Outcome[T],
    policy: Policy,
    sleep: Callable[[float], Awaitable[None]],
) -> Outcome[T]:
    """Do what `repeat` does, without blocking."""
    outcomes = [first]

    async def attempt_or_first() -> Outcome[T]:
        return outcomes.pop() if outcomes else await attempt()

    return await tenacity.AsyncRetrying(sleep=sleep, **_arguments(policy))(attempt_or_first)


def _arguments(policy: Policy) -> dict[str, Any]:
    return {
        "retry": policy.again,
        "wait": policy.pause,
        "stop": policy.stop,
        "retry_error_callback": _outcome,
    }


def _outcome(state: tenacity.RetryCallState) -> Outcome[Any]:
    assert state.outcome is not None
    return cast("Outcome[Any]", state.outcome.result())
