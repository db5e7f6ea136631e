"""Time zones by their names."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone; None where this machine does not know it. Any text may be asked for."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def in_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Move a time into a zone. Without one, and at the ends of the calendar, it keeps its offset."""
    try:
        return time if zone is None else time.astimezone(zone)
    except OverflowError:
        return time


def after(start: datetime, past: timedelta, zone: ZoneInfo | None) -> datetime:
    """Return the time so long after another, in a zone. Raises OverflowError beyond the year 9999.

    Sums of a time within a ZoneInfo would ignore its changes. Without a zone the offset of the start stays.
    """
    fixed = timezone(start.utcoffset() or timedelta())
    return in_zone(start.replace(tzinfo=fixed) + past, zone)
