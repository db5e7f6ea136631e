"""What `get_sessions` yields."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define

from sleeptalk.asleep.nights import AnyNight
from sleeptalk.errors import CallFailed
from sleeptalk.runtime.call import Failure, Success

N = TypeVar("N", bound=AnyNight)
E = TypeVar("E", bound="Outcome[Any]")


@define(frozen=True, kw_only=True)
class Outcome(Generic[N]):
    """How reading one session has ended.

    - `session_id`: as it was given.
    - `night`: the night, None where there is an error.
    - `error`: what `get_session` would have raised, None where there is a night.
    """

    session_id: str
    night: N | None
    error: CallFailed | None

    def unwrap(self) -> N:
        """Return the night, or raise the error."""
        if self.night is None:
            assert self.error is not None
            raise self.error
        return self.night


Results: TypeAlias = Generator[tuple[str, Success[Any] | Failure], None, None]
AsyncResults: TypeAlias = AsyncGenerator[tuple[str, Success[Any] | Failure], None]


def outcomes(results: Results, kind: type[E]) -> Generator[E, None, None]:
    """Yield the outcome of each result; closing it closes the results."""
    with closing(results):
        for session_id, result in results:
            yield _outcome(session_id, result, kind)


async def outcomes_async(results: AsyncResults, kind: type[E]) -> AsyncGenerator[E, None]:
    """Yield the outcome of each result, as `outcomes` does."""
    async with aclosing(results):
        async for session_id, result in results:
            yield _outcome(session_id, result, kind)


def _outcome(session_id: str, result: Success[Any] | Failure, kind: type[E]) -> E:
    if isinstance(result, Failure):
        return kind(session_id=session_id, night=None, error=result.error)
    return kind(session_id=session_id, night=result.value, error=None)
