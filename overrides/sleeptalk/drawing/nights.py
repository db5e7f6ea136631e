"""The picture of a night, as sleep medicine draws it: W, REM, N1+N2 and N3 from the top, the breathing beneath."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sleeptalk.asleep.recording import recording
from sleeptalk.asleep.tables import EPOCH
from sleeptalk.drawing.clock import Clock
from sleeptalk.drawing.picture import Box, Lane, Mark, Note, Picture, Step, Text, sample
from sleeptalk.runtime.zones import zone_named
from sleeptalk_generated.asleep.models import OsaStage, SessionState, SleepStage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sleeptalk.asleep.recording import Recorded, Recording
    from sleeptalk.drawing.picture import Colour
    from sleeptalk_generated.asleep.models import SleepData, Stat
    from sleeptalk_generated.asleep_v3.models import Stat as StatV3

_EPOCH: Final = EPOCH.total_seconds()
_FOUR_LANES: Final = (
    ("W", SleepStage.WAKE),
    ("REM", SleepStage.REM),
    ("N1+N2", SleepStage.LIGHT),
    ("N3", SleepStage.DEEP),
)
_TWO_LANES: Final = (("W", SleepStage.WAKE), ("Sleep", SleepStage.LIGHT))
_COLOURS: Final[dict[SleepStage, Colour]] = {
    SleepStage.WAKE: "wake",
    SleepStage.REM: "rem",
    SleepStage.LIGHT: "light",
    SleepStage.DEEP: "deep",
}
_BREATHING: Final[dict[int, tuple[str, Colour, float, float]]] = {
    OsaStage.STABLE: ("stable", "steady", 0.5, 0.4),
    OsaStage.UNSTABLE: ("unstable", "bad", 1.1, 1.0),
}
"""Name, colour, height and opacity: what is stable is the ground on which the rest stands."""
_LANE: Final = 1.9
_BAR: Final = 0.7
_REM_BAR: Final = 1.3
_NONE: Final = "-"
_SENSELESS: Final = 1e9
"""A figure of that size, which a service may send, is not written out."""


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


def night_picture(night: Recorded) -> Picture:
    """Lay out the hypnogram of a night; the unit of its time axis is one epoch.

    Raises ConfigurationError for what is not a night.
    """
    drawn = recording(night)
    clock = Clock(drawn.start, None if drawn.zone is None else zone_named(drawn.zone), _epochs(drawn) * _EPOCH)
    lanes = [Lane(name=name, y=_LANE * number, height=_LANE) for number, (name, _) in enumerate(_lanes(drawn))]
    shapes: list[Box | Step | Text] = list(_stages(drawn))
    if drawn.breathing:
        y = _LANE * len(lanes)
        lanes.append(Lane(name="Breathing", y=y, height=_LANE))
        shapes += _breathing(drawn, y)
    if not drawn.stages:
        shapes.append(Text(x=0, y=1.5 + _LANE * len(lanes), words="There are no sleep stages."))
    title, notes = _title(drawn, clock), list(_notes(drawn, clock))
    marks, figures = list(_marks(drawn, clock)) if lanes else [], _figures(drawn.statistics)
    words = [f"Hypnogram of session {drawn.session_id}, {title}", *(note.words.rstrip(".") for note in notes[1:])]
    words += [mark.words for mark in marks] + list(figures)
    return Picture(
        title=title,
        notes=notes,
        summary=f"{'. '.join(words)}. {_summary(drawn)}",
        length=_epochs(drawn),
        height=_LANE * len(lanes) + _LANE * (not drawn.stages),
        ticks=[(at / _EPOCH, label) for at, label in clock.ticks()] if lanes else [],
        dates=[(at / _EPOCH, label) for at, label in clock.dates()] if lanes else [],
        lanes=lanes,
        shapes=shapes,
        marks=marks,
        figures=figures,
        legend=_legend(shapes),
    )


def _epochs(drawn: Recording) -> float:
    """Return how many epochs of 30 s the picture is wide: those that have stages, and what was recorded beyond them."""
    recorded = 0.0 if drawn.end is None else (drawn.end.timestamp() - drawn.start.timestamp()) / _EPOCH
    return max(len(drawn.stages), len(drawn.breathing or ()), recorded, 1)


def _lanes(drawn: Recording) -> tuple[tuple[str, SleepStage], ...]:
    """Return the lanes with their stages: sleep is one where no epoch and no statistic tells its stages apart."""
    if not drawn.stages:
        return ()
    deeper = any(stage not in (SleepStage.WAKE, SleepStage.LIGHT, SleepStage.ERROR) for stage in drawn.stages)
    parted = deeper or getattr(drawn.statistics, "time_in_rem", None) is not None
    return _FOUR_LANES if parted or SleepStage.LIGHT not in drawn.stages else _TWO_LANES


def _summary(drawn: Recording) -> str:
    """Return in words what the picture shows: minutes of each stage, and all that is written in it."""
    lanes = ((name, sum(stage == value for stage in drawn.stages) / 2) for name, value in _lanes(drawn))
    parts = [f"{name} {minutes:g} min" for name, minutes in lanes]
    known = [value for _, value in _lanes(drawn)]
    parts += [f"{what} {minutes:g} min" for what, minutes in _lost(drawn.stages, known).items()]
    for stage, (name, *_) in _BREATHING.items():
        if drawn.breathing:
            parts.append(f"{name} breathing {sum(each == stage for each in drawn.breathing) / 2:g} min")
    lost = _lost(drawn.breathing or (), list(_BREATHING))
    parts += [f"breathing {what} {minutes:g} min" for what, minutes in lost.items()]
    return f"{', '.join(parts) or 'no stages'}."


def runs(values: Iterable[int]) -> Iterator[EpochRun]:
    """Yield the runs of equal values in order."""
    first = 0
    for stage, group in groupby(values):
        length = sum(1 for _ in group)
        yield EpochRun(int(stage), first, length)
        first += length


def _stages(drawn: Recording) -> Iterator[Box | Step]:
    """Yield a box for each run in its lane, the steps between lanes, and the gaps through all lanes."""
    lane_of = {value: (name, _LANE * number) for number, (name, value) in enumerate(_lanes(drawn))}
    height, before = _LANE * len(_lanes(drawn)), None
    for run in runs(drawn.stages):
        stage = SleepStage(run.stage)
        if stage not in lane_of:
            yield _gap(run, 0, height)
            before = None
            continue
        name, y = lane_of[stage]
        middle = y + _LANE / 2
        if before is not None:
            yield Step(x=run.first, y=before, to_y=middle)
        bar = _REM_BAR if stage == SleepStage.REM else _BAR
        top, hint = middle - bar / 2, f"{name} for {run.minutes}"
        yield Box(x=run.first, y=top, width=run.length, height=bar, colour=_COLOURS[stage], hint=hint)
        before = middle
    if drawn.stages:
        yield from _rest(len(drawn.stages), _epochs(drawn), 0, height)


def _breathing(drawn: Recording, y: float) -> Iterator[Box]:
    """Yield a box for each run: high where the breathing is unstable, low where it is stable, and the gaps."""
    values = drawn.breathing or ()
    for run in runs(values):
        if run.stage not in _BREATHING:
            yield _gap(run, y, _LANE)
            continue
        name, colour, height, opacity = _BREATHING[run.stage]
        bottom, hint = y + _LANE - 0.4, f"{name} breathing for {run.minutes}"
        top = bottom - height
        yield Box(x=run.first, y=top, width=run.length, height=height, colour=colour, opacity=opacity, hint=hint)
    yield from _rest(len(values), _epochs(drawn), y, _LANE)


def _gap(run: EpochRun, y: float, height: float) -> Box:
    hint = f"{_why_lost(run.stage)} for {run.minutes}"
    return Box(x=run.first, y=y, width=run.length, height=height, colour="lost", hatched=True, hint=hint)


def _rest(count: int, epochs: float, y: float, height: float) -> Iterator[Box]:
    """Yield the gap after the last epoch, where at least one epoch was recorded that has no value."""
    if epochs - count >= 1:
        hint = f"no value for {(epochs - count) / 2:g} min"
        yield Box(x=count, y=y, width=epochs - count, height=height, colour="lost", hatched=True, hint=hint)


def _why_lost(stage: int) -> str:
    return "not analysed" if stage == SleepStage.ERROR else f"unknown stage {stage}"


def _lost(values: Sequence[int], known: Sequence[int]) -> dict[str, float]:
    """Return the minutes of what is no stage, by what it is."""
    found: dict[str, float] = {}
    for stage in values:
        if stage not in known:
            found[_why_lost(stage)] = found.get(_why_lost(stage), 0) + 0.5
    return found


def _title(drawn: Recording, clock: Clock) -> str:
    start, end = clock.start, clock.end
    if drawn.end is None and not (drawn.stages or drawn.breathing):
        return f"from {start.date()} {start:%H:%M}"
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end.date()} {end:%H:%M}"
    return f"{start.date()} {start:%H:%M} to {until}" + " so far" * (drawn.end is None)


def _notes(drawn: Recording, clock: Clock) -> Iterator[Note]:
    yield Note(words=f"Session {drawn.session_id}")
    zone = ", then ".join(clock.offsets())
    yield Note(words=f"Clock time of {drawn.zone} ({zone})" if drawn.zone is not None else f"Clock time of {zone}")
    words = ", ".join((drawn.state, *drawn.remarks))
    said = f"{words}: {' '.join(drawn.sentences)}" if drawn.sentences else words
    yield Note(words=said, alarming=drawn.is_valid is False)


def _marks(drawn: Recording, clock: Clock) -> Iterator[Mark]:
    """Yield when the lights went out and on, which are the ends of the recording, and when sleep began and ended."""
    statistics = drawn.statistics
    moments = (
        ("lights out", drawn.start, False),
        ("lights on", drawn.end, True),
        ("sleep onset", getattr(statistics, "sleep_time", None), False),
        ("final wake", getattr(statistics, "wake_time", None), True),
    )
    for name, time, before in moments:
        x = -1.0 if time is None else clock.position(time) / _EPOCH
        if time is not None and 0 <= x <= _epochs(drawn):
            yield Mark(x=x, words=f"{name} {clock.of(time):%H:%M}", before=before)
    if drawn.end is None and drawn.state == SessionState.OPEN:
        yield Mark(x=_epochs(drawn), words="still recording", before=True)


def _figures(statistics: Stat | StatV3 | SleepData | None) -> tuple[str, ...]:
    """Return the figures of a sleep report. REM % is the share of the time asleep, as laboratories give it."""
    if statistics is None:
        return ()
    rem = _share(statistics.time_in_rem, statistics.time_in_sleep)
    return (
        f"TIB {_minutes(statistics.time_in_bed)}",
        f"TST {_minutes(statistics.time_in_sleep)}",
        f"SE {_percent(statistics.sleep_efficiency)}",
        f"SOL {_minutes(statistics.sleep_latency)}",
        f"WASO {_minutes(statistics.time_in_wake)}",
        f"REM {_percent(rem)}" + " of TST" * (rem is not None),
    )


def _share(part: int | None, whole: int) -> float | None:
    if part is None or whole == 0:
        return None
    return part / whole if abs(part) < _SENSELESS and abs(whole) < _SENSELESS else _SENSELESS


def _minutes(seconds: int | None) -> str:
    if seconds is None:
        return _NONE
    return f"{seconds / 60:.1f} min" if abs(seconds) < _SENSELESS else "?"


def _percent(share: float | None) -> str:
    if share is None:
        return _NONE
    return f"{share * 100:.1f} %" if abs(share) < _SENSELESS else "?"


def _legend(shapes: Sequence[Box | Step | Text]) -> Sequence[tuple[Box, str]]:
    """Return what needs a word, of what is there."""
    boxes = [shape for shape in shapes if isinstance(shape, Box)]
    found = [(sample("bad"), "unstable breathing")] if any(box.colour == "bad" for box in boxes) else []
    gaps = [box.hint for box in boxes if box.hatched]
    meaning = _why_lost(SleepStage.ERROR)
    if any(not hint.startswith(meaning) for hint in gaps):
        meaning = "no value"
    return found + [(sample("lost", hatched=True), meaning)] * bool(gaps)
