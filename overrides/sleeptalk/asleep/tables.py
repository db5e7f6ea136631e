"""Nights as tables: a row per epoch, and a row per night. Both are what pandas, polars and csv take."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

import attrs

from sleeptalk.asleep.recording import recording
from sleeptalk.asleep.validity import Validity
from sleeptalk.errors import ConfigurationError
from sleeptalk.runtime.zones import after, zone_named
from sleeptalk_generated.asleep.models import OsaStage, SleepStage, Stat
from sleeptalk_generated.types import UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk.asleep.recording import Recorded, RecordedV2, Recording

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


def epochs(night: RecordedV2) -> list[Epoch]:
    """Return a row for each epoch of 30 s, for `pandas.DataFrame`, `polars.DataFrame` or `csv.DictWriter`.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data.

    Times are in the night's time zone, so that their offset changes where the clock does. A callback does not name its
    zone: there they keep the offset of the start, as they do where this machine does not know the zone. Without stages
    there are no rows. Raises ConfigurationError for what is not a night. Source: Get Single Session, 2.1.3, 2.1.4.
    """
    return cast("list[Epoch]", epoch_rows(night, ("stages", "breathing")))


def epoch_rows(night: Recorded, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a row for each epoch, with these stages of a Recording beside its time; "stages" are called "stage"."""
    found = recording(night)
    zone = None if found.zone is None else zone_named(found.zone)
    names = ["stage" if column == "stages" else column for column in columns]
    rows: list[dict[str, Any]] = []
    for number, values in enumerate(zip_longest(*(getattr(found, column) or () for column in columns))):
        try:
            time = after(found.start, EPOCH * number, zone)
        except OverflowError:
            raise ConfigurationError("The night goes on after the year 9999, which no datetime can hold.") from None
        rows.append({"start": time, "seconds": 30 * number, **dict(zip(names, values, strict=True))})
    return rows


def statistics_row(night: RecordedV2) -> dict[str, Any]:
    """Return one night as a flat row of a table of nights: what it is, and its 23 statistics.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data.

    The keys are the same for every night: `session_id`, `state`, `validity`, `reason` (why it is INVALID), `timezone`,
    `start_time`, `end_time`, and the fields of `Stat`. Times are datetimes with the offset that they came with, seconds
    are whole, ratios run from 0 to 1. None is what the night does not have; a callback has neither validity nor zone.
    Raises ConfigurationError for what is not a night of data v2.
    """
    found = recording(night)
    if hasattr(found.found, "peculiarities"):
        raise ConfigurationError("This is a night of data v3: sleeptalk.asleep_v3.statistics_row makes a row of it.")
    validity = found.remarks[0] if found.remarks else None
    reason = None if validity is None else Validity(validity).reason
    more = {"validity": validity, "reason": reason, "timezone": found.zone}
    return row_of(found, more, _STATISTICS)


def row_of(found: Recording, more: dict[str, Any], statistics: Iterable[str]) -> dict[str, Any]:
    """Return a flat row: which night it is, what a version has more, when it was, and these statistics."""
    row: dict[str, Any] = {"session_id": found.session_id, "state": found.state, **more}
    row |= {"start_time": found.start, "end_time": found.end}
    return row | {name: _cell(getattr(found.statistics, name, None)) for name in statistics}


def _cell(value: Any) -> object:
    """Return a plain value: an enumeration is its text, a list the texts of its items, what is absent is None."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, UnsetType):
        return None
    return str(value) if isinstance(value, str) else value
