"""The rules about averages. Source: Get User's Average Stats."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.timezones import (
    has_documented_form,
    is_clearly_unknown,
    is_known_everywhere,
    requested_timezone,
    zone,
)
from sleeptalk_contract.services.asleep_v3.rules.requests import checks_of, is_authorised, is_judged, result, values
from sleeptalk_contract.services.asleep_v3.rules.sessions import in_place

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("average-stats", has_user=False))

UNKNOWN_USER: Final = "unknown-user"
"""The intent of a request about a user who does not exist."""

_MOST_DAYS: Final = 100
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404


@CHECKS.rule("average-stats.period-echoed")
def period_echoed(case: Case) -> Breaches:
    """The period is the one that was asked for."""
    found = result(case)
    period = found.get("period") if isinstance(found, dict) else None
    if not isinstance(period, dict):
        return None
    asked = {name: (values(case, name) or [""])[-1] for name in ("start_date", "end_date")}
    asked["timezone"] = requested_timezone(case.exchange.request_headers)
    return [
        (f"/result/period/{name}", f"is {period[name]!r}, but {value!r} was requested")
        for name, value in asked.items()
        if isinstance(period.get(name), str) and period[name].lower() != value.lower()
    ]


@CHECKS.rule("average-stats.sessions-in-period")
def sessions_in_period(case: Case) -> Breaches:
    """Every session starts on a day of the period, in the requested time zone."""
    found, place = result(case), zone(requested_timezone(case.exchange.request_headers))
    first, last = _day(case, "start_date"), _day(case, "end_date")
    if not isinstance(found, dict) or place is None or first is None or last is None:
        return None
    exercised, breaches = False, []
    for name in ("slept_sessions", "never_slept_sessions"):
        sessions = found.get(name)
        for index, session in enumerate(sessions if isinstance(sessions, list) else ()):
            start = instant(session.get("start_time")) if isinstance(session, dict) else None
            if start is None:
                continue
            exercised, day = True, (in_place(start, place) or start).date()
            if not first <= day <= last:
                breaches.append((f"/result/{name}/{index}/start_time", f"is on {day}, not from {first} to {last}"))
    return breaches if exercised else None


@CHECKS.rule("average-stats.invalid-timezone-400")
def invalid_timezone_400(case: Case) -> Breaches:
    """An unknown timezone is answered 400."""
    asked = requested_timezone(case.exchange.request_headers)
    if not is_judged(case) or not is_clearly_unknown(asked) or not is_authorised(case):
        return None
    status = case.exchange.status
    if status == _BAD_REQUEST:
        return []
    alone = case.exchange.intent == "unknown-timezone" and has_documented_form(asked)
    return [("status", f"is {status}, not 400")] if alone or case.exchange.successful else None


@CHECKS.rule("average-stats.period-at-most-100-days")
def period_at_most_100_days(case: Case) -> Breaches:
    """A period of more than 100 days is answered 400. One of 100 or 101 may be counted either way."""
    first, last = _day(case, "start_date"), _day(case, "end_date")
    if first is None or last is None or (last - first).days <= _MOST_DAYS + 1:
        return None
    if not is_judged(case) or not is_authorised(case):
        return None
    status = case.exchange.status
    if status == _BAD_REQUEST:
        return []
    alone = case.exchange.intent == "long-period" and is_known_everywhere(
        requested_timezone(case.exchange.request_headers)
    )
    return [("status", f"is {status}, not 400")] if alone or case.exchange.successful else None


@CHECKS.rule("average-stats.unknown-user-404")
def unknown_user_404(case: Case) -> Breaches:
    """An unknown user is answered 404 with the documented sentence."""
    if case.exchange.intent != UNKNOWN_USER or not is_judged(case) or not is_authorised(case):
        return None
    if case.exchange.status != _NOT_FOUND:
        return [("status", f"is {case.exchange.status}, not 404")]
    detail, expected = case.error_body.get("detail"), f"Unable to find the user of id {case.identifier}"
    return [] if detail == expected else [("/detail", f"is {detail!r}, not {expected!r}")]


def _day(case: Case, name: str) -> date | None:
    try:
        return date.fromisoformat((values(case, name) or [""])[-1])
    except ValueError:
        return None
