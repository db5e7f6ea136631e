"""The methods of the clients of Asleep that are the same in every version of its data: many nights, and waiting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, cast

from sleeptalk.asleep.base import AsleepClient
from sleeptalk.asleep.outcomes import E, N, outcomes, outcomes_async
from sleeptalk.errors import ConfigurationError, SessionTimeout
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.http import AsyncHttpClient, HttpClient
from sleeptalk.runtime.polling import Wait
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.asleep.models import SessionState
from sleeptalk_generated.operation import Call, Operation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from zoneinfo import ZoneInfo


class Reading(Generic[N, E]):
    """How one version reads a session: its operation, the class of an outcome, and what is waited for."""

    def __init__(self, operation: Operation[Any], outcome: type[E]) -> None:
        self._operation: Final = operation
        self.outcome: Final = outcome
        self.wait: Final[Wait[Any]] = Wait(
            operation=operation,
            identifier="session_id",
            label="session",
            state=lambda night: night.session.state,
            final=(SessionState.COMPLETE,),
            timed_out=SessionTimeout,
        )

    def call_of(self, timezone: ZoneInfo | str | None) -> Callable[[str], Call[N]]:
        """Return what makes the call that reads one session."""

        def call_of(session_id: str) -> Call[N]:
            arguments = {"session_id": session_id, "timezone": timezone}
            return cast("Call[N]", Call(operation=self._operation, arguments=arguments))

        return call_of


def _checked_ids(session_ids: object) -> Iterable[str]:
    """Return an iterable of ids; raises ConfigurationError for anything else, of which one str is the likeliest."""
    if isinstance(session_ids, Iterable) and not isinstance(session_ids, (str, bytes)):
        return cast("Iterable[str]", session_ids)
    kind = type(session_ids).__name__
    raise ConfigurationError(f"session_ids must be a list or another iterable of ids, not one {kind}.")


class SessionsClient(AsleepClient[HttpClient], SyncClient, Generic[N, E]):
    """A client that reads sessions, sync."""

    _reading: ClassVar[Reading[Any, Any]]

    def get_sessions(
        self, session_ids: Iterable[str], *, concurrency: int = 20, timezone: ZoneInfo | str | None = None
    ) -> Generator[E, None, None]:
        """Read many sessions, some at once in threads, and yield the outcome of each as it comes.

            with Asleep(api_key="...", user_id="...") as asleep:
                for outcome in asleep.get_sessions(["20220821093117_hz82a", "20240311133000_twost"]):
                    print(outcome.session_id, outcome.night or outcome.error)

        - `session_ids`: any iterable; it is read as ids are needed, and may be of any length.
        - `concurrency`: how many calls are on their way at once, within `max_concurrency`.
        - `timezone`: as for `get_session`.

        An id that fails has an `error` and stops nothing. Where the service asks for fewer requests, all of them pause
        as long as it asks, 1, 2, 4, at most 60 s where it does not say, and then begin again one by one; an id has
        failed when it did so nine times in a row. Closing the generator, or leaving it by an exception, ends the calls
        that are on their way; where an injected HTTP client has a transport of your own, it waits for them. Raises
        ConfigurationError.
        """
        reading = self._reading
        calls = self._carry_out_many(_checked_ids(session_ids), reading.call_of(timezone), concurrency)
        return outcomes(calls, cast("type[E]", reading.outcome))

    def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
        timeout: float = 600.0,
        poll: float = 5.0,
        on_progress: Callable[[N], object] | None = None,
    ) -> N:
        """Poll one session until it is COMPLETE.

        - `timezone`: as for `get_session`.
        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two calls in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every night that is read, the last one included.

        Raises SessionTimeout with the last state, after which the wait can be resumed, and what `get_session`
        raises. A COMPLETE night that is not valid is a result, not an error.
        """
        arguments = {"session_id": session_id, "timezone": timezone}
        return cast("N", self._wait_for(self._reading.wait, arguments, timeout, poll, on_progress))


class AsyncSessionsClient(AsleepClient[AsyncHttpClient], AsyncClient, Generic[N, E]):
    """A client that reads sessions without blocking."""

    _reading: ClassVar[Reading[Any, Any]]

    def get_sessions(
        self, session_ids: Iterable[str], *, concurrency: int = 20, timezone: ZoneInfo | str | None = None
    ) -> AsyncGenerator[E, None]:
        """Read many sessions, some at once, and yield the outcome of each as it comes, as Asleep.get_sessions does.

            async with AsyncAsleep(api_key="...", user_id="...") as asleep:
                async for outcome in asleep.get_sessions(["20220821093117_hz82a", "20240311133000_twost"]):
                    print(outcome.session_id, outcome.night or outcome.error)

        A cancellation cancels the calls that are on their way. Leaving the loop early does so once the generator is
        closed: at once in `async with contextlib.aclosing(asleep.get_sessions(ids)) as outcomes`.
        """
        reading = self._reading
        calls = self._carry_out_many(_checked_ids(session_ids), reading.call_of(timezone), concurrency)
        return outcomes_async(calls, cast("type[E]", reading.outcome))

    async def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
        timeout: float = 600.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 5.0,
        on_progress: Callable[[N], Awaitable[object] | object] | None = None,
    ) -> N:
        """Wait for a session, as Asleep.wait_for_session does; `on_progress` may be async."""
        arguments = {"session_id": session_id, "timezone": timezone}
        return cast("N", await self._wait_for(self._reading.wait, arguments, timeout, poll, on_progress))
