"""The null rules of data v3, read backwards.

Sources: Get Session; Webhook V3; API Migration Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.asleep.reasons import Finding, NullReason, names_of, never_slept, value_of
from sleeptalk.asleep_v3.night import Night
from sleeptalk_generated.asleep_v3.models import (
    InferenceCompleteDataV2,
    InferenceCompleteDataV3,
    Peculiarity,
    Session,
    SessionCompleteDataV2,
    SessionCompleteDataV3,
    SessionResult,
    SessionState,
    Stat,
)
from sleeptalk_generated.asleep_v3.nulls import NULL_BREATHING_STATS, NULL_NEVER_SLEPT_STATS, NULL_STAGE_STATS
from sleeptalk_generated.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

STAGE_TIMES: Final = NULL_STAGE_STATS - NULL_NEVER_SLEPT_STATS  # a night without sleep has them too, and they are 0
_TIME_OF_LATENCY: Final = {f"{stage}_latency": f"time_in_{stage}" for stage in ("light", "deep", "rem")}
_CYCLES: Final = frozenset({"sleep_cycle_count", "sleep_cycle", "sleep_cycle_time"})
_SNORING: Final = frozenset(
    {"time_in_snoring", "time_in_no_snoring", "snoring_ratio", "no_snoring_ratio", "snoring_count"}
)
_OF_SLEEP: Final = (
    NULL_NEVER_SLEPT_STATS
    | _TIME_OF_LATENCY.keys()
    | _CYCLES
    | {"sleep_index", "waso_count", "longest_waso", "snoring_ratio", "no_snoring_ratio"}
)
"""The statistics that are null in a night without sleep."""
_NO_STATISTICS: Final = frozenset({Peculiarity.TOO_SHORT_FOR_ANALYSIS, Peculiarity.TOO_MANY_DEFECTS_IN_SLEEP_STAGES})
_OF_A_WINDOW: Final[Mapping[str, NullReason]] = {
    "breath_stages": NullReason.NO_BREATHING,
    "snoring_stages": NullReason.NO_SNORING,
}


def finding(data: object, field: str) -> Finding | None:
    """Return the value of a field and why it is null; None for data of another kind. Raises UnknownField."""
    if isinstance(data, (Night, SessionResult, SessionCompleteDataV3)):
        return _in_night(data, field)
    if isinstance(data, SessionCompleteDataV2):
        return (value_of(field, data), None) if field in names_of(type(data)) else _in_night(data.sleep_data, field)
    if isinstance(data, (InferenceCompleteDataV2, InferenceCompleteDataV3)):
        value = value_of(field, data)
        if value is None and field in ("sleep_stages", "stage_list"):  # two names of the same
            value = value_of("sleep_stages", data) or value_of("stage_list", data)
        return value, _OF_A_WINDOW.get(field)
    return None


def _in_night(night: Night | SessionResult | SessionCompleteDataV3, field: str) -> Finding:
    session, stat = night.session, night.stat
    value = value_of(field, session, stat or Stat, night)
    if isinstance(night, Night) and field in night.unknown:
        return None, NullReason.NOT_IN_V2
    if value is not None:
        return value, None
    if field in names_of(Session):
        return None, _of_session(session, field, set(night.peculiarities))
    if field != "stat" and field in names_of(type(night)):
        return None, None
    if stat is None:
        return None, _of_all_statistics(session, set(night.peculiarities))
    return None, _of_contract_or_night(stat, field, session, set(night.peculiarities))


def _of_session(session: Session, field: str, peculiarities: AbstractSet[Peculiarity]) -> NullReason | None:
    is_open = session.state == SessionState.OPEN
    early = is_open or (session.state != SessionState.COMPLETE and Peculiarity.NO_REALTIME_POLLING in peculiarities)
    if field in ("sleep_stages", *_OF_A_WINDOW) and early and session.sleep_stages is None:
        return NullReason.NO_REAL_TIME
    if field == "end_time":
        return NullReason.NOT_COMPLETE if is_open else None
    if field == "unexpected_end_time":
        return NullReason.NOT_INTERRUPTED
    return _OF_A_WINDOW.get(field)


def _of_all_statistics(session: Session, peculiarities: AbstractSet[Peculiarity]) -> NullReason | None:
    if session.state != SessionState.COMPLETE or Peculiarity.IN_PROGRESS in peculiarities:
        return NullReason.NOT_COMPLETE
    if peculiarities & _NO_STATISTICS or not all(each.is_known for each in peculiarities):
        return NullReason.INVALID
    return NullReason.NO_REAL_TIME if Peculiarity.NO_REALTIME_POLLING in peculiarities else None


def _of_contract_or_night(  # noqa: PLR0911  # a reason after the other
    stat: Stat, field: str, session: Session, peculiarities: AbstractSet[Peculiarity]
) -> NullReason | None:
    two_stages = all(getattr(stat, name) is None for name in STAGE_TIMES)
    if two_stages and field in NULL_STAGE_STATS | _TIME_OF_LATENCY.keys() | _CYCLES:
        return NullReason.TWO_STAGE
    if field in NULL_BREATHING_STATS | {"unstable_breath_count"} and session.breath_stages is None:
        return NullReason.NO_BREATHING
    if field in _SNORING and not session.snoring_stages:
        return NullReason.NO_SNORING
    awake = never_slept(session.sleep_stages) and stat.time_in_sleep == 0  # a printed sample has its stages cut off
    if field in _OF_SLEEP and (awake or Peculiarity.NEVER_SLEPT in peculiarities):
        return NullReason.NEVER_SLEPT
    if field in _TIME_OF_LATENCY:
        return NullReason.NO_SUCH_STAGE if getattr(stat, _TIME_OF_LATENCY[field]) == 0 else None
    if field in _CYCLES and stat.sleep_cycle_count == 0:
        return NullReason.NO_CYCLE
    return NullReason.NOT_COMPUTED if field == "sleep_index" or getattr(stat, field) is UNSET else None
