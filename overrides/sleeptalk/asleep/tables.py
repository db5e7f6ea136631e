"""Nights as tables: a row per epoch, and a row per night. Both are what pandas, polars and csv take."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, Protocol, TypeAlias, TypedDict, cast

import attrs

from sleeptalk.asleep.validity import Validity
from sleeptalk.errors import ConfigurationError
from sleeptalk.runtime.zones import after, zone_named
from sleeptalk_generated.asleep.models import OsaStage, Session, SessionCompleteData, SleepData, SleepStage, Stat

EPOCH: Final = timedelta(seconds=30)
_STATISTICS: Final = tuple(attribute.name for attribute in attrs.fields(Stat))


class Epoch(TypedDict):
    """One epoch of 30 s.

    - `start`: when it began, with the offset of the night's time zone at that moment.
    - `seconds`: the same as seconds since the start of the recording: 0, 30, 60 ...
    - `stage`: its sleep stage, an integer; `stage.name` is its name. None where the night has no sleep stages.
    - `breathing`: its breathing stage, an integer; None without breathing analysis.
    """

    start: datetime
    seconds: int
    stage: SleepStage | None
    breathing: OsaStage | None


class SessionWithStat(Protocol):
    """A Night, or the result that it was read from."""

    @property
    def timezone(self) -> str: ...  # noqa: D102  # see Night
    @property
    def validity(self) -> str: ...  # noqa: D102  # see Night
    @property
    def session(self) -> Session: ...  # noqa: D102  # see Night
    @property
    def stat(self) -> Stat | None: ...  # noqa: D102  # see Night


class CompletedSession(Protocol):
    """A SESSION_COMPLETE callback."""

    @property
    def data(self) -> SessionCompleteData: ...  # noqa: D102  # see the class


Recorded: TypeAlias = SessionWithStat | SleepData | SessionCompleteData | CompletedSession


def epochs(night: Recorded) -> list[Epoch]:
    """Return a row for each epoch of 30 s, for `pandas.DataFrame`, `polars.DataFrame` or `csv.DictWriter`.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data.

    Times are in the night's time zone, so that their offset changes where the clock does. A callback does not name its
    zone: there they keep the offset of the start, as they do where this machine does not know the zone. Without stages
    there are no rows. Raises ConfigurationError for what is not a night. Source: Get Single Session, 2.1.3, 2.1.4.
    """
    found = sleep_data_or_night(night)
    if isinstance(found, SleepData):
        start, zone, stages, breathing = found.session_start_time, None, found.sleep_stages, found.osa_stages
    else:
        start, zone = found.session.start_time, zone_named(found.timezone)
        stages, breathing = found.session.sleep_stages or [], found.session.osa_stages
    rows = list[Epoch]()
    for number, (stage, breath) in enumerate(zip_longest(stages, breathing or ())):
        try:
            time = after(start, EPOCH * number, zone)
        except OverflowError:
            raise ConfigurationError("The night goes on after the year 9999, which no datetime can hold.") from None
        rows.append(Epoch(start=time, seconds=30 * number, stage=stage, breathing=breath))
    return rows


def statistics_row(night: Recorded) -> dict[str, Any]:
    """Return one night as a flat row of a table of nights: what it is, and its 23 statistics.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data.

    The keys are the same for every night: `session_id`, `state`, `validity`, `reason` (why it is INVALID), `timezone`,
    `start_time`, `end_time`, and the fields of `Stat`. Times are datetimes with the offset that they came with, seconds
    are whole, ratios run from 0 to 1. None is what the night does not have; a callback has neither validity nor zone.
    """
    found = sleep_data_or_night(night)
    if isinstance(found, SleepData):
        row: dict[str, Any] = {"session_id": found.session_id, "state": str(found.state)}
        row |= {"validity": None, "reason": None, "timezone": None}
        row |= {"start_time": found.session_start_time, "end_time": found.session_end_time}
        statistics: SleepData | Stat | None = found
    else:
        session, validity, statistics = found.session, Validity(found.validity), found.stat
        row = {"session_id": session.id, "state": str(session.state)}
        row |= {"validity": str(validity), "reason": validity.reason, "timezone": found.timezone}
        row |= {"start_time": session.start_time, "end_time": session.end_time}
    return row | {name: _cell(getattr(statistics, name, None)) for name in _STATISTICS}


def _cell(value: object) -> object:
    """Return a plain value: an enumeration is its text."""
    return str(value) if isinstance(value, str) else value


def sleep_data_or_night(night: Recorded) -> SleepData | SessionWithStat:
    """Return the part of a callback that holds a night, or the night itself. Raises ConfigurationError for others."""
    data: object = getattr(night, "data", night)
    data = data.sleep_data if isinstance(data, SessionCompleteData) else data
    if isinstance(data, SleepData) or all(hasattr(data, name) for name in ("timezone", "validity", "session", "stat")):
        return cast("SleepData | SessionWithStat", data)
    advice = "pass what get_session returned, or a SESSION_COMPLETE callback, its data or its sleep data"
    raise ConfigurationError(f"An object of type {type(data).__name__} is not a night: {advice}.")
