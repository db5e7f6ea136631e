"""One night, as `sleeptalk get` reads and shows it."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from sleeptalk.asleep import Asleep, Epoch, NightField, NullReason, SleepStage, Stat, why_null
from sleeptalk.drawing import hypnogram
from sleeptalk.drawing.nights import night_picture
from sleeptalk_contract.contract.reading import Page, Reading
from sleeptalk_generated.asleep import SERVER
from sleeptalk_generated.types import UnsetType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.asleep import Night

TIMEZONE: Final = ("--timezone", "The time zone of every time, such as Asia/Seoul; by default UTC.")
_ABBREVIATIONS: Final = frozenset({"ahi", "osa", "rem", "waso"})
_DURATIONS: Final = frozenset({"sleep_cycle", "longest_waso"})
_OF_THE_SESSION: Final = ("end_time", "sleep_stages", "osa_stages")


def _read(
    session_id: str, *, url: str, credentials: Mapping[str, str], timeout: float, timezone: str | None = None
) -> Night:
    key, user = credentials["x-api-key"], credentials["x-user-id"]
    with Asleep(key, user, base_url=url, timeout=timeout) as asleep:
        return asleep.get_session(session_id, timezone=timezone)


def _page(night: Night) -> Page:
    status, reason = night.validity.status, night.validity.reason
    what = f"{night.validity}" if reason is None else f"{status} ({reason})"
    return page_of(night, [("validity", f"{what}: {status.sentence}")], _OF_THE_SESSION, Stat)


def page_of(
    night: Any, remarks: Sequence[tuple[str, str]], of_the_session: Sequence[str], statistics: type[attrs.AttrsInstance]
) -> Page:
    """Return a night of any version in words.

    - `remarks`: what its version says about it; `of_the_session`: the fields of its session that may be null;
      `statistics`: the class of its statistics.
    """
    session = night.session
    end = "still recording" if session.end_time is None else session.end_time.isoformat(sep=" ")
    facts = [
        ("state", str(session.state)),
        *remarks,
        ("recorded from", f"{session.start_time.isoformat(sep=' ')} ({night.timezone})"),
        ("to", end),
        ("epochs of 30 s", str(len(session.sleep_stages or ()))),
    ]
    names = [attribute.name for attribute in attrs.fields(statistics)]
    if night.stat is not None:
        values = ((name, getattr(night.stat, name)) for name in names)
        facts += [(name_of(name), worded(name, value)) for name, value in values if is_there(value)]
    picture = night_picture(night) if session.sleep_stages else None
    asked = (*of_the_session, "stat") if night.stat is None else (*of_the_session, *names)
    return Page(f"Session {session.id}", facts, picture, _missing(night, asked))


def is_there(value: object) -> bool:
    """Return whether a field has a value to show."""
    return value is not None and not isinstance(value, UnsetType) and value != []


def _missing(night: Night, fields: Sequence[str]) -> Sequence[tuple[str, Sequence[str]]]:
    """Name what is None, by the sentence of its reason."""
    found: dict[str, list[str]] = {}
    for name in fields:
        reason = why_null(night, cast("NightField", name))
        if reason is not None:
            words = "statistics" if name == "stat" else name_of(name)
            found.setdefault(reason.sentence, []).append(words)
    return list(found.items())


def name_of(field: str) -> str:
    """Return the name of a field as people write it."""
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in field.split("_"))


def worded(name: str, value: object) -> str:
    """Return a statistic as people read it: hours and minutes, percent, the time on the clock."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, (datetime, time)):
        return f"{value:%H:%M:%S}"
    if name.startswith("time_in_") or name.endswith("_latency") or name in _DURATIONS:
        minutes, seconds = divmod(round(cast("float", value)), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] + [f"{seconds} s"] * bool(seconds)
        return " ".join(parts)
    if name.endswith("_ratio") or name == "sleep_efficiency":
        return f"{float(str(value)):.0%}"
    return str(value)


def rows_of(night: Any) -> Sequence[Mapping[str, object]]:
    """Return the epochs with the names of their stages; in a two-stage contract 1 is SLEEP."""
    names = {int(stage): stage.name for stage in SleepStage}
    if night.stat is not None and why_null(night, "time_in_rem") is NullReason.TWO_STAGE:
        names[SleepStage.LIGHT] = "SLEEP"
    return [{name: _cell(name, value, names) for name, value in epoch.items()} for epoch in night.epochs()]


def _cell(column: str, value: Any, stages: Mapping[int, str]) -> object:
    if column == "start":
        return value.isoformat()
    if column == "seconds" or value is None:
        return value
    return stages.get(value, value.name) if column == "stage" else value.name


READING: Final = Reading(
    identifier="SESSION_ID",
    summary="Show one night: its statistics, its stages, and why something is missing.",
    read=_read,
    page=_page,
    rows=rows_of,
    columns=tuple(Epoch.__annotations__),
    svg=hypnogram,
    address=SERVER,
    options=(TIMEZONE,),
)
