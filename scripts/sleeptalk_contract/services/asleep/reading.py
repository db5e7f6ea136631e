"""One night, as `sleeptalk get` reads and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import attrs

from sleeptalk.asleep import Asleep, Epoch, NightField, NullReason, SleepStage, Stat, why_null
from sleeptalk.drawing import hypnogram
from sleeptalk.drawing.nights import night_picture
from sleeptalk_contract.contract.reading import Page, Reading
from sleeptalk_generated.asleep import SERVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.asleep import Night

_STATISTICS: Final = tuple(attribute.name for attribute in attrs.fields(Stat))
_ABBREVIATIONS: Final = frozenset({"ahi", "osa", "rem"})
_OF_THE_SESSION: Final = ("end_time", "sleep_stages", "osa_stages")


def _read(
    session_id: str, *, url: str, credentials: Mapping[str, str], timeout: float, timezone: str | None = None
) -> Night:
    key, user = credentials["x-api-key"], credentials["x-user-id"]
    with Asleep(key, user, base_url=url, timeout=timeout) as asleep:
        return asleep.get_session(session_id, timezone=timezone)


def _page(night: Night) -> Page:
    session, status = night.session, night.validity.status
    end = "still recording" if session.end_time is None else session.end_time.isoformat(sep=" ")
    reason = night.validity.reason
    facts = [
        ("state", str(session.state)),
        (
            "validity",
            f"{night.validity}: {status.sentence}" if reason is None else f"{status} ({reason}): {status.sentence}",
        ),
        ("recorded from", f"{session.start_time.isoformat(sep=' ')} ({night.timezone})"),
        ("to", end),
        ("epochs of 30 s", str(len(session.sleep_stages or ()))),
    ]
    if night.stat is not None:
        values = ((name, getattr(night.stat, name)) for name in _STATISTICS)
        facts += [(_name(name), _worded(name, value)) for name, value in values if value is not None]
    picture = night_picture(night) if session.sleep_stages else None
    return Page(f"Session {session.id}", facts, picture, _missing(night))


def _missing(night: Night) -> Sequence[tuple[str, Sequence[str]]]:
    """Name what is None, by the sentence of its reason."""
    found: dict[str, list[str]] = {}
    fields = (*_OF_THE_SESSION, "stat") if night.stat is None else (*_OF_THE_SESSION, *_STATISTICS)
    for name in fields:
        reason = why_null(night, cast("NightField", name))
        if reason is not None:
            words = "statistics" if name == "stat" else _name(name)
            found.setdefault(reason.sentence, []).append(words)
    return list(found.items())


def _name(field: str) -> str:
    """Return the name of a field as people write it."""
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in field.split("_"))


def _worded(name: str, value: object) -> str:
    """Return a statistic as people read it: hours and minutes, percent, the time on the clock."""
    if name.endswith("_time"):
        return f"{value:%H:%M:%S}"
    if name.startswith("time_in_") or name.endswith("_latency"):
        minutes, seconds = divmod(int(str(value)), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] + [f"{seconds} s"] * bool(seconds)
        return " ".join(parts)
    if name.endswith("_ratio") or name == "sleep_efficiency":
        return f"{float(str(value)):.0%}"
    return str(value)


def _rows(night: Night) -> Sequence[Mapping[str, object]]:
    """Return the epochs with the names of their stages; in a two-stage contract 1 is SLEEP."""
    names = {stage: stage.name for stage in SleepStage}
    if night.stat is not None and why_null(night, "time_in_rem") is NullReason.TWO_STAGE:
        names[SleepStage.LIGHT] = "SLEEP"
    return [
        {
            "start": epoch["start"].isoformat(),
            "seconds": epoch["seconds"],
            "stage": None if epoch["stage"] is None else names.get(epoch["stage"], epoch["stage"].name),
            "breathing": None if epoch["breathing"] is None else epoch["breathing"].name,
        }
        for epoch in night.epochs()
    ]


READING: Final = Reading(
    identifier="SESSION_ID",
    summary="Show one night: its statistics, its stages, and why something is missing.",
    read=_read,
    page=_page,
    rows=_rows,
    columns=tuple(Epoch.__annotations__),
    svg=hypnogram,
    address=SERVER,
    options=(("--timezone", "The time zone of every time, such as Asia/Seoul; by default UTC."),),
)
