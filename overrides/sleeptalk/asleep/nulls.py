"""Why a field of a night is null: the null rules of the document, read backwards.

Sources: Get Single Session, 2.1; Callback, 1.3.3.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import attrs

from sleeptalk.asleep.night import Night
from sleeptalk.asleep.validity import Validity, ValidityStatus
from sleeptalk.errors import ConfigurationError, UnknownField
from sleeptalk_generated.asleep.models import (
    InferenceCompleteData,
    Session,
    SessionCompleteData,
    SessionResult,
    SessionState,
    SleepData,
    SleepStage,
    Stat,
)
from sleeptalk_generated.asleep.nulls import (
    NULL_BREATHING_STATS,
    NULL_INVALID_STATS,
    NULL_NEVER_SLEPT_STATS,
    NULL_STAGE_STATS,
)

if TYPE_CHECKING:
    from sleeptalk.asleep.fields import NightField


class CallbackWithData(Protocol):
    """A callback with its data, as `sleeptalk.callback.parse` returns it."""

    @property
    def data(self) -> SessionCompleteData | InferenceCompleteData: ...  # noqa: D102  # see the class


Data: TypeAlias = Night | SessionResult | SessionCompleteData | SleepData | InferenceCompleteData | CallbackWithData
Finding: TypeAlias = "tuple[object, NullReason | None]"

STAGE_TIMES = NULL_STAGE_STATS - NULL_NEVER_SLEPT_STATS  # a night without sleep has them too, and they are 0
SHORTEST_VALID_SESSION = 20 * 60  # seconds


class NullReason(StrEnum):
    """Why a field is null. The value is the name, fit for a log or an API of your own; `sentence` is for people."""

    NOT_COMPLETE = "NOT_COMPLETE"
    """The session has not been analysed to the end: its state is not COMPLETE, or its validity still IN_PROGRESS."""
    INVALID = "INVALID"
    """The night is not VALID: too short, too much of it not analysed, or another reason that its validity gives."""
    NO_REAL_TIME = "NO_REAL_TIME"
    """The contract is without real-time analysis: a session that is OPEN has no stages yet."""
    TWO_STAGE = "TWO_STAGE"
    """The contract distinguishes only wake from sleep: there is no light, deep or REM sleep."""
    NO_BREATHING = "NO_BREATHING"
    """The contract does not include breathing analysis."""
    NEVER_SLEPT = "NEVER_SLEPT"
    """Every epoch of the night is wake."""
    UNEXPLAINED = "UNEXPLAINED"
    """No documented rule makes the field null: the service breaks its contract."""

    @property
    def sentence(self) -> str:
        """The reason in English, for a person who looks at the night."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    NullReason.NOT_COMPLETE: "The night has not been analysed to the end yet.",
    NullReason.INVALID: "The recording is too short, or too much of it could not be analysed.",
    NullReason.NO_REAL_TIME: "The recording is still running, and this contract has it analysed only afterwards.",
    NullReason.TWO_STAGE: "This contract tells sleep from wake, but not light, deep and REM sleep apart.",
    NullReason.NO_BREATHING: "This contract does not include the analysis of breathing.",
    NullReason.NEVER_SLEPT: "No sleep was found in this night.",
    NullReason.UNEXPLAINED: "The service left this out without a documented reason.",
}


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
    wake.

    Raises UnknownField for a name that the data does not have, ConfigurationError for data of another kind: a `stat`
    alone does not show why a value is missing.
    """
    data = _data_of(night)
    if isinstance(data, (Night, SessionResult)):
        value, reason = _in_result(data, field)
    elif isinstance(data, SessionCompleteData):
        value, reason = _value(field, data.sleep_data, data), _of_sleep_data(data.sleep_data, field)
    elif isinstance(data, SleepData):
        value, reason = _value(field, data), _of_sleep_data(data, field)
    else:
        value = _value(field, data)
        reason = NullReason.NO_BREATHING if field == "osa_stage_list" else None
    return None if value is not None else reason or NullReason.UNEXPLAINED


def _data_of(night: object) -> Night | SessionResult | SessionCompleteData | SleepData | InferenceCompleteData:
    data: object = getattr(night, "data", night)
    if isinstance(data, (Night, SessionResult, SessionCompleteData, SleepData, InferenceCompleteData)):
        return data
    advice = "pass what get_session returned, or a callback's event, data or sleep data"
    raise ConfigurationError(f"why_null cannot read an object of type {type(data).__name__}: {advice}.")


def _in_result(night: Night | SessionResult, field: str) -> Finding:
    session, stat = night.session, night.stat
    value = _value(field, session, stat or Stat, night)
    open_ = session.state == SessionState.OPEN
    if field in {"sleep_stages", "osa_stages"} and open_ and session.sleep_stages is None:
        return value, NullReason.NO_REAL_TIME
    if field == "osa_stages":
        return value, NullReason.NO_BREATHING
    if field in _names(Session):
        return value, NullReason.NOT_COMPLETE if open_ and field == "end_time" else None
    if stat is not None:
        return value, _of_contract_or_night(stat, field, session.sleep_stages, session.osa_stages)
    status = Validity(night.validity).status
    if session.state != SessionState.COMPLETE or status is ValidityStatus.IN_PROGRESS:
        return value, NullReason.NOT_COMPLETE
    return value, None if status is ValidityStatus.VALID else NullReason.INVALID


def _of_sleep_data(data: SleepData, field: str) -> NullReason | None:
    unusable = data.time_in_bed < SHORTEST_VALID_SESSION or not _never_slept(data.sleep_stages)
    if unusable and all(getattr(data, name) is None for name in NULL_INVALID_STATS):
        return NullReason.INVALID
    if field == "osa_stages":
        return NullReason.NO_BREATHING
    return _of_contract_or_night(data, field, data.sleep_stages, data.osa_stages)


def _of_contract_or_night(
    stat: Stat | SleepData, field: str, sleep_stages: list[SleepStage] | None, osa_stages: object
) -> NullReason | None:
    if field in NULL_STAGE_STATS and all(getattr(stat, name) is None for name in STAGE_TIMES):
        return NullReason.TWO_STAGE
    if field in NULL_BREATHING_STATS and osa_stages is None:
        return NullReason.NO_BREATHING
    if field in NULL_NEVER_SLEPT_STATS and _never_slept(sleep_stages):
        return NullReason.NEVER_SLEPT
    return None


def _never_slept(stages: list[SleepStage] | None) -> bool:
    return bool(stages) and all(stage == SleepStage.WAKE for stage in stages or ())


def _value(field: str, *places: attrs.AttrsInstance | type[attrs.AttrsInstance]) -> object:
    """Find the field in one of the places; a class stands for an object that is null, with all its fields."""
    for place in places:
        if isinstance(place, type):
            if field in _names(place):
                return None
        elif field in _names(type(place)):
            return getattr(place, field)
    known = sorted(set().union(*(_names(place if isinstance(place, type) else type(place)) for place in places)))
    raise UnknownField(f"There is no field {field!r}: ask for one of {', '.join(known)}.", field=field)


def _names(kind: type[attrs.AttrsInstance]) -> frozenset[str]:
    return frozenset(attribute.name for attribute in attrs.fields(kind)) - {"detail", "response"}
