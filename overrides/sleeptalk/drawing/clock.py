"""The clock under the picture of a recording: ticks at round times of the zone, and the days that begin there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sleeptalk.runtime.zones import after, in_zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_MOST_TICKS: Final = 14
_DAY: Final = 86_400
_STEPS: Final = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 3 * 3600, 6 * 3600, 12 * 3600, _DAY)


class Clock:
    """The time on the wall while a recording lasts.

    - `start`: when it began, with an offset. `zone`: its time zone, None where it is not known: the offset then stays.
    - `seconds`: how long it lasted.
    """

    def __init__(self, start: datetime, zone: ZoneInfo | None, seconds: float) -> None:
        self.start = after(start, timedelta(), zone)
        self.zone = zone
        self._seconds = seconds

    @property
    def end(self) -> datetime:
        """When it ended, or the end of the calendar."""
        try:
            return after(self.start, timedelta(seconds=self._seconds), self.zone)
        except OverflowError:
            return datetime.max.replace(tzinfo=self.start.tzinfo)

    def of(self, time: datetime) -> datetime:
        """Return a time as this clock shows it; at the ends of the calendar, as it is."""
        return in_zone(time, self.zone or self.start.tzinfo)

    def position(self, time: datetime) -> float:
        """Return seconds since the start; they are counted on the clock of UTC, which nobody changes."""
        return time.timestamp() - self.start.timestamp()

    def ticks(self) -> list[tuple[float, str]]:
        """Return full hours, or finer or coarser steps, as (seconds since the start, "23:00").

        An hour that the clock goes through twice is there twice, one that it leaves out is not.
        """
        step = next((step for step in _STEPS if self._seconds / step < _MOST_TICKS), self._days())
        form = "%H:%M" if step % 60 == 0 else "%H:%M:%S"
        return [(at, f"{time:{form}}") for at, time in self._multiples(step)]

    def dates(self) -> list[tuple[float, str]]:
        """Return each day as (seconds since the start, "2024-03-16"): at the start, and where the next ones begin."""
        following = [(at, time) for at, time in self._multiples(self._days()) if at > 0]
        return [(at, time.date().isoformat()) for at, time in ((0.0, self.start), *following)]

    def offsets(self) -> list[str]:
        """Return the offset from UTC at the start, "UTC+09:00", and that at the end where the clock was changed."""
        found = [written_offset(self.start), written_offset(self.end)]
        return found[: 1 + (found[0] != found[1])]

    def _days(self) -> int:
        """Return the step in seconds that is a whole number of days."""
        return _DAY * (1 + int(self._seconds / _DAY / _MOST_TICKS))

    def _multiples(self, step: int) -> Iterator[tuple[float, datetime]]:
        """Yield the moments at which the clock on the wall shows a multiple of a step since midnight, in order."""
        first, last = self.start.replace(tzinfo=None), self.end.replace(tzinfo=None)
        changed = timedelta(seconds=abs((last - first).total_seconds() - self._seconds))
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        number = int((first - midnight - changed).total_seconds() // step)
        found = set[tuple[float, datetime]]()
        while True:
            try:
                shown = midnight + timedelta(seconds=step) * number
                if shown > last + changed:
                    break
            except OverflowError:
                break
            number += 1
            found |= {(at, shown) for at in self._moments(shown) if 0 <= at <= self._seconds}
        yield from sorted(found)

    def _moments(self, shown: datetime) -> Iterator[float]:
        """Yield when the clock on the wall shows a time: twice where it is set back, never where it leaves it out."""
        for fold in (0, 1):
            time = shown.replace(tzinfo=self.start.tzinfo, fold=fold)
            try:
                if time.astimezone(UTC).astimezone(time.tzinfo).replace(tzinfo=None) == shown:
                    yield self.position(time)
            except OverflowError:
                continue


def written_offset(time: datetime) -> str:
    """Return the offset of a time with an offset: "UTC+09:00"."""
    return f"UTC{time.replace(microsecond=0).isoformat()[19:]}"
