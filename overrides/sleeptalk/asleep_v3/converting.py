"""Nights of data v2 as those of data v3 are.

The vendor's migration guide (https://docs-en.asleep.ai/docs/api-migration-guide) says what became of each part. Where
it gives a new name, the values are the same. It lists the four degrees of `breathing_pattern` under other names; that
they stand in the same order is inferred. It has no peculiarity for a reason other than too many defects in the sleep
stages: such a reason is kept as a value that is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from sleeptalk.asleep.validity import Validity, ValidityStatus
from sleeptalk_generated.asleep import models as v2
from sleeptalk_generated.asleep_v3 import models as v3

if TYPE_CHECKING:
    from sleeptalk.asleep.recording import SessionWithStat

RENAMED: Final = {"estimated_ahi": "breathing_index", "osa_stages": "breath_stages"}
_PATTERNS: Final = dict(zip(v2.BreathingPattern, v3.BreathingPattern, strict=True))
_NEEDED: Final = {attribute.name for attribute in attrs.fields(v3.Stat) if attribute.default is attrs.NOTHING}
UNKNOWN_STATISTICS: Final = frozenset(attribute.name for attribute in attrs.fields(v3.Stat)) - {
    RENAMED.get(attribute.name, attribute.name) for attribute in attrs.fields(v2.Stat)
}
UNKNOWN_OF_SESSION: Final = frozenset({"unexpected_end_time", "snoring_stages"})


def peculiarities_of(night: SessionWithStat) -> tuple[v3.Peculiarity, ...]:
    """Return what data v3 would call special, as far as a night of data v2 shows it."""
    session, validity = night.session, Validity(night.validity)
    stages, is_open = session.sleep_stages, session.state == v2.SessionState.OPEN
    found: list[str] = []
    if session.state in (v2.SessionState.OPEN, v2.SessionState.CLOSED) or validity.status is ValidityStatus.IN_PROGRESS:
        found.append("IN_PROGRESS")
    if validity.status is ValidityStatus.INVALID:
        found.append(validity.reason or str(validity))
    elif validity.status is ValidityStatus.UNKNOWN:
        found.append(str(validity))
    elif stages and night.stat is not None and all(stage == v2.SleepStage.WAKE for stage in stages):
        found.append("NEVER_SLEPT")
    if session.osa_stages is None and stages is not None:
        found.append("NO_BREATHING_STABILITY")
    if is_open and stages is None:
        found.append("NO_REALTIME_POLLING")
    return tuple(map(v3.Peculiarity, found))


def session_of(session: v2.Session, created_timezone: str) -> v3.Session:
    """Return a session of data v3."""
    breathing = session.osa_stages
    return v3.Session(
        id=session.id,
        state=v3.SessionState(session.state.value),
        start_time=session.start_time,
        end_time=session.end_time,
        created_timezone=created_timezone,
        sleep_stages=None
        if session.sleep_stages is None
        else [v3.SleepStage(int(each)) for each in session.sleep_stages],
        breath_stages=None if breathing is None else [v3.BreathStage(int(each)) for each in breathing],
    )


def stat_of(stat: v2.Stat | None) -> v3.Stat | None:
    """Return the statistics of data v3; those that data v2 does not have are None, or absent where they may be."""
    if stat is None:
        return None
    values: dict[str, Any] = dict.fromkeys(_NEEDED)
    for name in (str(attribute.name) for attribute in attrs.fields(v2.Stat)):
        values[RENAMED.get(name, name)] = getattr(stat, name)
    pattern = stat.breathing_pattern
    if pattern is not None:
        values["breathing_pattern"] = _PATTERNS.get(pattern) or v3.BreathingPattern(str(pattern))
    return v3.Stat(**values)
