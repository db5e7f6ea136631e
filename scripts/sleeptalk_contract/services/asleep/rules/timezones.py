"""Which timezones are known, which are clearly unknown, and which are neither.

Only what is clearly not a timezone may be expected to be refused: tz databases differ in their age, and some accept
offsets, POSIX strings such as `EST5EDT`, or names in another case.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from sleeptalk_contract.contract.time_zones import known_timezones, timezone_named
from sleeptalk_generated.asleep.client import GET_SESSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

DEFAULT: Final = "UTC"

EVERYWHERE: Final = (
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Honolulu",
)
"""Zones that every time zone database has: with and without daylight saving, both hemispheres, half hours."""

_OFFSET_OR_POSIX: Final = re.compile(
    r"<?[A-Za-z+\-0-9]{0,8}>?[+-]?\d{1,2}(:?\d\d){0,2}([A-Za-z<].*)?|[A-Z]{1,5}", re.ASCII
)

_FORM: Final = re.compile(GET_SESSION.parameter("timezone").pattern or "")
_LONGEST: Final = 64

_CONTINENTS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_OF_THE_MACHINE: Final = frozenset({"factory", "local", "localtime", "posixrules", "system"})


@cache
def _names() -> Mapping[str, str]:
    """Return every known name by its lower-case spelling: those of the package, and those of the machine, if newer."""
    return {name.lower(): name for name in (*available_timezones(), *known_timezones())}


@cache
def _folders() -> frozenset[str]:
    """Return what known names begin with: "asia" of "Asia/Seoul"."""
    parts = (name.split("/") for name in _names())
    return frozenset("/".join(part[:count]) for part in parts for count in range(1, len(part)))


def requested_timezone(headers: Mapping[str, str]) -> str:
    """Return the timezone that a request asks for: its header, or UTC without one."""
    return headers.get("timezone", DEFAULT).strip()


def zone(name: str) -> ZoneInfo | None:
    """Return the timezone of that name, in any case; None where the tz database has none."""
    return timezone_named(_names().get(name.lower(), ""))


@lru_cache(maxsize=1024)
def is_known_everywhere(name: str) -> bool:
    """Whether every implementation knows this timezone: UTC, or a place, in the tz database's own spelling."""
    return name == DEFAULT or (name.partition("/")[0] in _CONTINENTS and _names().get(name.lower()) == name)


@lru_cache(maxsize=1024)
def has_documented_form(name: str) -> bool:
    """Whether a name has the form of one, and not that of a path: such a one a firewall may refuse by itself."""
    return len(name) <= _LONGEST and not name.startswith("/") and _FORM.fullmatch(name) is not None


@lru_cache(maxsize=1024)
def is_clearly_unknown(name: str) -> bool:
    """Whether no implementation could know this timezone.

    Not so for an empty name, one with characters that are not printable ASCII, an offset, a POSIX string, a bare
    abbreviation in capitals, a folder of the tz database such as "Asia", and words for the machine's own timezone.
    """
    name = name.strip()
    lowered = name.lower().strip("/")
    return (
        name != ""
        and name.isascii()
        and name.isprintable()
        and lowered not in _names()
        and lowered not in _folders()
        and lowered not in _OF_THE_MACHINE
        and lowered.removeprefix("posix/").removeprefix("right/") not in _names()
        and _OFFSET_OR_POSIX.fullmatch(name) is None
    )
