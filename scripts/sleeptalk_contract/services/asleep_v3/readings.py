"""What `sleeptalk get` shows of data v3: a night, the list of a user's nights, their averages, and the user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from sleeptalk.asleep_v3 import Asleep, AverageStats, Epoch, ListedSession, Stat, UserMetadata
from sleeptalk.drawing import hypnogram
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.contract.reading import Page, Reading
from sleeptalk_contract.services.asleep.reading import TIMEZONE, is_there, name_of, page_of, rows_of, worded
from sleeptalk_generated.asleep_v3 import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.asleep_v3 import AverageStatsResult, Night, User

_OF_THE_SESSION: Final = ("end_time", "sleep_stages", "breath_stages", "snoring_stages")
_LISTED: Final = tuple(attribute.name for attribute in attrs.fields(ListedSession))
_AVERAGES: Final = tuple(attribute.name for attribute in attrs.fields(AverageStats))
_DATES: Final = (
    ("--date-from", "The first day, such as 2025-01-31, in the time zone."),
    ("--date-to", "The last day."),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """All sessions of a list, from however many pages."""

    user_id: str
    sessions: Sequence[ListedSession]

    def to_dict(self) -> dict[str, Any]:
        """Return the list as the `result` of a page has it."""
        return {"sleep_session_list": [session.to_dict() for session in self.sessions]}


def _client(user_id: str, *, url: str, credentials: Mapping[str, str], timeout: float) -> Asleep:
    return Asleep(credentials["x-api-key"], user_id, base_url=url, timeout=timeout)


def _read_night(session_id: str, *, timezone: str | None = None, **service: Any) -> Night:
    with _client(service["credentials"]["x-user-id"], **service) as asleep:
        return asleep.get_session(session_id, timezone=timezone)


def _read_list(
    user_id: str,
    *,
    date_from: str | None = None,
    date_to: str | None = None,
    order: str | None = None,
    timezone: str | None = None,
    **service: Any,
) -> Listed:
    wanted: Any = (order or "DESC").upper()
    with _client(user_id, **service) as asleep:
        found = asleep.list_sessions(
            date_from=_day("--date-from", date_from),
            date_to=_day("--date-to", date_to),
            order=wanted,
            timezone=timezone,
        )
        return Listed(user_id, list(found))


def _read_averages(
    user_id: str,
    *,
    date_from: str | None = None,
    date_to: str | None = None,
    timezone: str | None = None,
    **service: Any,
) -> AverageStatsResult:
    first, last = _day("--date-from", date_from), _day("--date-to", date_to)
    if first is None or last is None:
        raise ConfigurationError("--date-from and --date-to are needed: a period has at most 100 days.")
    with _client(user_id, **service) as asleep:
        return asleep.average_stats(date_from=first, date_to=last, timezone=timezone)


def _read_user(user_id: str, **service: Any) -> User:
    with _client(user_id, **service) as asleep:
        return asleep.get_user(user_id)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} must be a day such as 2025-01-31, not {text!r}.") from None


def _night_page(night: Night) -> Page:
    remarks = [("peculiarity", f"{each}: {each.sentence}") for each in night.peculiarities]
    remarks.append(("valid", "yes" if night.is_valid else "no"))
    remarks.append(("missing data", worded("missing_data_ratio", night.missing_data_ratio)))
    return page_of(night, remarks, _OF_THE_SESSION, Stat)


def _list_page(listed: Listed) -> Page:
    facts = [("sessions", str(len(listed.sessions)))]
    for session in listed.sessions:
        end = "still recording" if session.session_end_time is None else f"to {session.session_end_time:%H:%M}"
        facts.append((session.session_id, f"{session.state}, {session.session_start_time:%Y-%m-%d %H:%M} {end}"))
    return Page(f"Sessions of {listed.user_id}", facts)


def _averages_page(result: AverageStatsResult) -> Page:
    period = result.period
    facts = [
        ("time zone", period.timezone),
        *(("peculiarity", f"{each}: {each.sentence}") for each in result.peculiarities),
        ("sessions with sleep", str(len(result.slept_sessions))),
        ("sessions without sleep", str(len(result.never_slept_sessions))),
    ]
    if result.average_stats is not None:
        values = ((name, getattr(result.average_stats, name)) for name in _AVERAGES)
        facts += [(name_of(name), worded(name, value)) for name, value in values if is_there(value)]
    return Page(f"Averages from {period.start_date} to {period.end_date}", facts)


def _user_page(user: User) -> Page:
    facts = [("to be deleted", "yes" if user.to_be_deleted else "no")]
    if user.last_session_info is not None:
        last = user.last_session_info
        end = "still recording" if last.end_time is None else f"to {last.end_time}"
        facts.append(("last session", f"{last.session_id} {last.state}, from {last.start_time} {end} (UTC)"))
    if isinstance(user.metadata, UserMetadata):
        known = user.metadata.to_dict()
        facts += [(name_of(name), str(value)) for name, value in known.items() if value is not None]
    return Page(f"User {user.user_id}", facts)


def _list_rows(listed: Listed) -> Sequence[Mapping[str, object]]:
    return [dict.fromkeys(_LISTED) | session.to_dict() for session in listed.sessions]


def _averages_rows(result: AverageStatsResult) -> Sequence[Mapping[str, object]]:
    return [] if result.average_stats is None else [dict.fromkeys(_AVERAGES) | result.average_stats.to_dict()]


def _user_rows(user: User) -> Sequence[Mapping[str, object]]:
    last = user.last_session_info
    row = {"user_id": user.user_id, "to_be_deleted": user.to_be_deleted}
    return [row | {"last_session": None if last is None else last.session_id}]


READINGS: Final = (
    Reading(
        identifier="SESSION_ID",
        summary="Show one night of data v3: its statistics, its stages, and why something is missing.",
        read=_read_night,
        page=_night_page,
        rows=rows_of,
        columns=tuple(Epoch.__annotations__),
        svg=hypnogram,
        address=SERVER,
        options=(TIMEZONE,),
    ),
    Reading(
        name="sessions",
        identifier="USER_ID",
        names_header="x-user-id",
        summary="List the nights of a user, from however many pages.",
        read=_read_list,
        page=_list_page,
        rows=_list_rows,
        columns=_LISTED,
        address=SERVER,
        options=(*_DATES, ("--order", "ASC for the earliest first, by default DESC."), TIMEZONE),
    ),
    Reading(
        name="averages",
        identifier="USER_ID",
        names_header="x-user-id",
        summary="Show the averages of a user's nights over at most 100 days.",
        read=_read_averages,
        page=_averages_page,
        rows=_averages_rows,
        columns=_AVERAGES,
        address=SERVER,
        options=(*_DATES, TIMEZONE),
    ),
    Reading(
        name="user",
        identifier="USER_ID",
        names_header="x-user-id",
        summary="Show a user with the last session that was recorded.",
        read=_read_user,
        page=_user_page,
        rows=_user_rows,
        columns=("user_id", "to_be_deleted", "last_session"),
        address=SERVER,
    ),
)
