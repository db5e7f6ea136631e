"""Faults of a session of data v3: those of data v2 that make sense, and those of what v3 has changed and added."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.sandbox.faults import adding, setting, trusting, when, with_status, without
from sleeptalk_contract.services.asleep.faults import session as session_v2
from sleeptalk_contract.services.asleep.faults import session_answers, session_credentials, session_numbers
from sleeptalk_contract.services.asleep.faults.night_changes import (
    breathing,
    four_stages,
    item,
    never_slept,
    result,
    session,
    slept,
    stat,
    without_breathing,
)
from sleeptalk_contract.services.asleep.sandbox.nights import DEFAULT_TIMEZONE
from sleeptalk_contract.services.asleep_v3.faults.places import SESSION, at, limited
from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS, as_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.sandbox.faults import Apply

_OK: Final = 200
_RENAMED_RULES: Final = {"session.malformed-id-422": "session.malformed-id-refused"}
_OF_V2_ALONE: Final = frozenset(
    {
        "session.osa-stage-values",
        "session.validity-values",
        "session.stat-null-unless-complete",
        "session.stat-null-unless-valid",
        "session.stat-present-when-valid",
        "session.stage-list-lengths",
        "session.user-id-required",
    }
)
"""Rules of data v2 that v3 has not, or has about other fields."""
_REPLACED: Final = frozenset(
    {
        "session.shape:session-key-missing",
        "session.shape:stage-as-text",
        "session.breathing-pattern-values:new-value",
        "session.breathing-stats-null-without-breathing:index",
        "session.malformed-id-422:status",
    }
)
"""Faults of data v2 that are about renamed fields or values, or that v3 leaves open."""


def _of_v2() -> tuple[Fault, ...]:
    faults = (*session_v2.FAULTS, *session_numbers.FAULTS, *session_answers.FAULTS, *session_credentials.FAULTS)
    return tuple(
        replace(fault, rule=_RENAMED_RULES.get(fault.rule, fault.rule))
        for fault in faults
        if fault.rule not in _OF_V2_ALONE and fault.full_name not in _REPLACED
    )


def _holding(name: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: name in found["peculiarities"]


def _where(picks: Callable[[dict[str, Any]], bool], change: Callable[[dict[str, Any]], object]) -> Apply:
    return result(lambda found: change(found) if picks(found) else None)


def _fill_stat(picks: Callable[[dict[str, Any]], bool]) -> Apply:
    """Fill the stat of a night that has none with that of a night that has one, under the times of that."""

    def apply(request: Request, answer: Answer) -> Answer:
        zone = timezone_named(request.headers.get("timezone", DEFAULT_TIMEZONE))
        if answer.status == _OK and zone is not None and picks(answer.body["result"]):
            answer.body["result"]["stat"] = SCENARIOS["four-stages"].stat(zone)
        return answer

    return apply


def _in_state(*states: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: found["session"]["state"] in states


def _goes_back(request: Request, answer: Answer) -> Answer:
    """Show a session that moves as OPEN each second time that it is COMPLETE, as a stale copy would."""
    name = request.headers.get("timezone", DEFAULT_TIMEZONE)
    zone = timezone_named(name)
    is_complete = answer.status == _OK and answer.body["result"]["session"]["state"] == "COMPLETE"
    if request.identifier == FINISHING.session_id and is_complete and zone is not None and request.count % 2:
        answer.body = {"detail": "OK", "result": as_state(FINISHING, "OPEN").as_result(name, zone)}
    return answer


def _not_found(request: Request, answer: Answer) -> Answer:
    if answer.status == _OK and request.identifier == FINISHING.session_id:
        return Answer(404, body={"detail": f"Unable to find the sleep session of id {request.identifier}"})
    return answer


def _later(values: dict[str, Any], name: str = "start_time") -> None:
    time = datetime.fromisoformat(values[name]) + timedelta(minutes=1)
    values[name] = time.isoformat()


_OWN: Final = (
    Fault("session.shape", "breath-stages-missing", "leaves out breath_stages", session(without("breath_stages"))),
    Fault(
        "session.shape",
        "peculiarities-as-text",
        "writes peculiarities as a text",
        result(setting(peculiarities="NONE")),
    ),
    Fault("session.shape", "v2", "has validity and no peculiarities, as data v2", result(without("peculiarities"))),
    Fault(
        "session.shape",
        "cycles-as-text",
        "writes the times of sleep cycles as one text",
        stat(setting(sleep_cycle_time="22:00")),
    ),
    Fault(
        "session.peculiarity-values",
        "new-value",
        "says RESTLESS",
        result(lambda found: found["peculiarities"].append("RESTLESS")),
    ),
    Fault(
        "session.breath-stage-values", "too-high", "numbers a breathing stage 2", session(item("breath_stages", 9, 2))
    ),
    Fault("session.snoring-stage-values", "loudness", "writes a loudness", session(item("snoring_stages", 9, 40))),
    Fault(
        "session.breathing-pattern-values",
        "v2",
        "writes the breathing pattern as data v2",
        stat(setting(breathing_pattern="VERY_STABLE"), breathing),
    ),
    Fault("session.count-values", "fraction", "writes half a waking", stat(setting(waso_count=2.5), slept)),
    Fault("session.ratio-values", "missing-percent", "writes a percentage", result(setting(missing_data_ratio=12.5))),
    Fault("session.sleep-index-values", "over-100", "has a sleep_index of 120", stat(setting(sleep_index=120), slept)),
    Fault(
        "session.stat-null-by-peculiarity",
        "too-short",
        "has a stat for a night that is too short",
        _fill_stat(_holding("TOO_SHORT_FOR_ANALYSIS")),
    ),
    Fault(
        "session.stat-null-by-peculiarity",
        "defects",
        "has a stat for a night with too many defects",
        _fill_stat(_holding("TOO_MANY_DEFECTS_IN_SLEEP_STAGES")),
    ),
    Fault("session.stat-null-unless-complete", "open", "has a stat while OPEN", _fill_stat(_in_state("OPEN"))),
    Fault("session.stat-null-unless-complete", "closed", "has a stat while CLOSED", _fill_stat(_in_state("CLOSED"))),
    Fault("session.stat-present-unless-peculiar", "null", "has no stat", result(setting(stat=None))),
    Fault(
        "session.stat-present-unless-peculiar",
        "never-slept",
        "has no stat for a night without sleep",
        result(lambda found: found.update(stat=None) if found["stat"] and never_slept(found["stat"]) else None),
    ),
    Fault(
        "session.breath-stages-null-without-breathing",
        "empty",
        "has no breathing analysis and an empty list",
        _where(_holding("NO_BREATHING_STABILITY"), lambda found: found["session"].update(breath_stages=[])),
    ),
    Fault(
        "session.breathing-stats-null-without-breathing",
        "index",
        "has breathing_index 0 without breathing analysis",
        stat(setting(breathing_index=0.0), without_breathing),
    ),
    Fault(
        "session.never-slept-is-awake",
        "said",
        "says NEVER_SLEPT of a night with sleep",
        result(
            lambda found: (
                found["peculiarities"].append("NEVER_SLEPT") if found["stat"] and slept(found["stat"]) else None
            )
        ),
    ),
    Fault(
        "session.stage-latency-null-without-stage",
        "zero",
        "has rem_latency 0 without REM sleep",
        stat(lambda values: values.update(time_in_rem=0, rem_latency=0), four_stages),
    ),
    Fault(
        "session.stages-null-without-real-time-reads",
        "empty",
        "has an empty list where it may not be read",
        _where(_holding("NO_REALTIME_POLLING"), lambda found: found["session"].update(sleep_stages=[])),
    ),
    Fault(
        "session.in-progress-only-until-complete",
        "complete",
        "says IN_PROGRESS of a COMPLETE night",
        _where(_in_state("COMPLETE"), lambda found: found["peculiarities"].append("IN_PROGRESS")),
    ),
    Fault(
        "session.in-progress-until-complete",
        "closed",
        "says nothing of a CLOSED night",
        _where(_in_state("CLOSED"), setting(peculiarities=[])),
    ),
    Fault(
        "session.wakings-follow-stages",
        "falling-asleep",
        "counts falling asleep as a waking",
        stat(adding("waso_count", amount=1), slept),
    ),
    Fault(
        "session.wakings-follow-stages",
        "sum",
        "has the time awake for the longest waking",
        stat(lambda values: values.update(longest_waso=values["time_in_wake"]), four_stages),
    ),
    Fault(
        "session.stage-latencies-from-onset",
        "from-the-start",
        "counts the latency of a stage from the start",
        stat(lambda values: values.update(deep_latency=values["deep_latency"] + values["sleep_latency"]), four_stages),
    ),
    Fault(
        "session.stage-list-lengths",
        "breathing",
        "leaves out the last breathing stages",
        session(lambda found: found.update(breath_stages=found["breath_stages"] and found["breath_stages"][:-5])),
    ),
    Fault(
        "session.stage-list-lengths",
        "snoring",
        "leaves out the last snoring stages",
        session(lambda found: found.update(snoring_stages=found["snoring_stages"] and found["snoring_stages"][:-5])),
    ),
    Fault(
        "session.cycle-times-follow-count",
        "ends-alone",
        "leaves out the start of the first sleep cycle",
        stat(lambda values: values.update(sleep_cycle_time=values["sleep_cycle_time"][1:]), four_stages),
    ),
    Fault(
        "session.cycle-times-follow-count",
        "lengths",
        "writes the lengths of sleep cycles",
        stat(lambda values: values.update(sleep_cycle_time=[5400] * (values["sleep_cycle_count"] + 1)), four_stages),
    ),
    Fault("session.agrees-with-list", "start", "starts a minute later than the list says", session(_later)),
    Fault(
        "session.agrees-with-list",
        "end",
        "ends a minute later than the list says",
        session(lambda values: _later(values, "end_time") if values["end_time"] else None),
    ),
    Fault("session.listed-is-read", "404", "does not find a session while it moves, which it lists", _not_found),
    Fault(
        "session.state-never-back", "stale", "shows a session as OPEN again that it has shown as COMPLETE", _goes_back
    ),
    Fault(
        "session.agrees-with-list",
        "zone",
        "has another created_timezone than the list",
        session(setting(created_timezone="UTC")),
    ),
    Fault(
        "session.malformed-id-refused",
        "status",
        "answers 404 to a malformed id",
        when(lambda _request, answer: answer.status == 422, with_status(404)),  # noqa: PLR2004  # 422 is 422
    ),
    Fault(
        "session.user-id-required",
        "accepted",
        "accepts a missing user id",
        when(lambda request, _answer: not request.headers.get("x-user-id"), trusting("x-user-id")),
    ),
)

OF_NIGHTS: Final = (*_of_v2(), *_OWN)
"""Those of a session's answer, wherever it is."""

FAULTS: Final = tuple(limited(fault, at(SESSION)) for fault in OF_NIGHTS)
