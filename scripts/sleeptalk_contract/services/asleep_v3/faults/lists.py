"""Faults of lists of sessions, and of averages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import in_body, setting, when, with_status, without
from sleeptalk_contract.services.asleep_v3.faults.places import about, limited
from sleeptalk_contract.services.asleep_v3.faults.requests import common_faults
from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change


def _result(change: Change) -> Apply:
    return in_body(lambda body: change(body["result"]))


def _listed(change: Change, *states: str) -> Apply:
    """Change each listed session, or only those in some states."""

    def each(found: dict[str, Any]) -> None:
        for session in found["sleep_session_list"]:
            if not states or session["state"] in states:
                change(session)

    return _result(each)


def _averages(change: Change) -> Apply:
    return _result(lambda found: change(found["average_stats"]) if found["average_stats"] else None)


def _slept(change: Change) -> Apply:
    def each(found: dict[str, Any]) -> None:
        for session in found["slept_sessions"]:
            change(session)

    return _result(each)


def _ignoring(*names: str) -> Apply:
    """Answer as if parameters were not in the query."""

    def apply(request: Request, _answer: Answer) -> Answer:
        query = {name: found for name, found in request.query.items() if name not in names}
        return request.honest_answer(query=query)

    return apply


def _without_timezone(request: Request, _answer: Answer) -> Answer:
    return request.with_header("timezone", None).honest_answer()


def _dates_in_utc(request: Request, answer: Answer) -> Answer:
    """Read the dates in UTC, whatever time zone they are asked in."""
    if answer.status != 200 or not request.query.keys() & {"date_gte", "date_lte"}:  # noqa: PLR2004  # OK
        return answer
    in_utc = request.with_header("timezone", None).honest_answer().body["result"]["sleep_session_list"]
    ids = [session["session_id"] for session in in_utc]
    every = request.honest_answer(query={"limit": ["100"]}).body["result"]["sleep_session_list"]
    answer.body["result"]["sleep_session_list"] = [each for each in every if each["session_id"] in ids]
    return answer


def _first_twice(found: dict[str, Any]) -> None:
    found["sleep_session_list"] = [*found["sleep_session_list"][:1], *found["sleep_session_list"]][:100]


def _shifted_by_one(request: Request, answer: Answer) -> Answer:
    """Begin each page but the first one session too late."""
    offset = int(request.query.get("offset", ["0"])[-1]) if answer.status == 200 else 0  # noqa: PLR2004  # OK
    return request.honest_answer(query={**request.query, "offset": [str(offset + 1)]}) if offset else answer


def _overlapping(request: Request, answer: Answer) -> Answer:
    """Begin each page but the first with the last session of the one before."""
    offset = int(request.query.get("offset", ["0"])[-1]) if answer.status == 200 else 0  # noqa: PLR2004  # OK
    return request.honest_answer(query={**request.query, "offset": [str(offset - 1)]}) if offset else answer


def _of_z(name: str) -> Change:
    return lambda values: values.update({name: values[name] and values[name].replace("+00:00", "Z")})


def _says(part: str) -> Callable[[Request, Answer], bool]:
    return lambda _request, answer: answer.status in {400, 404, 422} and part in answer.body["detail"]


def _other_detail(_request: Request, answer: Answer) -> Answer:
    answer.body = {"detail": "Bad request"}
    return answer


def _sessions_in_utc(request: Request, answer: Answer) -> Answer:
    in_utc = request.with_header("timezone", None).honest_answer().body["result"]
    for name in ("slept_sessions", "never_slept_sessions"):
        answer.body["result"][name] = in_utc[name]
    return answer


def _open_again(found: dict[str, Any]) -> None:
    """List the session that moves as OPEN when it is COMPLETE, as a stale index would."""
    for session in found["sleep_session_list"]:
        if session["session_id"] == FINISHING.session_id and session["state"] == "COMPLETE":
            session.update(state="OPEN", session_end_time=None, unexpected_end_time=None, time_in_bed=None)


_LISTS: Final = (
    Fault(
        "sessions.state-never-back", "stale", "lists a session as OPEN that it has shown COMPLETE", _result(_open_again)
    ),
    Fault("sessions.shape", "id", "names the session id as Get Session does", _listed(without("session_id"))),
    Fault("sessions.shape", "list-missing", "leaves the list out", _result(without("sleep_session_list"))),
    Fault("sessions.state-values", "new", "calls a COMPLETE session DONE", _listed(setting(state="DONE"), "COMPLETE")),
    Fault("sessions.timestamp-format", "zulu", "writes Z for UTC", _listed(_of_z("session_start_time"))),
    Fault("sessions.duration-values", "negative", "has a negative time in bed", _listed(setting(time_in_bed=-1))),
    Fault("sessions.count-values", "minus-one", "counts uploads from -1", _listed(setting(last_received_seq_num=-1))),
    Fault(
        "sessions.end-time-null-while-open",
        "start",
        "ends an OPEN session at its start",
        _listed(lambda each: each.update(session_end_time=each["session_start_time"]), "OPEN"),
    ),
    Fault(
        "sessions.end-time-set-once-closed",
        "null",
        "has no end for a CLOSED session",
        _listed(setting(session_end_time=None), "CLOSED"),
    ),
    Fault("sessions.timezone-echoed", "utc", "names UTC whatever was requested", _result(setting(timezone="UTC"))),
    Fault(
        "sessions.times-in-requested-timezone",
        "utc",
        "writes times in UTC whatever was requested",
        when(lambda request, answer: answer.status == 200 and "timezone" in request.headers, _without_timezone),  # noqa: PLR2004  # OK
    ),
    Fault("sessions.order-respected", "ignored", "ignores order_by", _ignoring("order_by")),
    Fault(
        "sessions.order-respected",
        "by-default",
        "has the earliest session first by default",
        when(
            lambda request, answer: answer.status == 200 and "order_by" not in request.query,  # noqa: PLR2004  # OK
            lambda request, _answer: request.honest_answer(query={**request.query, "order_by": ["ASC"]}),
        ),
    ),
    Fault("sessions.limit-respected", "ignored", "ignores limit", _ignoring("limit")),
    Fault("sessions.dates-respected", "ignored", "ignores dates", _ignoring("date_gte", "date_lte")),
    Fault("sessions.dates-respected", "utc", "reads dates in UTC whatever time zone was requested", _dates_in_utc),
    Fault("sessions.listed-once", "first", "lists the first session twice", _result(_first_twice)),
    Fault(
        "sessions.time-in-bed-is-end-minus-start",
        "uploads",
        "has minutes for time_in_bed",
        _listed(lambda each: each.update(time_in_bed=each["time_in_bed"] and each["time_in_bed"] // 60)),
    ),
    Fault(
        "sessions.invalid-timezone-400",
        "accepted",
        "treats an unknown timezone as UTC",
        when(_says("timezone"), _without_timezone),
    ),
    Fault(
        "sessions.invalid-timezone-400", "text", "words the detail otherwise", when(_says("timezone"), _other_detail)
    ),
    Fault("sessions.pages-join", "lost", "loses a session between two pages", _shifted_by_one),
    Fault("sessions.pages-join", "repeated", "repeats a session on the next page", _overlapping),
)

_OF_AVERAGES: Final = (
    Fault("average-stats.shape", "no-sessions", "leaves the sessions out", _result(without("slept_sessions"))),
    Fault("average-stats.shape", "no-bed", "leaves time_in_bed out", _averages(without("time_in_bed"))),
    Fault(
        "average-stats.peculiarity-values",
        "new",
        "says RESTLESS",
        _result(lambda found: found["peculiarities"].append("RESTLESS")),
    ),
    Fault(
        "average-stats.clock-time-format",
        "seconds",
        "writes a time of day without seconds",
        _averages(lambda found: found.update(sleep_time=found["sleep_time"][:5])),
    ),
    Fault(
        "average-stats.clock-time-format",
        "24",
        "writes midnight as 24:00:00",
        _averages(setting(wake_time="24:00:00")),
    ),
    Fault(
        "average-stats.date-format",
        "slashes",
        "writes days with slashes",
        _result(lambda found: found["period"].update(start_date=found["period"]["start_date"].replace("-", "/"))),
    ),
    Fault("average-stats.timestamp-format", "zulu", "writes Z for UTC", _slept(_of_z("start_time"))),
    Fault("average-stats.duration-values", "negative", "has a negative mean", _averages(setting(time_in_wake=-1))),
    Fault("average-stats.count-values", "negative", "has -1 wakings", _slept(setting(waso_count=-1))),
    Fault("average-stats.mean-values", "negative", "has a mean of -1 wakings", _averages(setting(waso_count=-1))),
    Fault("average-stats.ratio-values", "percent", "writes a percentage", _averages(setting(sleep_efficiency=88.24))),
    Fault("average-stats.sleep-index-values", "120", "has a sleep_index of 120", _slept(setting(sleep_index=120))),
    Fault(
        "average-stats.breathing-pattern-values",
        "v2",
        "writes the pattern as data v2",
        _slept(lambda each: each.update(breathing_pattern=each["breathing_pattern"] and "VERY_STABLE")),
    ),
    Fault(
        "average-stats.null-without-sleep",
        "zeros",
        "has averages of nothing",
        _result(lambda found: None if found["average_stats"] else found.update(average_stats={})),
    ),
    Fault("average-stats.present-with-sleep", "null", "has no averages", _result(setting(average_stats=None))),
    Fault(
        "average-stats.breathing-null-without-breathing",
        "zero",
        "has a breathing_index of 0 without breathing analysis",
        _result(
            lambda found: (
                found["average_stats"].update(breathing_index=0.0)
                if found["peculiarities"] and found["average_stats"]
                else None
            )
        ),
    ),
    Fault(
        "average-stats.period-echoed",
        "one-day-more",
        "ends the period at the end of the year",
        _result(
            lambda found: found["period"].update(
                end_date=f"{datetime.fromisoformat(found['period']['end_date']).year}-12-31"
            )
        ),
    ),
    Fault(
        "average-stats.sessions-in-period",
        "utc",
        "reads the days in UTC whatever time zone was requested",
        when(
            lambda request, answer: answer.status == 200 and "timezone" in request.headers,  # noqa: PLR2004  # OK
            _sessions_in_utc,
        ),
    ),
    Fault(
        "average-stats.invalid-timezone-400",
        "accepted",
        "treats an unknown timezone as UTC",
        when(_says("timezone"), _without_timezone),
    ),
    Fault(
        "average-stats.period-at-most-100-days",
        "status",
        "answers 422 to a longer period",
        when(_says("100 days"), with_status(422)),
    ),
    Fault("average-stats.unknown-user-404", "status", "answers 400 to it", when(_says("of id"), with_status(400))),
    Fault("average-stats.unknown-user-404", "text", "words it otherwise", when(_says("of id"), _other_detail)),
)


FAULTS: Final = (
    *(limited(fault, about("listSessions")) for fault in _LISTS),
    *common_faults("sessions", about("listSessions"), has_user=True),
    *(limited(fault, about("getAverageStats")) for fault in _OF_AVERAGES),
    *common_faults("average-stats", about("getAverageStats"), has_user=False),
)
