"""The session's `arithmetic` rules: numbers compared with each other, and values with the request.

They apply only where the values they compare are there, not null and of the right type: the rest is left to
the shape and value rules in the document. Source: Get Single Session, and Callback, 1.3.3.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks, of_body
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of
from sleeptalk_contract.services.asleep.rules.timezones import requested_timezone, zone

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("session", nights.answered))

_DIGITS_ALONE: Final = str.maketrans("", "", "-:T")


@CHECKS.rule("session.id-echoed")
def id_echoed(case: Case) -> Breaches:
    """session.id is the id that was asked for."""
    answered = _text(case, "session", "id")
    if answered is None or not case.identifier:
        return None
    if answered == case.identifier:
        return []
    return [("/result/session/id", f"is {answered!r}, but {case.identifier!r} was requested")]


@CHECKS.rule("session.timezone-echoed")
def timezone_echoed(case: Case) -> Breaches:
    """result.timezone is the timezone header, or UTC without one; another spelling in capitals is the same name."""
    asked, answered = requested_timezone(case.exchange.request_headers), _text(case, "timezone")
    if answered is None or zone(asked) is None:
        return None
    if answered.lower() == asked.lower():
        return []
    return [("/result/timezone", f"is {answered!r}, but {asked!r} was requested")]


@CHECKS.rule("session.times-in-requested-timezone")
def times_in_requested_timezone(case: Case) -> Breaches:
    """Every timestamp carries the offset that the requested timezone has at that instant."""
    asked, night, body = requested_timezone(case.exchange.request_headers), nights.answered(case), case.success
    if night is None or body is None:
        return None
    return body.once(("offsets", asked), lambda: _offsets(asked, night))


def _offsets(asked: str, night: nights.JudgedNight) -> Breaches:
    """Judge the offsets of a night's timestamps, for one timezone that was asked for."""
    place, stamps = zone(asked), list(night.timestamps())
    if place is None or not stamps:
        return None
    found: list[tuple[str, str]] = []
    for where, stamp in stamps:
        try:
            right = stamp.astimezone(place)
        except (OverflowError, ValueError):  # an instant at the very edge of the calendar
            continue
        expected = right.utcoffset()
        is_written = expected is None or expected.seconds % 60 == 0  # unlike local mean time, which has seconds
        if is_written and stamp.utcoffset() != expected:
            found.append((where, f"is {stamp.isoformat()}, but {asked} has {right.isoformat()} at that instant"))
    return found


@CHECKS.rule("session.id-is-start-time")
@of_body
def id_is_start_time(case: Case) -> Breaches:
    """The id's 14 digits are start_time in UTC."""
    night, identifier = nights.answered(case), _text(case, "session", "id")
    start = instant(night.start) if night else None
    digits = (identifier or "").partition("_")[0]
    if start is None or len(digits) != 14 or not digits.isdecimal():  # noqa: PLR2004  # YYYYMMDDhhmmss
        return None
    try:
        expected = start.astimezone(UTC).isoformat()[:19].translate(_DIGITS_ALONE)
    except (OverflowError, ValueError):
        return None
    return (
        []
        if digits == expected
        else [("/result/session/id", f"begins with {digits}, but start_time is {expected} in UTC")]
    )


def _text(case: Case, *keys: str) -> str | None:
    """Return a string under `result` of a 200; None where it is not there or not a string."""
    return text_in(case.success_body, "result", *keys)
