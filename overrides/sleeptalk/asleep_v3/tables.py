"""Nights of data v3 as tables, as those of data v2 are: a row per epoch, and a row per night."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

import attrs

from sleeptalk.asleep.recording import recording
from sleeptalk.asleep.tables import epoch_rows, row_of
from sleeptalk.errors import ConfigurationError
from sleeptalk_generated.asleep_v3.models import BreathStage, SleepStage, SnoringStage, Stat

if TYPE_CHECKING:
    from sleeptalk.asleep.recording import RecordedV3

_STATISTICS: Final = tuple(attribute.name for attribute in attrs.fields(Stat))


class Epoch(TypedDict):
    """One epoch of 30 s.

    - `start`: when it began, with the offset of the night's time zone at that moment.
    - `seconds`: the same as seconds since the start of the recording: 0, 30, 60 ...
    - `stage`: its sleep stage, an integer; `stage.name` is its name. None where the night has no sleep stages.
    - `breathing`: its breathing stage, an integer; None without breathing analysis.
    - `snoring`: whether there was snoring, an integer with a name; None without snoring analysis.
    """

    start: datetime
    seconds: int
    stage: SleepStage | None
    breathing: BreathStage | None
    snoring: SnoringStage | None


def epochs(night: RecordedV3) -> list[Epoch]:
    """Return a row for each epoch of 30 s, for `pandas.DataFrame`, `polars.DataFrame` or `csv.DictWriter`.

    - `night`: a Night, or a SESSION_COMPLETE callback of the format V2 or V3, or its data.

    Times are in the night's time zone, so that their offset changes where the clock does; they keep the offset of the
    start where this machine does not know the zone. Without stages there are no rows. Raises ConfigurationError for
    what is not a night. Source: Get Session.
    """
    return cast("list[Epoch]", epoch_rows(night, ("stages", "breathing", "snoring")))


def statistics_row(night: RecordedV3) -> dict[str, Any]:
    """Return one night as a flat row of a table of nights: what it is, and its 38 statistics.

    - `night`: a Night, or a SESSION_COMPLETE callback of the format V2 or V3, or its data.

    The keys are the same for every night: `session_id`, `state`, `peculiarities` (with spaces between), `is_valid`,
    `timezone`, `missing_data_ratio`, `start_time`, `end_time`, and the fields of `Stat`. Times are datetimes with the
    offset that they came with, those of `sleep_cycle_time` one text; seconds are whole, ratios run from 0 to 1. None is
    what the night does not have. Raises ConfigurationError for what is not a night of data v3.
    """
    found = recording(night)
    if not hasattr(found.found, "peculiarities"):
        raise ConfigurationError("This is a night of data v2: sleeptalk.asleep.statistics_row makes a row of it.")
    more = {"peculiarities": " ".join(found.remarks), "is_valid": found.is_valid, "timezone": found.zone}
    return row_of(found, {**more, "missing_data_ratio": found.found.missing_data_ratio}, _STATISTICS)
