"""Faults of what the answers of a time analysis look like: shapes, states, numbers."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    after_byte_order_mark,
    answered,
    from_second_time,
    in_body,
    setting,
    when,
    with_header,
    without,
)
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

if TYPE_CHECKING:
    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change

_INTERNAL: Final = {"type": "internal", "message": "Service error.", "detail": []}
_NOWHERE: Final = {"start_time": 0, "end_time": 0}
_NO_REACTION: Final = {
    "reacting_channel": 0,
    "reactions_count": 0,
    "average_reaction_time": 0,
    "slowest_reaction_position": _NOWHERE,
    "fastest_reaction_position": _NOWHERE,
    "crosstalks": [],
}


def task(change: Change, *states: str) -> Apply:
    """Change the whole answer of the tasks in some states, or of all."""
    return in_body(lambda body: change(body) if body["task"]["state"] in (states or _STATES) else None)


def done(change: Change) -> Apply:
    """Change the `result` of each task that is done."""
    return task(lambda body: change(body["result"]), "done")


def channel(change: Change, *, silent: bool = False) -> Apply:
    """Change the first channel of each mono result with speech, or (`silent`) each channel without."""

    def change_result(result: dict[str, Any]) -> None:
        channels = result["channel_analyses"]
        for found in channels if silent or len(channels) == 1 else ():
            if (found["speech_rate"] is None) == silent:
                change(found)

    return done(change_result)


def reaction(change: Change) -> Apply:
    """Change each reaction analysis that has reactions."""
    return done(lambda result: [change(found) for found in result["reaction_analyses"] if found["reactions_count"]])


def _no_reaction(change: Change) -> Apply:
    return done(lambda result: [change(found) for found in result["reaction_analyses"] if not found["reactions_count"]])


def task_error(change: Change, *states: str) -> Apply:
    """Change the error of each task that was rejected or failed, or of one of the two states."""
    return task(lambda body: change(body["error"]), *(states or ("rejected", "failed")))


def _react_in_silence(result: dict[str, Any]) -> None:
    channels = result["channel_analyses"]
    if len(channels) > 1 and any(found["speech_rate"] is None for found in channels):
        result["reaction_analyses"] = [copy.deepcopy(_NO_REACTION)]


def _react_in_mono(result: dict[str, Any]) -> None:
    if len(result["channel_analyses"]) == 1 and result["channel_analyses"][0]["speech_rate"] is not None:
        number = result["channel_analyses"][0]["channel_number"]
        result["reaction_analyses"] = [copy.deepcopy({**_NO_REACTION, "reacting_channel": number})]


def _backwards(found: dict[str, Any]) -> None:
    for span in found["crosstalks"][:1]:
        span["start_time"], span["end_time"] = span["end_time"], span["start_time"]


def _beyond_the_end(result: dict[str, Any]) -> None:
    total = result["channel_analyses"][0]["total_duration"]
    for found in result["reaction_analyses"][:1]:
        found["crosstalks"].append({"start_time": total, "end_time": total + 2})


def _fastest_is_slowest(found: dict[str, Any]) -> None:
    """Swap the two positions where that makes a difference."""
    fastest, slowest = found["fastest_reaction_position"], found["slowest_reaction_position"]
    found |= {"fastest_reaction_position": slowest, "slowest_reaction_position": fastest}


def _other_task(_request: Request, answer: Answer) -> Answer:
    task_id = answer.body["task"]["task_id"]
    answer.body["task"]["task_id"] = task_id[:-1] + ("0" if task_id[-1] != "0" else "1")
    return answer


_STATES: Final = ("pending", "running", "rejected", "failed", "done")

_SHAPE: Final = (
    Fault(
        "analysis.shape",
        "task-key-missing",
        "leaves out the state",
        task(lambda body: body["task"].pop("state"), "pending"),
    ),
    Fault(
        "analysis.shape",
        "channel-key-missing",
        "leaves out speech_rate where it is null",
        channel(without("speech_rate"), silent=True),
    ),
    Fault("analysis.shape", "reaction-key-missing", "leaves out crosstalks", reaction(without("crosstalks"))),
    Fault(
        "analysis.shape",
        "range-key-missing",
        "leaves out the end of a position",
        reaction(lambda found: found["slowest_reaction_position"].pop("end_time")),
    ),
    Fault("analysis.shape", "number-as-text", "writes total_duration as text", channel(setting(total_duration="58.3"))),
    Fault(
        "analysis.shape",
        "null-position",
        "writes the positions of no reaction as null",
        _no_reaction(setting(slowest_reaction_position=None)),
    ),
    Fault(
        "analysis.shape",
        "result-as-list",
        "writes a result that is not there as []",
        task(setting(result=[]), "pending"),
    ),
    Fault(
        "analysis.shape", "message-missing", "leaves out the message of a task error", task_error(without("message"))
    ),
    Fault(
        "analysis.shape",
        "second-time",
        "leaves out the task when it is read again",
        from_second_time(in_body(without("task", "result", "error"))),
    ),
    Fault(
        "analysis.shape",
        "byte-order-mark",
        "begins the JSON text with a byte order mark",
        when(answered(200), after_byte_order_mark),
    ),
    Fault(
        "analysis.shape",
        "html",
        "sends a 200 as text/html",
        when(answered(200), with_header("content-type", "text/html")),
    ),
)

_STATE: Final = (
    Fault(
        "analysis.state-values",
        "pending",
        "calls a pending task queued",
        task(lambda body: body["task"].update(state="queued"), "pending"),
    ),
    Fault(
        "analysis.state-values",
        "done",
        "calls a done task finished",
        task(lambda body: body["task"].update(state="finished"), "done"),
    ),
    Fault("analysis.done-has-result", "absent", "leaves out the result", task(without("result"), "done")),
    Fault("analysis.done-has-result", "empty", "writes the result as {}", task(setting(result={}), "done")),
    Fault("analysis.done-has-result", "null", "writes the result as null", task(setting(result=None), "done")),
    Fault("analysis.done-has-no-error", "error", "has an error too", task(setting(error=_INTERNAL), "done")),
    Fault("analysis.failure-has-error", "absent", "leaves out the error", task(without("error"), "failed")),
    Fault("analysis.failure-has-error", "empty", "writes the error as {}", task(setting(error={}), "rejected")),
    Fault(
        "analysis.failure-has-error",
        "null",
        "writes the error as null",
        task(setting(error=None), "rejected", "failed"),
    ),
    Fault(
        "analysis.failure-has-no-result",
        "rejected",
        "has a result though rejected",
        task(setting(result=CALLS["done-stereo"].outcome["result"]), "rejected"),
    ),
    Fault(
        "analysis.failure-has-no-result",
        "failed",
        "has a result though failed",
        task(setting(result=CALLS["done-mono"].outcome["result"]), "failed"),
    ),
    Fault(
        "analysis.unfinished-has-neither",
        "result",
        "has a result while running",
        task(setting(result=CALLS["done-mono"].outcome["result"]), "running"),
    ),
    Fault(
        "analysis.unfinished-has-neither",
        "error",
        "has an error while pending",
        task(setting(error=_INTERNAL), "pending"),
    ),
    Fault(
        "analysis.error-type-fits-state",
        "rejected",
        "calls the error of a rejected task internal",
        task_error(setting(type="internal"), "rejected"),
    ),
    Fault(
        "analysis.error-type-fits-state",
        "failed",
        "calls the error of a failed task a validation error",
        task_error(setting(type="task.validation-error"), "failed"),
    ),
    Fault("analysis.task-id-echoed", "other-id", "answers with a different id", when(answered(200), _other_task)),
)

_NUMBERS: Final = (
    Fault("analysis.speech-rate-positive-or-null", "zero", "has a speech_rate of 0", channel(setting(speech_rate=0))),
    Fault(
        "analysis.speech-rate-positive-or-null",
        "negative",
        "has a negative speech_rate",
        channel(setting(speech_rate=-8.6)),
    ),
    Fault(
        "analysis.silence-has-no-rate",
        "rate",
        "has a rate for a channel without speech",
        channel(setting(speech_rate=4.2), silent=True),
    ),
    Fault(
        "analysis.silence-has-no-rate",
        "null",
        "has no rate for a channel with speech",
        channel(setting(speech_rate=None)),
    ),
    Fault(
        "analysis.no-reactions-with-a-silent-channel", "zero", "analyses reactions to silence", done(_react_in_silence)
    ),
    Fault("analysis.no-reactions-in-mono", "zero", "analyses reactions in mono", done(_react_in_mono)),
    Fault("analysis.count-values", "fraction", "counts half reactions", reaction(setting(reactions_count=2.5))),
    Fault(
        "analysis.count-values",
        "negative",
        "counts -1 reactions",
        reaction(setting(reactions_count=-1)),
    ),
    Fault("analysis.count-values", "channel", "numbers a mono channel -1", channel(setting(channel_number=-1))),
    Fault("analysis.time-values", "speech", "has a negative speech_duration", channel(setting(speech_duration=-1.5))),
    Fault(
        "analysis.time-values",
        "crosstalk",
        "begins a crosstalk before the call",
        reaction(lambda found: [span.update(start_time=-0.5) for span in found["crosstalks"][:1]]),
    ),
    Fault(
        "analysis.speech-within-total",
        "mono",
        "has more speech than time",
        channel(lambda found: found.update(speech_duration=found["total_duration"] + 1)),
    ),
    Fault(
        "analysis.reacting-channel-exists",
        "unknown",
        "has reactions of channel 7",
        reaction(setting(reacting_channel=7)),
    ),
    Fault("analysis.positions-run-forward", "backwards", "ends a crosstalk before it starts", reaction(_backwards)),
    Fault(
        "analysis.positions-run-forward", "too-late", "has crosstalk after the end of the call", done(_beyond_the_end)
    ),
    Fault(
        "analysis.reaction-times-ordered",
        "average",
        "averages above the slowest reaction",
        reaction(lambda found: found.update(average_reaction_time=found["average_reaction_time"] + 30)),
    ),
    Fault(
        "analysis.reaction-times-ordered",
        "swapped",
        "swaps the slowest and the fastest reaction",
        reaction(_fastest_is_slowest),
    ),
    Fault(
        "analysis.zero-reactions-zero-times",
        "average",
        "averages zero reactions to 0.7 s",
        _no_reaction(setting(average_reaction_time=0.7)),
    ),
    Fault(
        "analysis.zero-reactions-zero-times",
        "position",
        "has a position of no reaction",
        _no_reaction(setting(fastest_reaction_position={"start_time": 1, "end_time": 2})),
    ),
)

FAULTS: Final = (*_SHAPE, *_STATE, *_NUMBERS)
