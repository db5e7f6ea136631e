"""Why a field of a night is null: the null rules of the document, read backwards.

Sources: Get Single Session, 2.1; Callback, 1.3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from sleeptalk.asleep.night import Night
from sleeptalk.asleep.reasons import Finding, NullReason, names_of, never_slept, value_of
from sleeptalk.asleep.validity import Validity, ValidityStatus
from sleeptalk.errors import ConfigurationError
from sleeptalk_generated.asleep.models import (
    InferenceCompleteData,
    Session,
    SessionCompleteData,
    SessionResult,
    SessionState,
    SleepData,
    Stat,
)
from sleeptalk_generated.asleep.nulls import (
    NULL_BREATHING_STATS,
    NULL_INVALID_STATS,
    NULL_NEVER_SLEPT_STATS,
    NULL_STAGE_STATS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk.asleep.fields import NightField
    from sleeptalk_generated.asleep_v3 import models as v3


class CallbackWithData(Protocol):
    """A callback with its data, as `sleeptalk.callback.parse` returns it."""

    @property
    def data(self) -> SessionCompleteData | InferenceCompleteData | CallbackDataV3: ...  # noqa: D102  # see the class


Data: TypeAlias = Night | SessionResult | SessionCompleteData | SleepData | InferenceCompleteData | CallbackWithData
CallbackDataV3: TypeAlias = (
    "v3.SessionCompleteDataV2 | v3.SessionCompleteDataV3 | v3.InferenceCompleteDataV2 | v3.InferenceCompleteDataV3"
)

STAGE_TIMES = NULL_STAGE_STATS - NULL_NEVER_SLEPT_STATS  # a night without sleep has them too, and they are 0
SHORTEST_VALID_SESSION = 20 * 60  # seconds


def why_null(night: Data, field: NightField) -> NullReason | None:
    """Return why a field is null, or None where it is not null.

    - `night`: what `get_session` returned, or a callback's event, data or sleep data.
    - `field`: the name of a statistic, of a field of the session, or `stat` for the statistics as a whole. A type
      checker finds one that is misspelt; a name that is only known at run time is a `NightField` by `typing.cast`.

    Where several reasons apply, a reason of the whole session comes before one of the contract, which comes before one
    of this night: NOT_COMPLETE, INVALID; NO_REAL_TIME, TWO_STAGE, NO_BREATHING; NEVER_SLEPT. The stages of an OPEN
    session are missing by contract (NO_REAL_TIME), its end and its statistics are still to come. The `sentence` of a
    reason is for people. A callback does not carry the validity:
    there INVALID is concluded where every nullable statistic is null in a session that is under 20 minutes or not all
    wake. Of nights of data v3, and callbacks of the formats V2 and V3, it returns what `sleeptalk.asleep_v3.why_null`
    does.

    Raises UnknownField for a name that the data does not have, ConfigurationError for data of another kind: a `stat`
    alone does not show why a value is missing.
    """
    data: object = getattr(night, "data", night)
    if isinstance(data, (Night, SessionResult)):
        value, reason = _in_result(data, field)
    elif isinstance(data, SessionCompleteData):
        value, reason = value_of(field, data.sleep_data, data), _of_sleep_data(data.sleep_data, field)
    elif isinstance(data, SleepData):
        value, reason = value_of(field, data), _of_sleep_data(data, field)
    elif isinstance(data, InferenceCompleteData):
        value = value_of(field, data)
        reason = NullReason.NO_BREATHING if field == "osa_stage_list" else None
    else:
        from sleeptalk.asleep_v3.null_rules import finding  # noqa: PLC0415  # it is there where such data is

        found = finding(data, field)
        if found is None:
            advice = "pass what get_session returned, or a callback's event, data or sleep data"
            raise ConfigurationError(f"why_null cannot read an object of type {type(data).__name__}: {advice}.")
        value, reason = found
    return None if value is not None else reason or NullReason.UNEXPLAINED


def _in_result(night: Night | SessionResult, field: str) -> Finding:
    session, stat = night.session, night.stat
    value = value_of(field, session, stat or Stat, night)
    open_ = session.state == SessionState.OPEN
    if field in {"sleep_stages", "osa_stages"} and open_ and session.sleep_stages is None:
        return value, NullReason.NO_REAL_TIME
    if field == "osa_stages":
        return value, NullReason.NO_BREATHING
    if field in names_of(Session):
        return value, NullReason.NOT_COMPLETE if open_ and field == "end_time" else None
    if stat is not None:
        return value, _of_contract_or_night(stat, field, session.sleep_stages, session.osa_stages)
    status = Validity(night.validity).status
    if session.state != SessionState.COMPLETE or status is ValidityStatus.IN_PROGRESS:
        return value, NullReason.NOT_COMPLETE
    return value, None if status is ValidityStatus.VALID else NullReason.INVALID


def _of_sleep_data(data: SleepData, field: str) -> NullReason | None:
    unusable = data.time_in_bed < SHORTEST_VALID_SESSION or not never_slept(data.sleep_stages)
    if unusable and all(getattr(data, name) is None for name in NULL_INVALID_STATS):
        return NullReason.INVALID
    if field == "osa_stages":
        return NullReason.NO_BREATHING
    return _of_contract_or_night(data, field, data.sleep_stages, data.osa_stages)


def _of_contract_or_night(
    stat: Stat | SleepData, field: str, sleep_stages: Sequence[int] | None, osa_stages: object
) -> NullReason | None:
    if field in NULL_STAGE_STATS and all(getattr(stat, name) is None for name in STAGE_TIMES):
        return NullReason.TWO_STAGE
    if field in NULL_BREATHING_STATS and osa_stages is None:
        return NullReason.NO_BREATHING
    if field in NULL_NEVER_SLEPT_STATS and never_slept(sleep_stages):
        return NullReason.NEVER_SLEPT
    return None
