"""The clients of Asleep's Data API, sync and async."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from sleeptalk.asleep.base import AsleepClient
from sleeptalk.asleep.night import OVERRIDES, Night
from sleeptalk.asleep.outcomes import SessionOutcome, outcomes, outcomes_async
from sleeptalk.errors import ConfigurationError, SessionTimeout
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.http import AsyncHttpClient, HttpClient
from sleeptalk.runtime.polling import Wait
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.asleep.client import GET_SESSION, AsleepMethods, AsyncAsleepMethods
from sleeptalk_generated.asleep.models import SessionState
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from zoneinfo import ZoneInfo

_SESSION: Final[Wait[Night]] = Wait(
    operation=GET_SESSION,
    identifier="session_id",
    label="session",
    state=lambda night: night.session.state,
    final=(SessionState.COMPLETE,),
    timed_out=SessionTimeout,
)


def _reading(timezone: ZoneInfo | str | None) -> Callable[[str], Call[Night]]:
    """Return what makes the call that reads one session."""

    def call_of(session_id: str) -> Call[Night]:
        arguments = {"session_id": session_id, "timezone": timezone}
        return cast("Call[Night]", Call(operation=GET_SESSION, arguments=arguments))

    return call_of


def _checked_ids(session_ids: object) -> Iterable[str]:
    """Return an iterable of ids; raises ConfigurationError for anything else, of which one str is the likeliest."""
    if isinstance(session_ids, Iterable) and not isinstance(session_ids, (str, bytes)):
        return cast("Iterable[str]", session_ids)
    kind = type(session_ids).__name__
    raise ConfigurationError(f"session_ids must be a list or another iterable of ids, not one {kind}.")


class Asleep(AsleepClient[HttpClient], SyncClient, AsleepMethods[Night]):
    """Reads nights.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20220821093117_hz82a")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `base_url`, `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidSessionId, InvalidTimezone and SessionNotFound are
    those of this service, and `sleeptalk.errors` has the tree.
    """

    _overrides = OVERRIDES

    def get_sessions(
        self, session_ids: Iterable[str], *, concurrency: int = 20, timezone: ZoneInfo | str | None = None
    ) -> Generator[SessionOutcome, None, None]:
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
        return outcomes(self._carry_out_many(_checked_ids(session_ids), _reading(timezone), concurrency))

    def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
        timeout: float = 600.0,
        poll: float = 5.0,
        on_progress: Callable[[Night], object] | None = None,
    ) -> Night:
        """Poll one session until it is COMPLETE.

        - `timezone`: as for `get_session`.
        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two calls in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every night that is read, the last one included.

        Raises SessionTimeout with the last state, after which the wait can be resumed, and what `get_session`
        raises. An INVALID night that is COMPLETE is a result, not an error.
        """
        arguments = {"session_id": session_id, "timezone": timezone}
        return self._wait_for(_SESSION, arguments, timeout, poll, on_progress)


class AsyncAsleep(AsleepClient[AsyncHttpClient], AsyncClient, AsyncAsleepMethods[Night]):
    """Reads nights without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20220821093117_hz82a")

    Takes and raises what Asleep does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    _overrides = OVERRIDES

    def get_sessions(
        self, session_ids: Iterable[str], *, concurrency: int = 20, timezone: ZoneInfo | str | None = None
    ) -> AsyncGenerator[SessionOutcome, None]:
        """Read many sessions, some at once, and yield the outcome of each as it comes, as Asleep.get_sessions does.

            async with AsyncAsleep(api_key="...", user_id="...") as asleep:
                async for outcome in asleep.get_sessions(["20220821093117_hz82a", "20240311133000_twost"]):
                    print(outcome.session_id, outcome.night or outcome.error)

        A cancellation cancels the calls that are on their way. Leaving the loop early does so once the generator is
        closed: at once in `async with contextlib.aclosing(asleep.get_sessions(ids)) as outcomes`.
        """
        return outcomes_async(self._carry_out_many(_checked_ids(session_ids), _reading(timezone), concurrency))

    async def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: ZoneInfo | str | None = None,
        timeout: float = 600.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 5.0,
        on_progress: Callable[[Night], Awaitable[object] | object] | None = None,
    ) -> Night:
        """Wait for a session, as Asleep.wait_for_session does; `on_progress` may be async."""
        arguments = {"session_id": session_id, "timezone": timezone}
        return await self._wait_for(_SESSION, arguments, timeout, poll, on_progress)
