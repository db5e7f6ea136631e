"""The rules about lists of sessions. Source: List Sessions."""

from __future__ import annotations

from datetime import UTC, date
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.judging.case import Checks, number
from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.night_arithmetic import EPOCH
from sleeptalk_contract.services.asleep.rules.session_asked import INVALID_TIMEZONE
from sleeptalk_contract.services.asleep.rules.timezones import (
    has_documented_form,
    is_clearly_unknown,
    requested_timezone,
    zone,
)
from sleeptalk_contract.services.asleep_v3.rules.memory import Memory, user_of
from sleeptalk_contract.services.asleep_v3.rules.requests import checks_of, is_authorised, is_judged, result, values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("sessions", has_user=True))

WHOLE_LIST: Final = "whole-list"
"""The intent of a request for all sessions in one page."""
NEXT_PAGE: Final = "next-page"
"""The intent of the requests for the same in several, which follow it."""

_DEFAULT_LIMIT: Final = 20
_BAD_REQUEST: Final = 400
_TIMES: Final = ("session_start_time", "session_end_time", "unexpected_end_time")


def listed(case: Case) -> list[dict[str, Any]] | None:
    """Return the sessions of a page; None where there is none."""
    found = result(case)
    page = found.get("sleep_session_list") if isinstance(found, dict) else None
    return [each for each in page if isinstance(each, dict)] if isinstance(page, list) else None


def _places(case: Case) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, session in enumerate(listed(case) or ()):
        yield f"/result/sleep_session_list/{index}/", session


@CHECKS.rule("sessions.timezone-echoed")
def timezone_echoed(case: Case) -> Breaches:
    """result.timezone is the timezone header, or UTC without one."""
    found = result(case)
    asked, answered = requested_timezone(case.exchange.request_headers), found and found.get("timezone")
    if not isinstance(answered, str) or zone(asked) is None:
        return None
    same = answered.lower() == asked.lower()
    return [] if same else [("/result/timezone", f"is {answered!r}, but {asked!r} was requested")]


@CHECKS.rule("sessions.times-in-requested-timezone")
def times_in_requested_timezone(case: Case) -> Breaches:
    """Every timestamp carries the offset that the requested timezone has at that instant."""
    asked = requested_timezone(case.exchange.request_headers)
    place = zone(asked)
    stamps = [
        (at + name, stamp)
        for at, session in _places(case)
        for name in _TIMES
        if (stamp := instant(session.get(name))) is not None
    ]
    if place is None or not stamps:
        return None
    found = []
    for at, stamp in stamps:
        right = in_place(stamp, place)
        offset = None if right is None else right.utcoffset()
        can_be_written = offset is not None and offset.total_seconds() % 60 == 0  # unlike local mean time
        if right is not None and can_be_written and stamp.utcoffset() != offset:
            found.append((at, f"is {stamp.isoformat()}, but {asked} has {right.isoformat()} at that instant"))
    return found


@CHECKS.rule("sessions.order-respected")
def order_respected(case: Case) -> Breaches:
    """The page is ordered by session_start_time as order_by asks."""
    order = (values(case, "order_by") or ["DESC"])[-1]
    starts = [instant(session.get("session_start_time")) for session in listed(case) or ()]
    if len(starts) < 2 or None in starts or order not in {"ASC", "DESC"}:  # noqa: PLR2004  # one is always in order
        return None
    moments = [each for each in starts if each is not None]
    if moments == sorted(moments, reverse=order == "DESC"):
        return []
    return [("/result/sleep_session_list", f"is not ordered by session_start_time, {order} as asked")]


@CHECKS.rule("sessions.limit-respected")
def limit_respected(case: Case) -> Breaches:
    """A page holds at most `limit` sessions, 20 without it."""
    page, text = listed(case), (values(case, "limit") or [str(_DEFAULT_LIMIT)])[-1]
    if page is None or not text.isdecimal():
        return None
    limit = int(text)
    return [] if len(page) <= limit else [("/result/sleep_session_list", f"holds {len(page)} sessions, not {limit}")]


@CHECKS.rule("sessions.dates-respected")
def dates_respected(case: Case) -> Breaches:
    """Every session starts on a day from date_gte to date_lte, in the requested time zone."""
    place = zone(requested_timezone(case.exchange.request_headers))
    first, last = _day(case, "date_gte"), _day(case, "date_lte")
    if place is None or (first is None and last is None) or not listed(case):
        return None
    found = []
    for at, session in _places(case):
        start = instant(session.get("session_start_time"))
        moment = None if start is None else in_place(start, place)
        if moment is not None and not (first or date.min) <= moment.date() <= (last or date.max):
            found.append((f"{at}session_start_time", f"is on {moment.date()}, not from {first} to {last}"))
    return found


@CHECKS.rule("sessions.listed-once")
def listed_once(case: Case) -> Breaches:
    """A page lists no session twice."""
    page = listed(case)
    if page is None:
        return None
    memory, user = case.history.of(Memory), user_of(case.exchange)
    seen: set[Any] = set()
    found = []
    for at, session in _places(case):
        identifier = session.get("session_id")
        if isinstance(identifier, str):
            memory.session(user, identifier).listed = session
            if identifier in seen:
                found.append((f"{at}session_id", f"is {identifier!r}, which was listed before"))
            seen.add(identifier)
    return found if len(page) > 1 else None


@CHECKS.rule("sessions.time-in-bed-is-end-minus-start")
def time_in_bed_is_end_minus_start(case: Case) -> Breaches:
    """time_in_bed = session_end_time - session_start_time, within one epoch."""
    exercised, found = False, []
    for at, session in _places(case):
        bed = number(session.get("time_in_bed"))
        start, end = instant(session.get("session_start_time")), instant(session.get("session_end_time"))
        if bed is None or start is None or end is None:
            continue
        exercised, lasted = True, int((end - start).total_seconds())
        if abs(bed - lasted) > EPOCH:
            found.append((f"{at}time_in_bed", f"is {bed} s, but the session lasted {lasted} s"))
    return found if exercised else None


@CHECKS.rule("sessions.invalid-timezone-400")
def invalid_timezone_400(case: Case) -> Breaches:
    """An unknown timezone is answered 400 with the documented sentence."""
    asked = requested_timezone(case.exchange.request_headers)
    if not is_judged(case) or not is_clearly_unknown(asked) or not is_authorised(case):
        return None
    status, detail = case.exchange.status, case.error_body.get("detail")
    if status == _BAD_REQUEST:
        return [] if detail == INVALID_TIMEZONE else [("/detail", f"is {detail!r}, not {INVALID_TIMEZONE!r}")]
    alone = case.exchange.intent == "unknown-timezone" and has_documented_form(asked)
    return [("status", f"is {status}, not 400")] if alone or case.exchange.successful else None


@CHECKS.rule("sessions.pages-join")
def pages_join(case: Case) -> Breaches:
    """Pages that are read one after the other have every session of the list once.

    The list is read as a whole before and after: where it has changed in between, the pages show nothing.
    """
    page, memory = listed(case), case.history.of(Memory)
    if page is None:
        return None
    ids = [str(session.get("session_id")) for session in page]
    order = (values(case, "order_by") or ["DESC"])[-1]
    if case.exchange.intent == NEXT_PAGE:
        memory.pages.setdefault(order, []).extend(ids)
    if case.exchange.intent != WHOLE_LIST:
        return None
    before, pages = memory.wholes.get(order), memory.pages.pop(order, [])
    memory.wholes[order] = ids
    if not pages or before != ids:
        return None
    if pages == ids:
        return []
    repeated = sorted({each for each in pages if pages.count(each) > 1})
    lost = [each for each in ids if each not in pages]
    words = f"repeat {', '.join(repeated)}" if repeated else f"lose {', '.join(lost)}" if lost else "change the order"
    return [("/result/sleep_session_list", f"is another list than its pages, which {words}")]


@CHECKS.rule("sessions.state-never-back")
def state_never_back(case: Case) -> Breaches:
    """A session that is listed is not in an earlier state than before."""
    exercised, found, memory = False, [], case.history.of(Memory)
    for at, session in _places(case):
        try:
            later = memory.went_back(case.exchange, str(session.get("session_id")), session.get("state"))
        except LookupError:
            continue
        exercised = True
        if later is not None:
            found.append((f"{at}state", f"is {session['state']}, after it was {later}"))
    return found if exercised else None


@CHECKS.rule("sessions.deleted-not-listed")
def deleted_not_listed(case: Case) -> Breaches:
    """A session that was deleted is not listed."""
    memory, user = case.history.of(Memory), user_of(case.exchange)
    if listed(case) is None or user not in memory.deleters:
        return None
    return [
        (f"{at}session_id", f"is {session['session_id']!r}, which was deleted")
        for at, session in _places(case)
        if (seen := memory.sessions.get((user, str(session.get("session_id"))))) is not None and seen.deleted
    ]


def _day(case: Case, name: str) -> date | None:
    try:
        return date.fromisoformat((values(case, name) or [""])[-1])
    except ValueError:
        return None


def in_place(moment: datetime, place: Any) -> datetime | None:
    """Return a moment in a time zone; None where the calendar ends before it is there."""
    try:
        return moment.astimezone(UTC).astimezone(place)
    except (OverflowError, ValueError):  # an instant at the very edge of the calendar
        return None
