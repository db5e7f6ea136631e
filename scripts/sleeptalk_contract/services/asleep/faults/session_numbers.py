"""Faults of a night's numbers, and of what they have to do with the request: the arithmetic rules of the session."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import adding, setting, when
from sleeptalk_contract.services.asleep.faults.night_changes import (
    all_later,
    breathing,
    four_stages,
    later,
    offset_of_the_start,
    result,
    session,
    slept,
    stat,
)

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Answer, Request

_OK: Final = 200
_LATER: Final = 60
"""Seconds: two epochs, more than any tolerance."""


def _noise(name: str) -> Any:
    return lambda values: values.update({name: math.nextafter(values[name], 2)})


def _falls_asleep_later(values: dict[str, Any]) -> None:
    values["sleep_latency"] += _LATER
    later("sleep_time", seconds=_LATER)(values)


def _ends_later(found: dict[str, Any]) -> None:
    later("end_time", seconds=_LATER)(found["session"])
    later("wake_time", seconds=_LATER)(found["stat"] or {})


def _ends_before_it_starts(values: dict[str, Any]) -> None:
    values["end_time"] = (datetime.fromisoformat(values["start_time"]) - timedelta(seconds=_LATER)).isoformat()


def _half_in_bed(values: dict[str, Any]) -> None:
    values["sleep_efficiency"] = round(values["sleep_efficiency"] / 2, 2)


def _over_the_period(values: dict[str, Any]) -> None:
    values["sleep_efficiency"] = round(values["time_in_sleep"] / values["time_in_sleep_period"], 2)


def _other_id(values: dict[str, Any]) -> None:
    values["id"] = values["id"][:15] + values["id"][15:].translate(
        str.maketrans("abcdefghijklmnopqrstuvwxyz", "bcdefghijklmnopqrstuvwxyza")
    )


def _has_timezone(request: Request, answer: Answer) -> bool:
    return answer.status == _OK and "timezone" in request.headers


def _times_in_utc(request: Request, answer: Answer) -> Answer:
    """Ignore the timezone in the times, but not in `timezone`."""
    honest = request.with_header("timezone", None)
    in_utc = honest.honest_answer().body["result"]
    asked = answer.body["result"]["timezone"]
    answer.body["result"] |= {"session": in_utc["session"], "stat": in_utc["stat"], "timezone": asked}
    return answer


def _one_time_in_utc(request: Request, answer: Answer) -> Answer:
    in_utc = request.with_header("timezone", None).honest_answer().body["result"]["stat"]
    if answer.body["result"]["stat"] is not None:
        answer.body["result"]["stat"]["wake_time"] = in_utc["wake_time"]
    return answer


def _one_epoch_less_breathing(values: dict[str, Any]) -> None:
    if values["osa_stages"] is not None:
        del values["osa_stages"][-5:]


def _half_the_epochs(values: dict[str, Any]) -> None:
    for name in ("sleep_stages", "osa_stages"):
        if values[name] is not None:
            values[name] = values[name][::2]


FAULTS: Final = (
    Fault(
        "session.ratio-two-decimals",
        "four-decimals",
        "does not round sleep_efficiency",
        stat(lambda values: values.update(sleep_efficiency=round(values["sleep_efficiency"] + 0.0013, 4)), slept),
    ),
    Fault(
        "session.ratio-two-decimals",
        "float-noise",
        "prints floating-point noise",
        stat(_noise("rem_ratio"), four_stages),
    ),
    Fault(
        "session.sleep-period-arithmetic",
        "period",
        "counts one epoch too many into the period and its wake",
        stat(adding("time_in_sleep_period", "time_in_wake", amount=30), slept),
    ),
    Fault(
        "session.sleep-period-arithmetic",
        "latency",
        "falls asleep a minute later than the period begins",
        stat(_falls_asleep_later, slept),
    ),
    Fault(
        "session.time-in-bed-is-end-minus-start",
        "end",
        "ends a minute after time_in_bed",
        result(lambda found: _ends_later(found) if found["stat"] and slept(found["stat"]) else None),
    ),
    Fault("session.efficiency-arithmetic", "half", "halves sleep_efficiency", stat(_half_in_bed, slept)),
    Fault(
        "session.efficiency-arithmetic", "of-the-period", "divides by the sleep period", stat(_over_the_period, slept)
    ),
    Fault(
        "session.sleep-and-wake-ratio-sum",
        "sleep-ratio",
        "has a sleep_ratio that is 0.1 too small",
        stat(lambda values: values.update(sleep_ratio=round(values["sleep_ratio"] - 0.1, 2)), slept),
    ),
    Fault(
        "session.stage-times-sum-to-sleep",
        "light",
        "counts one epoch too many as light sleep",
        stat(adding("time_in_light", amount=30), four_stages),
    ),
    Fault(
        "session.start-not-after-end",
        "closed",
        "ends a CLOSED night before its start",
        session(_ends_before_it_starts, "CLOSED"),
    ),
    Fault("session.id-echoed", "other-id", "answers with a different id", session(_other_id)),
    Fault(
        "session.id-echoed",
        "with-timezone",
        "answers with a different id where a timezone was requested",
        when(_has_timezone, session(_other_id)),
    ),
    Fault(
        "session.timezone-echoed",
        "always-utc",
        "names UTC whatever timezone was requested",
        when(_has_timezone, result(setting(timezone="UTC"))),
    ),
    Fault(
        "session.timezone-echoed",
        "without-header",
        "names Asia/Seoul where no timezone was requested",
        when(lambda request, _answer: "timezone" not in request.headers, result(setting(timezone="Asia/Seoul"))),
    ),
    Fault(
        "session.times-in-requested-timezone", "all-utc", "writes every time in UTC", when(_has_timezone, _times_in_utc)
    ),
    Fault(
        "session.times-in-requested-timezone",
        "wake-time",
        "writes wake_time in UTC",
        when(_has_timezone, _one_time_in_utc),
    ),
    Fault(
        "session.times-in-requested-timezone",
        "no-clock-change",
        "misses the clock change in the night",
        when(_has_timezone, offset_of_the_start),
    ),
    Fault(
        "session.stage-list-lengths", "breathing", "leaves out the last osa stages", session(_one_epoch_less_breathing)
    ),
    Fault(
        "session.stage-list-lengths",
        "half",
        "has one entry for every minute",
        result(lambda found: _half_the_epochs(found["session"]) if found["stat"] and slept(found["stat"]) else None),
    ),
    Fault(
        "session.onset-and-wake-times",
        "onset",
        "writes a sleep_time a minute late",
        stat(later("sleep_time", seconds=_LATER), slept),
    ),
    Fault(
        "session.onset-and-wake-times",
        "waking",
        "writes a wake_time an hour late",
        stat(later("wake_time", seconds=3600), slept),
    ),
    Fault(
        "session.ratios-follow-times",
        "light",
        "has light_ratio 0, as the sample has",
        stat(setting(light_ratio=0.0), four_stages),
    ),
    Fault(
        "session.ratios-follow-times",
        "breathing",
        "has stable_breath_ratio 0.5",
        stat(setting(stable_breath_ratio=0.5), breathing),
    ),
    Fault(
        "session.wake-plus-sleep-is-period",
        "wake",
        "counts one epoch too many as wake",
        stat(adding("time_in_wake", amount=30), slept),
    ),
    Fault("session.id-is-start-time", "minute", "begins a minute after the time in its id", all_later(_LATER)),
)
