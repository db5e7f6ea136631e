"""The clients of Asleep's Data API, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sleeptalk.client import BlockingClient, Client, WaitingClient, hidden, required, unusable
from sleeptalk.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from sleeptalk.asleep.night import Night
    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.settings import Secret
    from sleeptalk.transport.watch import Watch

BASE_URL = "https://api.asleep.ai"


class _Sessions(Client):
    """What both clients know of sessions: everything but how to wait."""

    _user_id: str

    def _introduce(self, secret: Secret, user_id: str | None, base_url: str, timeout: float, retries: int) -> None:
        problem = unusable(secret.reveal(), "ASLEEP_API_KEY")
        if problem is not None:
            raise ConfigurationError(f"api_key {problem}.")
        self._user_id = required(user_id, "user_id", "ASLEEP_USER_ID")
        self._configure(base_url, secret, timeout, retries)

    def for_user(self, user_id: str) -> Self:
        """Give a client for another user's sessions that shares this one's key, options and connections.

        - `user_id`: that user's id; the environment does not stand in for it.

        Closing the copy does nothing: the connections are this client's. Raises ConfigurationError.
        """
        if not isinstance(user_id, str) or not user_id:
            raise ConfigurationError(f"user_id must be a str that is not empty, and is {user_id!r}.")
        twin = self.with_options()
        twin._user_id = user_id  # noqa: SLF001  # of our own class
        return twin

    def _session(self, session_id: str, timezone: str | None) -> Operation[Night]:
        from sleeptalk.asleep.reading import session_operation  # noqa: PLC0415  # models are imported when first read

        return session_operation(
            session_id,
            secret=self._server.secret,
            user_id=self._user_id,
            timezone=timezone,
            check_ids=self._settings.check_ids,
        )

    def _watch(self, session_id: str, timezone: str | None, timeout: float, poll: float) -> Watch[Night]:
        from sleeptalk.asleep.watching import session_watch  # noqa: PLC0415  # as above

        return session_watch(self._session(session_id, timezone), session_id, timeout=timeout, poll=poll)


class Asleep(_Sessions, BlockingClient):
    """Reads nights.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20220821093117_hz82a")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `timeout`: the deadline of a whole call in seconds: connecting, retries and reading included.
    - `retries`: how many further requests a call may send, after a connection error, 408, 429, 502, 503, 504 or
      one 500.
    - `http_client`: an HTTP client to send with; it is neither changed nor closed. With one, `timeout` bounds each try
      to connect and each read of an answer's head, not their sum.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.
    """

    def __init__(
        self,
        api_key: str | None = None,
        user_id: str | None = None,
        *,
        base_url: str = BASE_URL,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.Client | None = None,
    ) -> None:
        secret = hidden(api_key, "ASLEEP_API_KEY")
        del api_key
        self._introduce(secret, user_id, base_url, timeout, retries)
        self._connect(http_client)

    def get_session(self, session_id: str, *, timezone: str | None = None) -> Night:
        """Read one session, whatever its state.

        - `session_id`: 14 digits, `_` and 5 of [a-z0-9], checked before sending.
        - `timezone`: an IANA name such as `Asia/Seoul`, for the times of the night; None leaves it at UTC.

        Raises a CallFailed: InvalidSessionId, InvalidTimezone, SessionNotFound, Unauthorized, Forbidden,
        RequestRefused, RateLimited, ServerError, UnexpectedStatus, ContractViolation, ResponseTooLarge,
        ConnectionFailed, DeadlineExceeded, InvalidHeaderValue. Source: 001.
        """
        return self._transport.send(self._session(session_id, timezone), self._settings)

    def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: str | None = None,
        timeout: float = 600.0,
        poll: float = 5.0,
        on_progress: Callable[[Night], object] | None = None,
    ) -> Night:
        """Read one session again and again until it is COMPLETE.

        - `timeout`: the deadline of the whole wait in seconds.
        - `poll`: the first pause between two looks in seconds; pauses grow to ten times that, and obey `retry-after`.
        - `on_progress`: called with every night that was read, the last one included.

        Raises SessionTimeout with the last state, after which the wait can be taken up again, and what `get_session`
        raises. An INVALID night that is COMPLETE is a result, not an error.
        """
        watch = self._watch(session_id, timezone, timeout, poll)
        return self._transport.wait(watch, self._settings, on_progress)


class AsyncAsleep(_Sessions, WaitingClient):
    """Reads nights without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20220821093117_hz82a")

    Takes and raises what Asleep does. A call can be cancelled wherever it waits; no connection stays behind.
    """

    def __init__(
        self,
        api_key: str | None = None,
        user_id: str | None = None,
        *,
        base_url: str = BASE_URL,
        timeout: float = 30.0,
        retries: int = 2,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        secret = hidden(api_key, "ASLEEP_API_KEY")
        del api_key
        self._introduce(secret, user_id, base_url, timeout, retries)
        self._connect(http_client)

    async def get_session(self, session_id: str, *, timezone: str | None = None) -> Night:
        """Read one session, as Asleep.get_session does."""
        return await self._transport.send(self._session(session_id, timezone), self._settings)

    async def wait_for_session(
        self,
        session_id: str,
        *,
        timezone: str | None = None,
        timeout: float = 600.0,  # noqa: ASYNC109  # one deadline for many looks; a caller's cancellation works as well
        poll: float = 5.0,
        on_progress: Callable[[Night], Awaitable[object] | object] | None = None,
    ) -> Night:
        """Wait for a session, as Asleep.wait_for_session does; `on_progress` may be async."""
        watch = self._watch(session_id, timezone, timeout, poll)
        return await self._transport.wait(watch, self._settings, on_progress)
