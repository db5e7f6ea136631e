"""The clients of Asleep with data v3, sync and async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define

from sleeptalk.asleep.base import checked_user_id
from sleeptalk.asleep.outcomes import Outcome
from sleeptalk.asleep.sessions import AsyncSessionsClient, Reading, SessionsClient
from sleeptalk.asleep_v3.listing import LONGEST_PAGE, SessionPages, check_period
from sleeptalk.asleep_v3.night import OVERRIDES, Night
from sleeptalk_generated.asleep_v3.client import (
    DELETE_SESSIONS,
    GET_AVERAGE_STATS,
    GET_SESSION,
    AsleepV3Methods,
    AsyncAsleepV3Methods,
)
from sleeptalk_generated.asleep_v3.models import Order, User, UserCreated
from sleeptalk_generated.operation import Call

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from datetime import date
    from typing import Literal
    from zoneinfo import ZoneInfo

    from sleeptalk_generated.asleep_v3.models import AverageStatsResponse, AverageStatsResult, ListedSession


@define(frozen=True, kw_only=True)
class SessionOutcome(Outcome[Night]):
    """How reading one session has ended.

    - `session_id`: as it was given.
    - `night`: the night, None where there is an error.
    - `error`: what `get_session` would have raised, None where there is a night.
    """


_READING = Reading[Night, SessionOutcome](GET_SESSION, SessionOutcome)


def _averages(
    user_id: str | None, date_from: date, date_to: date, timezone: ZoneInfo | str | None
) -> Call[AverageStatsResponse]:
    check_period(date_from, date_to, required=True)
    arguments: dict[str, object] = {"start_date": date_from, "end_date": date_to, "timezone": timezone}
    if user_id is not None:
        arguments["user_id"] = checked_user_id(user_id)
    return Call(operation=GET_AVERAGE_STATS, arguments=arguments)


def _delete_all(user_id: str) -> Call[None]:
    return Call(operation=DELETE_SESSIONS, arguments={"user_id": checked_user_id(user_id)})


class Asleep(SessionsClient[Night, SessionOutcome], AsleepV3Methods[Night, UserCreated, User]):
    """Reads nights, lists and averages of data v3, and manages users.

        with Asleep(api_key="...", user_id="...") as asleep:
            night = asleep.get_session("20220821093117_hz82a")

    - `api_key`, `user_id`: None reads ASLEEP_API_KEY and ASLEEP_USER_ID from the environment.
    - `base_url`, `timeout`, `retries`, `http_client` (of httpx or httpx2), `max_concurrency`, `recorder`: as in
      `sleeptalk.runtime.client.Client`.

    One client may be used from several threads, and after a fork in both processes. Raises ConfigurationError.

    A method that cannot return a result raises a CallFailed; InvalidSessionId, InvalidTimezone, SessionNotFound and
    UserNotFound are those of this service, and `sleeptalk.errors` has the tree. A delete takes the id of what is meant,
    never the client's own. It is not sent again where its answer was lost: a ConnectionFailed or DeadlineExceeded
    leaves open whether it was done.
    """

    _overrides = OVERRIDES
    _reading = _READING

    def list_sessions(
        self,
        *,
        date_from: date | None = None,
        date_to: date | None = None,
        order: Order | Literal["ASC", "DESC"] = Order.DESC,
        timezone: ZoneInfo | str | None = None,
        page_size: int = LONGEST_PAGE,
    ) -> Generator[ListedSession, None, None]:
        """Yield the sessions of the client's user one after another, and read page after page of the list as needed.

            from datetime import date

            with Asleep(api_key="...", user_id="...") as asleep:
                for session in asleep.list_sessions(date_from=date(2025, 1, 1), timezone="Asia/Seoul"):
                    print(session.session_id, session.state, session.session_start_time)

        - `date_from`, `date_to`: the first and the last day on which a session may start, in the time zone.
        - `order`: by the start of the sessions, "DESC" for the latest first, "ASC" for the earliest first.
        - `timezone`: that of the dates and of every time, UTC by default.
        - `page_size`: how many sessions a request asks for, from 2 to 100. An older page of the vendor allows 20.

        No session comes twice, and none is left out that is in the list all the time, whatever appears or is deleted
        meanwhile, also by the program that reads. One that appears meanwhile may be left out, or come late. Raises
        ConfigurationError at once, and a CallFailed for the page that cannot be read, ContractViolation where the pages
        do not follow from each other. Source: List Sessions.
        """
        return self._listed(SessionPages(date_from, date_to, order, timezone, page_size))

    def _listed(self, pages: SessionPages) -> Generator[ListedSession, None, None]:
        while not pages.finished:
            yield from pages.new_of(self._call(pages.call))

    def average_stats(
        self,
        user_id: str | None = None,
        *,
        date_from: date,
        date_to: date,
        timezone: ZoneInfo | str | None = None,
    ) -> AverageStatsResult:
        """Return the averages over the sessions of a user that began in a period, and those sessions.

            from datetime import date

            with Asleep(api_key="...", user_id="...") as asleep:
                averages = asleep.average_stats(date_from=date(2025, 1, 1), date_to=date(2025, 1, 31))
                if averages.average_stats is not None:
                    print("falls asleep at", averages.average_stats.sleep_time)

        - `user_id`: None is the client's user.
        - `date_from`, `date_to`: the first and the last day, at most 100 days apart, in the time zone.
        - `timezone`: that of the dates and of every time, UTC by default.

        `start_time`, `end_time`, `sleep_time` and `wake_time` of the averages are times of day (`datetime.time`), in
        the sessions they are datetimes; `mean_clock_time` and `clock_difference` compute with both. Other averages are
        seconds, ratios from 0 to 1, and counts, all possibly fractions. `average_stats` is None without a session with
        sleep. Raises ConfigurationError, RequestRefused for a longer period, and a CallFailed. Source: Average Stats.
        """
        return self._call(_averages(user_id, date_from, date_to, timezone)).result

    def delete_sessions(self, user_id: str) -> None:
        """Delete the audio and the analyses of every session of a user; the user remains. It cannot be undone.

        - `user_id`: the user, who must be named: neither the client's user nor the environment stands in.

        Raises ConfigurationError without an id, UserNotFound, and a CallFailed: see the class about a lost answer.
        Source: Delete All Sessions.
        """
        self._call(_delete_all(user_id))


class AsyncAsleep(AsyncSessionsClient[Night, SessionOutcome], AsyncAsleepV3Methods[Night, UserCreated, User]):
    """Reads nights, lists and averages of data v3, and manages users, without blocking.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            night = await asleep.get_session("20220821093117_hz82a")

    Takes and raises what Asleep does, with an `AsyncClient` of httpx or httpx2 as `http_client`. A call can be
    cancelled wherever it waits; no connection stays behind.
    """

    _overrides = OVERRIDES
    _reading = _READING

    def list_sessions(
        self,
        *,
        date_from: date | None = None,
        date_to: date | None = None,
        order: Order | Literal["ASC", "DESC"] = Order.DESC,
        timezone: ZoneInfo | str | None = None,
        page_size: int = LONGEST_PAGE,
    ) -> AsyncGenerator[ListedSession, None]:
        """Yield the sessions of the client's user one after another, as Asleep.list_sessions does.

        async with AsyncAsleep(api_key="...", user_id="...") as asleep:
            async for session in asleep.list_sessions(order="ASC"):
                print(session.session_id, session.state)
        """
        return self._listed(SessionPages(date_from, date_to, order, timezone, page_size))

    async def _listed(self, pages: SessionPages) -> AsyncGenerator[ListedSession, None]:
        while not pages.finished:
            for session in pages.new_of(await self._call(pages.call)):
                yield session

    async def average_stats(
        self,
        user_id: str | None = None,
        *,
        date_from: date,
        date_to: date,
        timezone: ZoneInfo | str | None = None,
    ) -> AverageStatsResult:
        """Return the averages over the sessions of a user that began in a period, as Asleep.average_stats does."""
        return (await self._call(_averages(user_id, date_from, date_to, timezone))).result

    async def delete_sessions(self, user_id: str) -> None:
        """Delete everything of every session of the user who is named, as Asleep.delete_sessions does."""
        await self._call(_delete_all(user_id))
