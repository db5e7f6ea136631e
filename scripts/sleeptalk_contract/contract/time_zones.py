"""Time zones by their IANA names, from the package tzdata alone.

The machine's own database may be years old, and would then judge right offsets as wrong: Egypt, for example, has had
summer time again only since 2023.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

TIME_ZONE_DATA: Final = f"tzdata {version('tzdata')}"
"""The package of the IANA time zone database that offsets are judged by, such as "tzdata 2026.1" for 2026a."""


@cache
def known_timezones() -> frozenset[str]:
    """Return the name of every IANA time zone, exactly as it is written there."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@lru_cache(maxsize=1024)
def timezone_named(name: str) -> ZoneInfo | None:
    """Return the time zone of an IANA name; None for any other text.

    Only names of the list are looked up: a name is also a path, as `../etc/passwd`, `Asia`, a NUL or a name that is too
    long for a file would be.
    """
    if name not in known_timezones():
        return None
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)
