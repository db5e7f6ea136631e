"""The clients of Asleep's Data API, sync and async."""

from __future__ import annotations

from attrs import define

from sleeptalk.asleep.night import OVERRIDES, Night
from sleeptalk.asleep.outcomes import Outcome
from sleeptalk.asleep.sessions import AsyncSessionsClient, Reading, SessionsClient
from sleeptalk_generated.asleep.client import GET_SESSION, AsleepMethods, AsyncAsleepMethods


@define(frozen=True, kw_only=True)
class SessionOutcome(Outcome[Night]):
    """How reading one session has ended.

    - `session_id`: as it was given.
    - `night`: the night, None where there is an error.
    - `error`: what `get_session` would have raised, None where there is a night.
    """


_READING = Reading[Night, SessionOutcome](GET_SESSION, SessionOutcome)


class Asleep(SessionsClient[Night, SessionOutcome], AsleepMethods[Night]):
    """Reads nights.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20220821093117_hz82a")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `base_url`, `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`, `recorder`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidSessionId, InvalidTimezone and SessionNotFound are
    those of this service, and `sleeptalk.errors` has the tree.
    """

    _overrides = OVERRIDES
    _reading = _READING


class AsyncAsleep(AsyncSessionsClient[Night, SessionOutcome], AsyncAsleepMethods[Night]):
    """Reads nights without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20220821093117_hz82a")

    Takes and raises what Asleep does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    _overrides = OVERRIDES
    _reading = _READING
