"""Faults of what Asleep's nights look like: shapes, values and nulls, the rules that stand in the document."""

from __future__ import annotations

from typing import Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    after_byte_order_mark,
    answered,
    cut_short,
    from_second_time,
    in_body,
    setting,
    when,
    with_header,
    without,
)
from sleeptalk_contract.services.asleep.faults.night_changes import (
    breathing,
    fill_stat,
    four_stages,
    item,
    never_slept,
    result,
    session,
    slept,
    stat,
    two_stages,
    without_breathing,
)

_OK: Final = 200


def _all_breathing_stable(share: float) -> Any:
    """Change times and ratios together, so that only the range of the ratio is wrong."""

    def change(values: dict[str, Any]) -> None:
        period = values["time_in_sleep_period"]
        values |= {"time_in_stable_breath": round(period * share), "stable_breath_ratio": share}

    return change


def _state(state: str) -> Any:
    """Pick the answers with a night in one state."""
    return lambda _request, answer: answer.status == _OK and answer.body["result"]["session"]["state"] == state


def _shifted(name: str, old: str, new: str) -> Any:
    return lambda values: values.update({name: values[name] and values[name].replace(old, new)})


_SHAPE: Final = (
    Fault("session.shape", "stat-key-missing", "leaves out rem_ratio", stat(without("rem_ratio"))),
    Fault(
        "session.shape",
        "session-key-missing",
        "leaves out osa_stages where it is null",
        session(lambda values: values.pop("osa_stages") if values["osa_stages"] is None else None),
    ),
    Fault("session.shape", "detail-missing", "leaves out detail", in_body(without("detail"))),
    Fault(
        "session.shape",
        "timezone-missing-later",
        "leaves out timezone when a night is read again",
        from_second_time(result(without("timezone"))),
    ),
    Fault(
        "session.shape",
        "number-as-text",
        "writes sleep_efficiency as text",
        stat(lambda values: values.update(sleep_efficiency=str(values["sleep_efficiency"]))),
    ),
    Fault(
        "session.shape",
        "text-as-number",
        "writes the start of an OPEN night as seconds since 1970",
        session(setting(start_time=1661074277), "OPEN"),
    ),
    Fault("session.shape", "null-time", "writes time_in_bed as null", stat(setting(time_in_bed=None))),
    Fault(
        "session.shape",
        "null-stage",
        "writes an epoch of a CLOSED night as null",
        session(item("sleep_stages", 3, None), "CLOSED"),
    ),
    Fault("session.shape", "stage-as-text", "writes an osa stage as text", session(item("osa_stages", 5, "0"))),
    Fault(
        "session.shape",
        "pattern-as-number",
        "writes breathing_pattern as a number",
        stat(setting(breathing_pattern=2), breathing),
    ),
    Fault(
        "session.shape",
        "result-in-a-list",
        "puts the result into a list",
        in_body(lambda body: body.update(result=[body["result"]])),
    ),
    Fault("session.shape", "not-json", "breaks off in the middle of the JSON text", when(answered(200), cut_short)),
    Fault(
        "session.shape",
        "byte-order-mark",
        "begins the JSON text with a byte order mark",
        when(answered(200), after_byte_order_mark),
    ),
    Fault(
        "session.shape",
        "half-a-pair",
        "writes half of a surrogate pair into an undocumented field",
        in_body(setting(device="\ud83d")),
    ),
    Fault(
        "session.shape",
        "html",
        "sends a 200 as text/html",
        when(answered(200), with_header("content-type", "text/html")),
    ),
)

_VALUES: Final = (
    Fault(
        "session.state-values",
        "lower-case",
        "writes CLOSED in lower case",
        session(setting(state="closed"), "CLOSED"),
    ),
    Fault(
        "session.state-values",
        "new-state",
        "calls an OPEN night RECORDING",
        session(setting(state="RECORDING"), "OPEN"),
    ),
    Fault("session.sleep-stage-values", "too-high", "numbers a stage 4", session(item("sleep_stages", 100, 4))),
    Fault(
        "session.sleep-stage-values",
        "while-open",
        "numbers a stage -2 while OPEN",
        session(item("sleep_stages", 7, -2), "OPEN"),
    ),
    Fault("session.sleep-stage-values", "fraction", "writes a stage as 0.5", session(item("sleep_stages", 100, 0.5))),
    Fault("session.osa-stage-values", "too-high", "numbers an osa stage 2", session(item("osa_stages", 100, 2))),
    Fault(
        "session.osa-stage-values",
        "last",
        "numbers the last osa stage of a CLOSED night 3",
        session(item("osa_stages", -1, 3), "CLOSED"),
    ),
    Fault(
        "session.breathing-pattern-values",
        "new-value",
        "writes STABLE_BREATH",
        stat(setting(breathing_pattern="STABLE_BREATH"), breathing),
    ),
    Fault(
        "session.breathing-pattern-values",
        "lower-case",
        "writes the pattern in lower case",
        stat(lambda values: values.update(breathing_pattern=values["breathing_pattern"].lower()), breathing),
    ),
    Fault("session.timestamp-format", "zulu", "writes Z for UTC", session(_shifted("start_time", "+00:00", "Z"))),
    Fault(
        "session.timestamp-format",
        "fraction",
        "writes milliseconds into sleep_time",
        stat(
            lambda values: values.update(sleep_time=values["sleep_time"][:19] + ".000" + values["sleep_time"][19:]),
            slept,
        ),
    ),
    Fault(
        "session.timestamp-format",
        "year-0",
        "writes the start of an OPEN night as the year 0",
        session(lambda values: values.update(start_time="0000" + values["start_time"][4:]), "OPEN"),
    ),
    Fault(
        "session.timestamp-format",
        "space",
        "puts a space between date and time",
        session(lambda values: values.update(end_time=values["end_time"].replace("T", " ")), "CLOSED"),
    ),
    Fault(
        "session.timestamp-format",
        "no-colon",
        "writes the offset of wake_time without a colon",
        stat(lambda values: values.update(wake_time=values["wake_time"][:22] + values["wake_time"][23:]), slept),
    ),
    Fault(
        "session.duration-values",
        "fraction",
        "writes half seconds",
        stat(lambda values: values.update(time_in_stable_breath=values["time_in_stable_breath"] + 0.5), breathing),
    ),
    Fault(
        "session.duration-values",
        "negative",
        "writes a negative time",
        stat(lambda values: values.update(time_in_unstable_breath=-30, unstable_breath_ratio=0.0), breathing),
    ),
    Fault("session.ratio-values", "above-one", "writes a ratio of 1.01", stat(_all_breathing_stable(1.01), breathing)),
    Fault(
        "session.ratio-values",
        "below-zero",
        "writes a ratio of -0.01",
        stat(lambda values: values.update(time_in_unstable_breath=0, unstable_breath_ratio=-0.01), breathing),
    ),
    Fault(
        "session.validity-values",
        "while-open",
        "calls the validity of an OPEN night PENDING",
        result(lambda found: found.update(validity="PENDING") if found["session"]["state"] == "OPEN" else None),
    ),
    Fault(
        "session.validity-values",
        "no-reason",
        "writes INVALID without a reason",
        result(lambda found: found.update(validity="INVALID") if found["validity"].startswith("INVALID") else None),
    ),
)

_NULLS: Final = (
    Fault(
        "session.end-time-null-while-open",
        "set",
        "sets end_time while OPEN",
        session(lambda values: values.update(end_time=values["start_time"]), "OPEN"),
    ),
    Fault(
        "session.end-time-set-once-closed",
        "closed",
        "has no end_time for a CLOSED night",
        session(setting(end_time=None), "CLOSED"),
    ),
    Fault(
        "session.end-time-set-once-closed",
        "complete",
        "has no end_time for a COMPLETE night",
        session(setting(end_time=None), "COMPLETE"),
    ),
    Fault(
        "session.sleep-stages-set-once-closed",
        "closed",
        "has no sleep_stages for a CLOSED night",
        session(setting(sleep_stages=None), "CLOSED"),
    ),
    Fault(
        "session.sleep-stages-set-once-closed",
        "complete",
        "has no sleep_stages for a COMPLETE night",
        session(setting(sleep_stages=None), "COMPLETE"),
    ),
    Fault("session.stat-null-unless-complete", "open", "has a stat while OPEN", when(_state("OPEN"), fill_stat)),
    Fault("session.stat-null-unless-complete", "closed", "has a stat while CLOSED", when(_state("CLOSED"), fill_stat)),
    Fault(
        "session.stat-null-unless-valid",
        "invalid",
        "has a stat for an INVALID night",
        when(_state("COMPLETE"), fill_stat),
    ),
    Fault(
        "session.stat-present-when-valid",
        "null",
        "has no stat for a VALID night",
        result(lambda found: found.update(stat=None)),
    ),
    Fault(
        "session.stat-present-when-valid",
        "never-slept",
        "has no stat for a night without sleep",
        result(lambda found: found.update(stat=None) if found["stat"] and never_slept(found["stat"]) else None),
    ),
    Fault(
        "session.stat-present-when-valid",
        "with-timezone",
        "has no stat where a timezone was requested",
        when(lambda request, _answer: "timezone" in request.headers, result(lambda found: found.update(stat=None))),
    ),
    Fault(
        "session.breathing-stats-null-without-breathing",
        "index",
        "has estimated_ahi 0 without breathing analysis",
        stat(setting(estimated_ahi=0.0), without_breathing),
    ),
    Fault(
        "session.breathing-stats-null-without-breathing",
        "times",
        "has times of 0 s without breathing analysis",
        stat(lambda values: values.update(time_in_stable_breath=0, time_in_unstable_breath=0), without_breathing),
    ),
    Fault(
        "session.breathing-stats-null-without-breathing",
        "pattern",
        "calls the breathing STABLE without analysing it",
        stat(setting(breathing_pattern="STABLE"), without_breathing),
    ),
    Fault(
        "session.stage-stats-null-together",
        "ratio",
        "has rem_ratio 0 in a two-stage contract",
        stat(setting(rem_ratio=0.0), two_stages),
    ),
    Fault(
        "session.stage-stats-null-together",
        "time",
        "has time_in_light in a two-stage contract",
        stat(lambda values: values.update(time_in_light=values["time_in_sleep"]), two_stages),
    ),
    Fault(
        "session.stage-stats-null-together",
        "one-null",
        "has time_in_rem null in a four-stage contract",
        stat(setting(time_in_rem=None), four_stages),
    ),
    Fault(
        "session.never-slept-nulls",
        "latency",
        "has sleep_latency 0 for a night without sleep",
        stat(setting(sleep_latency=0), never_slept),
    ),
    Fault(
        "session.never-slept-nulls",
        "ratio",
        "has rem_ratio 0 for a night without sleep",
        stat(setting(rem_ratio=0.0), never_slept),
    ),
    Fault(
        "session.never-slept-nulls",
        "breathing",
        "has a breathing_pattern for a night without sleep",
        stat(setting(breathing_pattern="VERY_STABLE"), never_slept),
    ),
    Fault(
        "session.slept-stats-present",
        "ratio",
        "has wake_ratio null for a night with sleep",
        stat(setting(wake_ratio=None), slept),
    ),
    Fault(
        "session.slept-stats-present",
        "onset",
        "has sleep_time null for a two-stage night",
        stat(setting(sleep_time=None), two_stages),
    ),
)

FAULTS: Final = (*_SHAPE, *_VALUES, *_NULLS)
