"""What `get_sessions` yields."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import TypeAlias

from attrs import define

from sleeptalk.asleep.night import Night
from sleeptalk.errors import CallFailed
from sleeptalk.runtime.call import Failure, Success


@define(frozen=True, kw_only=True)
class SessionOutcome:
    """How reading one session has ended.

    - `session_id`: as it was given.
    - `night`: the night, None where there is an error.
    - `error`: what `get_session` would have raised, None where there is a night.
    """

    session_id: str
    night: Night | None
    error: CallFailed | None

    def unwrap(self) -> Night:
        """Return the night, or raise the error."""
        if self.night is None:
            assert self.error is not None
            raise self.error
        return self.night


Results: TypeAlias = Generator[tuple[str, Success[Night] | Failure], None, None]
AsyncResults: TypeAlias = AsyncGenerator[tuple[str, Success[Night] | Failure], None]


def outcomes(results: Results) -> Generator[SessionOutcome, None, None]:
    """Yield the outcome of each result; closing it closes the results."""
    with closing(results):
        for session_id, result in results:
            yield _outcome(session_id, result)


async def outcomes_async(results: AsyncResults) -> AsyncGenerator[SessionOutcome, None]:
    """Yield the outcome of each result, as `outcomes` does."""
    async with aclosing(results):
        async for session_id, result in results:
            yield _outcome(session_id, result)


def _outcome(session_id: str, result: Success[Night] | Failure) -> SessionOutcome:
    if isinstance(result, Failure):
        return SessionOutcome(session_id=session_id, night=None, error=result.error)
    return SessionOutcome(session_id=session_id, night=result.value, error=None)
