"""What a night and a SESSION_COMPLETE callback of any version have, as tables and pictures read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from sleeptalk.asleep.validity import Validity, ValidityStatus
from sleeptalk.errors import ConfigurationError
from sleeptalk_generated.asleep.models import SessionState, SleepData

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sleeptalk_generated.asleep.models import Session, SessionCompleteData, Stat
    from sleeptalk_generated.asleep_v3 import models as v3

UNUSABLE: Final = frozenset(
    {
        "IN_PROGRESS",
        "NO_REALTIME_POLLING",
        "TOO_SHORT_FOR_ANALYSIS",
        "TOO_LONG_FOR_ANALYSIS",
        "TOO_MANY_DEFECTS_IN_SLEEP_STAGES",
    }
)
"""The peculiarities of data v3 under which data v2 would not say VALID."""


class SessionWithStat(Protocol):
    """A Night of data v2, or the result that it was read from."""

    @property
    def timezone(self) -> str: ...  # noqa: D102  # see Night
    @property
    def validity(self) -> str: ...  # noqa: D102  # see Night
    @property
    def session(self) -> Session: ...  # noqa: D102  # see Night
    @property
    def stat(self) -> Stat | None: ...  # noqa: D102  # see Night


class SessionWithPeculiarities(Protocol):
    """A Night of data v3, or the result that it was read from, or the data of a callback of the format V3."""

    @property
    def timezone(self) -> str: ...  # noqa: D102  # see Night
    @property
    def peculiarities(self) -> Sequence[v3.Peculiarity]: ...  # noqa: D102  # see Night
    @property
    def session(self) -> v3.Session: ...  # noqa: D102  # see Night
    @property
    def stat(self) -> v3.Stat | None: ...  # noqa: D102  # see Night


class CompletedSession(Protocol):
    """A SESSION_COMPLETE callback, of any version."""

    @property
    def data(self) -> SessionCompleteData | v3.SessionCompleteDataV2 | v3.SessionCompleteDataV3: ...  # noqa: D102  # see the classes


RecordedV2: TypeAlias = "SessionWithStat | SleepData | SessionCompleteData | CompletedSession"
RecordedV3: TypeAlias = "SessionWithPeculiarities | v3.SessionCompleteDataV2 | CompletedSession"
Recorded: TypeAlias = "RecordedV2 | RecordedV3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One night, whatever it came in.

    - `remarks`: its validity, or its peculiarities, as they came; `sentences`: what they say, unless that it is VALID.
    - `is_valid`: whether its analysis can be used, None for a callback of the format V1, which does not say.
    - `zone`: the name of its time zone, None for a callback of the format V1. `end`: None while it is recorded.
    - `stages`: empty without sleep stages. `breathing`, `snoring`: None without that analysis.
    - `statistics`: the object that has them, None without.
    - `found`: the part of what was given that holds all this.
    """

    session_id: str
    state: str
    remarks: tuple[str, ...]
    sentences: tuple[str, ...]
    is_valid: bool | None
    zone: str | None
    start: datetime
    end: datetime | None
    stages: Sequence[int]
    breathing: Sequence[int] | None
    snoring: Sequence[int] | None
    statistics: Stat | SleepData | v3.Stat | None
    found: Any


def recording(night: Recorded) -> Recording:
    """Return what tables and pictures show of a night, or of a SESSION_COMPLETE callback, its data or its sleep data.

    A session without stages (None while it is OPEN without real-time analysis) has none to show. Raises
    ConfigurationError for what is not a night.
    """
    found: Any = getattr(night, "data", night)
    found = getattr(found, "sleep_data", found)
    if isinstance(found, SleepData):
        return Recording(
            session_id=found.session_id,
            state=str(found.state),
            remarks=(),
            sentences=(),
            is_valid=None,
            zone=None,
            start=found.session_start_time,
            end=found.session_end_time,
            stages=found.sleep_stages,
            breathing=found.osa_stages,
            snoring=None,
            statistics=found,
            found=found,
        )
    if not all(hasattr(found, name) for name in ("timezone", "session", "stat")):
        advice = "pass what get_session returned, or a SESSION_COMPLETE callback, its data or its sleep data"
        raise ConfigurationError(f"An object of type {type(found).__name__} is not a night: {advice}.")
    of_v3 = hasattr(found, "peculiarities")
    session, stat = found.session, found.stat
    if of_v3:
        remarks, sentences, usable = _of_peculiarities(found.peculiarities)
        breathing, snoring = session.breath_stages, session.snoring_stages or None
    else:
        remarks, sentences, usable = _of_validity(Validity(found.validity))
        breathing, snoring = session.osa_stages, None
    return Recording(
        session_id=session.id,
        state=str(session.state),
        remarks=remarks,
        sentences=sentences,
        is_valid=usable and session.state == SessionState.COMPLETE and stat is not None,
        zone=found.timezone,
        start=session.start_time,
        end=session.end_time,
        stages=session.sleep_stages or [],
        breathing=breathing,
        snoring=snoring,
        statistics=stat,
        found=found,
    )


def _of_validity(validity: Validity) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    usable = validity.status is ValidityStatus.VALID
    return (str(validity),), () if usable else (validity.status.sentence,), usable


def _of_peculiarities(found: Sequence[v3.Peculiarity]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    values = tuple(map(str, found))
    return values, tuple(each.sentence for each in found), UNUSABLE.isdisjoint(values)
