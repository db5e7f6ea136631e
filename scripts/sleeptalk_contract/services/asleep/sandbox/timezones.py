"""Timezones by their IANA names."""

from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

DEFAULT_TIMEZONE = "UTC"


@cache
def known_timezones() -> frozenset[str]:
    """Return the name of every IANA timezone, exactly as it is written there.

    The list is that of the package tzdata, because `zoneinfo.available_timezones` adds files of the machine to it, such
    as `localtime`.
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@lru_cache(maxsize=1024)
def timezone_named(name: str) -> ZoneInfo | None:
    """Return the timezone of an IANA name; None for any other text.

    Only names of the list are looked up: `ZoneInfo` itself reads a name as a path and fails in a different way for
    `../etc/passwd`, `Asia`, a NUL or a name that is too long for a file.
    """
    return ZoneInfo(name) if name in known_timezones() else None
