"""What a hypnogram shows: lanes from wake down to deep sleep, runs of equal epochs, the clock of the zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sleeptalk.callback import SessionComplete
from sleeptalk_generated.asleep.models import OsaStage, SessionCompleteData, SleepData, SleepStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sleeptalk.asleep import Night, SessionResult

EPOCH: Final = timedelta(seconds=30)
FOUR_LANES: Final = (
    ("Wake", SleepStage.WAKE),
    ("REM", SleepStage.REM),
    ("Light", SleepStage.LIGHT),
    ("Deep", SleepStage.DEEP),
)
TWO_LANES: Final = (("Wake", SleepStage.WAKE), ("Sleep", SleepStage.LIGHT))

Recorded: TypeAlias = "Night | SessionResult | SleepData | SessionCompleteData | SessionComplete"


@dataclass(frozen=True, slots=True)
class Run:
    """Equal epochs in a row: the stage, the first epoch counted from 0, and how many there are."""

    stage: int
    first: int
    length: int


@dataclass(frozen=True, slots=True)
class Recording:
    """One night as it is drawn. `start` carries the session's zone; `breathing` is None without breathing analysis."""

    session_id: str
    start: datetime
    stages: Sequence[int]
    breathing: Sequence[int] | None
    lanes: tuple[tuple[str, SleepStage], ...]

    @property
    def epochs(self) -> int:
        """How many epochs of 30 s the picture is wide."""
        return max(len(self.stages), len(self.breathing or ()), 1)

    def hours(self) -> Iterator[tuple[float, str]]:
        """Yield each full hour on the clock as (epochs since the start, "23:00")."""
        hour = self.start.replace(minute=0, second=0, microsecond=0)
        end = self.start + EPOCH * self.epochs
        step = timedelta(hours=1 if self.epochs * EPOCH <= timedelta(hours=14) else 3)
        while hour.timestamp() <= end.timestamp():
            if hour.timestamp() >= self.start.timestamp():
                yield (hour.timestamp() - self.start.timestamp()) / EPOCH.total_seconds(), f"{hour:%H:%M}"
            # Counted on the clock of UTC, so that a change of daylight saving time moves the labels.
            hour = datetime.fromtimestamp(hour.timestamp() + step.total_seconds(), tz=self.start.tzinfo)


def recording(night: Recorded) -> Recording:
    """Take from a night, or from the data of a SESSION_COMPLETE callback, what a hypnogram shows.

    A session without stages (None while it is OPEN without real-time analysis) gives an empty picture.
    """
    if isinstance(night, SessionComplete):
        night = night.data
    if isinstance(night, SessionCompleteData):
        night = night.sleep_data
    if isinstance(night, SleepData):
        session_id, start = night.session_id, night.session_start_time
        stages, breathing, rem = night.sleep_stages, night.osa_stages, night.time_in_rem
    else:
        session_id, start = night.session.id, _in_zone(night.session.start_time, night.timezone)
        stages, breathing = night.session.sleep_stages or [], night.session.osa_stages
        rem = night.stat.time_in_rem if night.stat is not None else 0
    # Only a night with statistics tells its contract; before, stage 1 is shown as light sleep.
    two_stages = rem is None and any(stage > 0 for stage in stages)
    return Recording(session_id, start, stages, breathing, TWO_LANES if two_stages else FOUR_LANES)


def runs(values: Iterable[int]) -> Iterator[Run]:
    """Yield the runs of equal values in order."""
    first = 0
    for stage, group in groupby(values):
        length = sum(1 for _ in group)
        yield Run(int(stage), first, length)
        first += length


def unstable(values: Sequence[int] | None) -> Iterator[Run]:
    """Yield the runs of unstable breathing."""
    return (run for run in runs(values or ()) if run.stage == OsaStage.UNSTABLE)


def summary(drawn: Recording) -> str:
    """Say in words what the picture shows, for those who cannot see it: minutes of each stage."""
    minutes = {name: sum(stage == value for stage in drawn.stages) / 2 for name, value in drawn.lanes}
    parts = [f"{name.lower()} {figure:g} min" for name, figure in minutes.items()]
    if drawn.breathing is not None:
        parts.append(f"unstable breathing {sum(run.length for run in unstable(drawn.breathing)) / 2:g} min")
    lost = sum(stage == SleepStage.ERROR for stage in drawn.stages)
    if lost:
        parts.append(f"not analysed {lost / 2:g} min")
    return f"Hypnogram of session {drawn.session_id} from {drawn.start:%Y-%m-%d %H:%M}: {', '.join(parts)}."


def _in_zone(start: datetime, timezone: str) -> datetime:
    """Move a time into the named zone; where this machine does not know it, the written offset stays."""
    try:
        return start.astimezone(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return start
