"""The clients of Asleep's Data API, sync and async."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Self

from sleeptalk.asleep.night import OVERRIDES, Night
from sleeptalk.errors import ConfigurationError, SessionTimeout
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.options import Secret, required
from sleeptalk.runtime.polling import Poll
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.asleep import SERVER
from sleeptalk_generated.asleep.client import GET_SESSION, AsleepMethods, AsyncAsleepMethods
from sleeptalk_generated.asleep.models import SessionState
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx


class _AsleepClient(Client):
    """The options and values that both clients need for sessions."""

    _overrides = OVERRIDES

    def _prepare(self, key: Secret, user_id: str | None, base_url: str, timeout: float, retries: int) -> None:
        key.required("api_key", "ASLEEP_API_KEY")
        user_id = required(user_id, "user_id", "ASLEEP_USER_ID")
        self._configure(base_url, timeout, retries, secrets={"x-api-key": key}, arguments={"user_id": user_id})

    def for_user(self, user_id: str) -> Self:
        """Return a client for another user's sessions that shares this one's key, options and connections.

        - `user_id`: that user's id; the environment does not stand in for it.

        Closing the copy does nothing: the connections are this client's. Raises ConfigurationError.
        """
        if not isinstance(user_id, str) or not user_id:
            raise ConfigurationError(f"user_id must be a non-empty str, not {user_id!r}.")
        twin = self.with_options()
        twin._arguments = {"user_id": user_id}  # noqa: SLF001  # of our own class
        return twin

    def _poll_of(self, session_id: str, timezone: str | None, timeout: float, interval: float) -> Poll[Night]:
        return Poll(
            Call(operation=GET_SESSION, arguments={"session_id": session_id, "timezone": timezone}),
            f"The session {session_id}",
            timeout=timeout,
            interval=interval,
            state=lambda night: night.session.state,
            final=(SessionState.COMPLETE,),
            timed_out=partial(SessionTimeout, session_id=session_id),
            clock=self._clock,
        )


class Asleep(_AsleepClient, SyncClient, AsleepMethods[Night]):
    """Reads nights.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20220821093117_hz82a")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
    - `retries`: how many further requests a call may send, after a connection error, 408, 429, 502, 503, 504 or
      one 500.
    - `http_client`: an `httpx.Client` to send with; it is neither changed nor closed. With one, `timeout` bounds each
      try to connect and each read of an answer's head, not their sum.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed: InvalidSessionId, InvalidTimezone, SessionNotFound,
    Unauthorized, Forbidden, RequestRefused, RateLimited, ServerError, UnexpectedStatus, ContractViolation,
    ResponseTooLarge, ConnectionFailed, DeadlineExceeded or InvalidHeaderValue.
    """

    def __init__(
        self,
        api_key: str | None = None,
        user_id: str | None = None,
        *,
        base_url: str = SERVER,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.Client | None = None,
    ) -> None:
        key = Secret.given(api_key, "ASLEEP_API_KEY")
        del api_key  # a traceback from the lines below would show it
        self._prepare(key, user_id, base_url, timeout, retries)
        self._connect(http_client)

    def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: str | None = None,
        timeout: float = 600.0,
        poll: float = 5.0,
        on_progress: Callable[[Night], object] | None = None,
    ) -> Night:
        """Poll one session until it is COMPLETE.

        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two calls in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every night that is read, the last one included.

        Raises SessionTimeout with the last state, after which the wait can be resumed, and what `get_session`
        raises. An INVALID night that is COMPLETE is a result, not an error.
        """
        return self._poll(self._poll_of(session_id, timezone, timeout, poll), on_progress)


class AsyncAsleep(_AsleepClient, AsyncClient, AsyncAsleepMethods[Night]):
    """Reads nights without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20220821093117_hz82a")

    Takes and raises what Asleep does, with an `httpx.AsyncClient` as `http_client`. A call can be cancelled wherever it
    waits; no connection stays behind.
    """

    def __init__(
        self,
        api_key: str | None = None,
        user_id: str | None = None,
        *,
        base_url: str = SERVER,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        key = Secret.given(api_key, "ASLEEP_API_KEY")
        del api_key  # a traceback from the lines below would show it
        self._prepare(key, user_id, base_url, timeout, retries)
        self._connect(http_client)

    async def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: str | None = None,
        timeout: float = 600.0,  # noqa: ASYNC109  # one deadline for many calls; a caller's cancellation works as well
        poll: float = 5.0,
        on_progress: Callable[[Night], Awaitable[object] | object] | None = None,
    ) -> Night:
        """Wait for a session, as Asleep.wait_for_session does; `on_progress` may be async."""
        return await self._poll(self._poll_of(session_id, timezone, timeout, poll), on_progress)
