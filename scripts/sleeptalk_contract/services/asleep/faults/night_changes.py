"""Ways to change a night in an answer of Asleep: its result, its session, its statistics; all or only some nights."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.faults import in_body
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE, SCENARIOS
from sleeptalk_contract.services.asleep.sandbox.statistics import EPOCH_SECONDS, compute, timestamp
from sleeptalk_generated.asleep.nulls import NULL_BREATHING_STATS, NULL_SLEEP_STATS, NULL_STAGE_STATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change

    Picks = Callable[[dict[str, Any]], bool]

_STATES: Final = ("OPEN", "CLOSED", "COMPLETE")
_OK: Final = 200


def result(change: Change) -> Apply:
    """Change the `result` of each night in place, and of nothing else that the sandbox answers."""
    return in_body(lambda body: change(body["result"]) if "session" in (body.get("result") or ()) else None)


def session(change: Change, *states: str) -> Apply:
    """Change the `session` of each night in place, or only of nights in some states."""
    return result(lambda found: change(found["session"]) if found["session"]["state"] in (states or _STATES) else None)


def stat(change: Change, picks: Picks = lambda _stat: True) -> Apply:
    """Change the `stat` of each night that has one, or only of those that are picked by it."""
    return result(lambda found: change(found["stat"]) if found["stat"] and picks(found["stat"]) else None)


def item(name: str, index: int, value: Any) -> Change:
    """Set one value of a list, from its end where `index` is negative; one that is null or too short stays as it is."""

    def change(values: dict[str, Any]) -> None:
        if values[name] is not None and -len(values[name]) <= index < len(values[name]):
            values[name][index] = value

    return change


def later(*names: str, seconds: int) -> Change:
    """Move timestamps that are not null, with the offsets that they have."""

    def change(values: dict[str, Any]) -> None:
        for name in names:
            if values.get(name) is not None:
                values[name] = (datetime.fromisoformat(values[name]) + timedelta(seconds=seconds)).isoformat()

    return change


def all_later(seconds: int) -> Apply:
    """Move every timestamp of a night."""

    def change(found: dict[str, Any]) -> None:
        later("start_time", "end_time", seconds=seconds)(found["session"])
        later("sleep_time", "wake_time", seconds=seconds)(found["stat"] or {})

    return result(change)


def _null(found: dict[str, Any], names: Iterable[str]) -> bool:
    return all(found.get(name) is None for name in names)


def slept(found: dict[str, Any]) -> bool:
    """Pick the nights with sleep."""
    return not _null(found, NULL_SLEEP_STATS)


def four_stages(found: dict[str, Any]) -> bool:
    """Pick the nights with sleep of a four-stage contract."""
    return slept(found) and not _null(found, NULL_STAGE_STATS)


def two_stages(found: dict[str, Any]) -> bool:
    """Pick the nights of a two-stage contract."""
    return slept(found) and _null(found, NULL_STAGE_STATS)


def breathing(found: dict[str, Any]) -> bool:
    """Pick the nights with sleep and breathing analysis."""
    return slept(found) and not _null(found, NULL_BREATHING_STATS)


def without_breathing(found: dict[str, Any]) -> bool:
    """Pick the nights with sleep and without breathing analysis."""
    return slept(found) and _null(found, NULL_BREATHING_STATS)


def never_slept(found: dict[str, Any]) -> bool:
    """Pick the nights without sleep."""
    return not slept(found)


def fill_stat(request: Request, answer: Answer) -> Answer:
    """Fill the stat of a night that has stages but no stat, with numbers that fit the stages."""
    night = next((night for night in SCENARIOS.values() if night.session_id == request.identifier), None)
    zone = timezone_named(request.headers.get("timezone", DEFAULT_TIMEZONE))
    if answer.status != _OK or night is None or zone is None or not night.sleep_stages:
        return answer
    if answer.body["result"]["stat"] is None:
        end = night.end or night.start + timedelta(seconds=len(night.sleep_stages) * EPOCH_SECONDS)
        answer.body["result"]["stat"] = compute(night.start, end, night.sleep_stages, night.osa_stages).as_json(zone)
    return answer


def offset_of_the_start(_request: Request, answer: Answer) -> Answer:
    """Write every timestamp with the offset that the timezone has when the night begins."""
    if answer.status != _OK:
        return answer
    found = answer.body["result"]
    zone = datetime.fromisoformat(found["session"]["start_time"]).tzinfo
    for holder in (found["session"], found["stat"] or {}):
        for name in ("start_time", "end_time", "sleep_time", "wake_time"):
            if holder.get(name) is not None and zone is not None:
                holder[name] = timestamp(datetime.fromisoformat(holder[name]), zone)
    return answer
