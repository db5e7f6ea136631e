"""The clients of Asleep with data v3, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.asleep.base import AsleepClient
from sleeptalk.asleep_v3.night import OVERRIDES, Night
from sleeptalk.errors import SessionTimeout
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.http import AsyncHttpClient, HttpClient
from sleeptalk.runtime.polling import Wait
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.asleep_v3.client import GET_SESSION, AsleepV3Methods, AsyncAsleepV3Methods
from sleeptalk_generated.asleep_v3.models import SessionState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from zoneinfo import ZoneInfo

_SESSION: Final[Wait[Night]] = Wait(
    operation=GET_SESSION,
    identifier="session_id",
    label="session",
    state=lambda night: night.session.state,
    final=(SessionState.COMPLETE,),
    timed_out=SessionTimeout,
)


class Asleep(AsleepClient[HttpClient], SyncClient, AsleepV3Methods[Night]):
    """Reads nights, lists and averages of data v3, and manages users.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20250115025029_fvivn")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `base_url`, `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidSessionId, InvalidTimezone, SessionNotFound and
    UserNotFound are those of this service, and `sleeptalk.errors` has the tree.
    """

    _overrides = OVERRIDES

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
        raises. A COMPLETE night that is not valid is a result, not an error.
        """
        arguments = {"session_id": session_id, "timezone": timezone}
        return self._wait_for(_SESSION, arguments, timeout, poll, on_progress)


class AsyncAsleep(AsleepClient[AsyncHttpClient], AsyncClient, AsyncAsleepV3Methods[Night]):
    """Reads nights, lists and averages of data v3, and manages users, without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20250115025029_fvivn")

    Takes and raises what Asleep does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    _overrides = OVERRIDES

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
