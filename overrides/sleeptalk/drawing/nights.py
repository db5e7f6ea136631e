"""The picture of a night: lanes from wake down to deep sleep, runs of equal epochs, the clock of the zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from sleeptalk.drawing.picture import Box, Lane, Picture, Step, Text
from sleeptalk.runtime.zones import in_zone, zone_named
from sleeptalk_generated.asleep.models import OsaStage, SessionCompleteData, SleepData, SleepStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sleeptalk.drawing.picture import Colour
    from sleeptalk_generated.asleep.models import Session, Stat

EPOCH: Final = timedelta(seconds=30)
_FOUR_LANES: Final = (
    ("Wake", SleepStage.WAKE),
    ("REM", SleepStage.REM),
    ("Light", SleepStage.LIGHT),
    ("Deep", SleepStage.DEEP),
)
_TWO_LANES: Final = (("Wake", SleepStage.WAKE), ("Sleep", SleepStage.LIGHT))
_COLOURS: Final[dict[SleepStage, Colour]] = {
    SleepStage.WAKE: "wake",
    SleepStage.REM: "rem",
    SleepStage.LIGHT: "light",
    SleepStage.DEEP: "deep",
}
_LANE: Final = 30.0
_BAR: Final = 16.0
_BREATHING_LANE: Final = 30.0


class SessionWithStat(Protocol):
    """A Night, or the result that it was read from."""

    @property
    def timezone(self) -> str: ...  # noqa: D102  # see Night
    @property
    def session(self) -> Session: ...  # noqa: D102  # see Night
    @property
    def stat(self) -> Stat | None: ...  # noqa: D102  # see Night


class CompletedSession(Protocol):
    """A SESSION_COMPLETE callback."""

    @property
    def data(self) -> SessionCompleteData: ...  # noqa: D102  # see the class


Recorded: TypeAlias = SessionWithStat | SleepData | SessionCompleteData | CompletedSession


@dataclass(frozen=True, slots=True)
class EpochRun:
    """Equal epochs in a row: the stage, the first epoch counted from 0, and how many there are."""

    stage: int
    first: int
    length: int

    @property
    def minutes(self) -> str:
        """How long it lasts, in words."""
        return f"{self.length / 2:g} min"


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
        end = self.start.timestamp() + EPOCH.total_seconds() * self.epochs
        step = 3600 if self.epochs * EPOCH <= timedelta(hours=14) else 3 * 3600
        while hour.timestamp() <= end:
            if hour.timestamp() >= self.start.timestamp():
                yield (hour.timestamp() - self.start.timestamp()) / EPOCH.total_seconds(), f"{hour:%H:%M}"
            # Counted on the clock of UTC, so that a change of daylight saving time moves the labels.
            try:
                hour = datetime.fromtimestamp(hour.timestamp() + step, tz=self.start.tzinfo)
            except (OverflowError, ValueError):  # the end of the calendar
                return

    def summary(self) -> str:
        """Return in words what the picture shows: minutes of each stage."""
        minutes = {name: sum(stage == value for stage in self.stages) / 2 for name, value in self.lanes}
        parts = [f"{name.lower()} {figure:g} min" for name, figure in minutes.items()]
        if self.breathing is not None:
            parts.append(f"unstable breathing {sum(run.length for run in unstable(self.breathing)) / 2:g} min")
        lost = sum(stage == SleepStage.ERROR for stage in self.stages)
        if lost:
            parts.append(f"not analysed {lost / 2:g} min")
        return f"Hypnogram of session {self.session_id} from {self.start:%Y-%m-%d %H:%M}: {', '.join(parts)}."


def night_picture(night: Recorded) -> Picture:
    """Lay out the hypnogram of a night; the unit of its time axis is one epoch."""
    drawn = recording(night)
    lanes = [Lane(name=name, y=_LANE * number, height=_LANE) for number, (name, _) in enumerate(drawn.lanes)]
    shapes = list(_stages(drawn))
    if not drawn.stages:
        shapes.append(Text(x=drawn.epochs / 60, y=20, words="There are no stages yet."))
    if drawn.breathing is not None:
        y = _LANE * len(lanes)
        lanes.append(Lane(name="Unstable\nbreathing", y=y, height=_BREATHING_LANE))
        for run in unstable(drawn.breathing):
            hint = f"unstable breathing for {run.minutes}"
            shapes.append(Box(x=run.first, y=y + 8, width=run.length, height=14, colour="bad", hint=hint))
    return Picture(
        title=f"{drawn.start:%A %d %B %Y}",
        note=drawn.session_id,
        summary=drawn.summary(),
        length=drawn.epochs,
        ticks=list(drawn.hours()),
        lanes=lanes,
        shapes=shapes,
    )


def _stages(drawn: Recording) -> Iterator[Box | Step | Text]:
    """Yield a box for each run in its lane, and the steps between lanes."""
    lane_of = {value: (name, _LANE * number) for number, (name, value) in enumerate(drawn.lanes)}
    before: float | None = None
    for run in runs(drawn.stages):
        stage = SleepStage(run.stage)
        if stage not in lane_of:
            hint, height = f"not analysed for {run.minutes}", _LANE * len(drawn.lanes)
            yield Box(x=run.first, y=0, width=run.length, height=height, colour="lost", opacity=0.35, hint=hint)
            before = None
            continue
        name, y = lane_of[stage]
        middle = y + _LANE / 2
        if before is not None:
            yield Step(x=run.first, y=before, to_y=middle)
        yield Box(
            x=run.first,
            y=middle - _BAR / 2,
            width=run.length,
            height=_BAR,
            colour=_COLOURS[stage],
            hint=f"{name} for {run.minutes}",
        )
        before = middle


def recording(night: Recorded) -> Recording:
    """Return what is drawn of a night, or of the data of a SESSION_COMPLETE callback.

    A session without stages (None while it is OPEN without real-time analysis) gives an empty picture.
    """
    data: object = getattr(night, "data", night)
    data = data.sleep_data if isinstance(data, SessionCompleteData) else data
    if isinstance(data, SleepData):
        session_id, start = data.session_id, data.session_start_time
        stages, breathing, rem = data.sleep_stages, data.osa_stages, data.time_in_rem
    else:
        night = cast("SessionWithStat", data)
        session_id, start = night.session.id, in_zone(night.session.start_time, zone_named(night.timezone))
        stages, breathing = night.session.sleep_stages or [], night.session.osa_stages
        rem = night.stat.time_in_rem if night.stat is not None else 0
    # Only a night with statistics shows its contract; before, stage 1 is drawn as light sleep.
    two_stages = rem is None and any(stage > 0 for stage in stages)
    return Recording(session_id, start, stages, breathing, _TWO_LANES if two_stages else _FOUR_LANES)


def runs(values: Iterable[int]) -> Iterator[EpochRun]:
    """Yield the runs of equal values in order."""
    first = 0
    for stage, group in groupby(values):
        length = sum(1 for _ in group)
        yield EpochRun(int(stage), first, length)
        first += length


def unstable(values: Sequence[int] | None) -> Iterator[EpochRun]:
    """Yield the runs of unstable breathing."""
    return (run for run in runs(values or ()) if run.stage == OsaStage.UNSTABLE)
