"""Faults of the sender of V2 and V3: what is wrong with the callbacks that it delivers, or with their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.answers import Answer
from sleeptalk_contract.sandbox.faults import adding, setting, when, with_header, without
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE, event_of
from sleeptalk_contract.services.asleep.faults import callback as callback_v1
from sleeptalk_contract.services.asleep.faults.night_changes import item
from sleeptalk_contract.services.asleep_v3.faults.session import OF_NIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Request
    from sleeptalk_contract.sandbox.faults import Apply, Change
    from sleeptalk_contract.services.asleep.callbacks import Event

_FULL_WINDOW: Final = 40
_EARLIER: Final = 20
"""Seconds, less than an epoch."""
_LISTS: Final = ("sleep_stages", "breath_stages", "snoring_stages")

_OF_V1: Final = frozenset(
    {
        "callback.json-body:list",
        "callback.json-body:byte-order-mark",
        "callback.json-body:compressed",
        "callback.json-body:cut-short",
        "callback.api-key-header:missing",
        "callback.api-key-header:empty",
        "callback.user-id-header:missing",
        "callback.user-id-header:empty",
        "callback.user-id-consistent:other",
        "callback.delivery-order:last-first",
        "callback.delivery-order:pairs",
    }
)
"""Faults of V1 that are about no field which has another name."""

_RULES_OF_NIGHTS: Final = frozenset(
    {
        "state-values",
        "peculiarity-values",
        "sleep-stage-values",
        "breath-stage-values",
        "snoring-stage-values",
        "breathing-pattern-values",
        "timestamp-format",
        "duration-values",
        "count-values",
        "ratio-values",
        "sleep-index-values",
        "stat-null-by-peculiarity",
        "breath-stages-null-without-breathing",
        "breathing-stats-null-without-breathing",
        "never-slept-is-awake",
        "never-slept-nulls",
        "slept-stats-present",
        "stage-stats-null-together",
        "stage-latency-null-without-stage",
        "ratio-two-decimals",
        "sleep-period-arithmetic",
        "time-in-bed-is-end-minus-start",
        "efficiency-arithmetic",
        "sleep-and-wake-ratio-sum",
        "stage-times-sum-to-sleep",
        "start-not-after-end",
        "wakings-follow-stages",
        "stage-latencies-from-onset",
        "stage-list-lengths",
        "onset-and-wake-times",
        "ratios-follow-times",
        "wake-plus-sleep-is-period",
        "cycle-times-follow-count",
    }
)
"""What is behind the group in the ids of rules that sessions and callbacks share."""

_SHAPES_OF_NIGHTS: Final = frozenset(
    {"stat-key-missing", "null-time", "breath-stages-missing", "peculiarities-as-text", "v2", "cycles-as-text"}
)


_NOT_AT_THE_END: Final = frozenset(
    {
        "session.state-values:lower-case",
        "session.state-values:new-state",
        "session.sleep-stage-values:while-open",
        "session.timestamp-format:year-0",
        "session.timestamp-format:space",
        "session.start-not-after-end:closed",
    }
)
"""Faults of sessions that are not COMPLETE."""


def _of_session(fault: Fault) -> Fault:
    """Return a fault of a session's answer as one of the session in a SESSION_COMPLETE."""

    def apply(request: Request, answer: Answer) -> Answer:
        found = event_of(answer.body)
        if found is None or found.event != SESSION_COMPLETE:
            return answer
        names = [name for name in found.result if name != "user_id"]
        result = {name: found.result.pop(name) for name in names}
        changed = fault.apply(request, Answer(200, body={"detail": "OK", "result": result}))
        found.result.update(changed.body["result"])
        return answer

    return replace(fault, rule=f"callback.{fault.rule.partition('.')[2]}", apply=apply)


def _is_of_nights(fault: Fault) -> bool:
    rule = fault.rule.partition(".")[2]
    if fault.full_name in _NOT_AT_THE_END:
        return False
    return rule in _RULES_OF_NIGHTS or (rule == "shape" and fault.name in _SHAPES_OF_NIGHTS)


def _envelope(change: Callable[[dict[str, Any], str], object], event: str | None = None) -> Apply:
    """Change the envelope, of one event or of both; `change` is given the body and what its keys begin with."""

    def apply(_request: Request, answer: Answer) -> Answer:
        found = event_of(answer.body)
        if found is not None and event in {None, found.event}:
            change(answer.body, "" if "event" in answer.body else "callback_")
        return answer

    return apply


def _data(change: Callable[[Event], object], event: str) -> Apply:
    """Change the data of one event."""

    def apply(_request: Request, answer: Answer) -> Answer:
        found = event_of(answer.body)
        if found is not None and found.event == event:
            change(found)
        return answer

    return apply


def _window(change: Change) -> Apply:
    """Change the data of each INFERENCE_COMPLETE."""
    return _data(lambda found: change(found.data), INFERENCE_COMPLETE)


def _full_window(change: Change) -> Apply:
    """Change the data of each INFERENCE_COMPLETE that has the full twenty minutes."""
    return _window(lambda data: change(data) if len(data["sleep_stages"]) == _FULL_WINDOW else None)


def _completion(change: Callable[[Event], object]) -> Apply:
    """Change each SESSION_COMPLETE."""
    return _data(change, SESSION_COMPLETE)


def _one_more(data: dict[str, Any]) -> None:
    for name in _LISTS:
        if data.get(name) is not None:
            data[name].append(0)


def _shorter(name: str) -> Change:
    return lambda data: data[name].pop() if data.get(name) else None


def _completed_twice(request: Request, answer: Answer) -> Answer:
    """Deliver in place of the last window a SESSION_COMPLETE that the real one then corrects."""
    if request.count != callback_v1.last(request) - 1:
        return answer
    early = request.honest_answer(count=request.count + 1)
    found = event_of(early.body)
    if found is None or found.stat.get("breathing_index") is None:
        return answer
    found.stat["breathing_index"] += 1
    return early


def _ends_before_it_starts(session: dict[str, Any]) -> None:
    earlier = datetime.fromisoformat(session["start_time"]) - timedelta(seconds=_EARLIER)
    session |= {"end_time": earlier.isoformat()} | {name: [] for name in _LISTS if session[name] is not None}


_ENVELOPE: Final = (
    Fault(
        "callback.api-key-header",
        "other",
        "sends a different key at the end of the night",
        when(
            lambda _request, answer: (found := event_of(answer.body)) is not None and found.event == SESSION_COMPLETE,
            with_header("x-api-key", "another-key"),
        ),
    ),
    Fault(
        "callback.json-body",
        "half-pair",
        "adds a field with half a surrogate pair",
        _envelope(lambda body, _keys: body.update(note="\ud83d"), SESSION_COMPLETE),
    ),
    Fault(
        "callback.event-values",
        "lower-case",
        "writes the event in lower case",
        _envelope(lambda body, keys: body.update({f"{keys}event": body[f"{keys}event"].lower()})),
    ),
    Fault(
        "callback.event-values",
        "new-event",
        "calls the last event SESSION_DONE",
        _envelope(lambda body, keys: body.update({f"{keys}event": "SESSION_DONE"}), SESSION_COMPLETE),
    ),
    Fault(
        "callback.version-values",
        "lower-case",
        "writes the version in lower case",
        _envelope(lambda body, keys: body.update({f"{keys}version": body[f"{keys}version"].lower()})),
    ),
    Fault(
        "callback.version-values",
        "other",
        "gives a night another version",
        _envelope(lambda body, keys: body.update({f"{keys}version": "V1"}), SESSION_COMPLETE),
    ),
    Fault(
        "callback.data-matches-event",
        "completion",
        "calls the end of a night INFERENCE_COMPLETE",
        _envelope(lambda body, keys: body.update({f"{keys}event": INFERENCE_COMPLETE}), SESSION_COMPLETE),
    ),
    Fault(
        "callback.data-matches-event",
        "window",
        "calls a window SESSION_COMPLETE",
        _envelope(lambda body, keys: body.update({f"{keys}event": SESSION_COMPLETE}), INFERENCE_COMPLETE),
    ),
    Fault(
        "callback.shape",
        "version-missing",
        "says no version",
        _envelope(lambda body, keys: body.pop(f"{keys}version")),
    ),
    Fault(
        "callback.shape",
        "version-as-number",
        "writes the version as a number",
        _envelope(lambda body, keys: body.update({f"{keys}version": 2})),
    ),
    Fault(
        "callback.shape",
        "flat",
        "puts nothing around the data, as material of the vendor prints it",
        _envelope(lambda body, keys: body.update(body.pop(f"{keys}data"))),
    ),
    Fault("callback.complete-once", "corrected", "corrects a SESSION_COMPLETE by a second one", _completed_twice),
)

_WINDOWS: Final = (
    Fault(
        "callback.shape",
        "window-key-missing",
        "leaves out breath_stages where it is null",
        _window(lambda data: data.pop("breath_stages") if data["breath_stages"] is None else None),
    ),
    Fault("callback.shape", "stages-missing", "sends no sleep stages", _window(without("sleep_stages"))),
    Fault("callback.shape", "null-list", "writes sleep_stages as null", _window(setting(sleep_stages=None))),
    Fault(
        "callback.shape",
        "number-as-text",
        "writes seq_num as text",
        _window(lambda data: data.update(seq_num=str(data["seq_num"]))),
    ),
    Fault(
        "callback.shape",
        "user-missing",
        "leaves out the user id of a night",
        _completion(lambda f: f.data.pop("user_id")),
    ),
    Fault("callback.sequence-values", "negative", "writes a negative seq_num", _window(setting(seq_num=-1))),
    Fault(
        "callback.sequence-values",
        "fraction",
        "writes inference_seq_num as 0.5",
        _window(setting(inference_seq_num=0.5)),
    ),
    Fault("callback.window-at-most-40", "one-more", "delivers 41 values", _full_window(_one_more)),
    Fault(
        "callback.window-lists-alike",
        "breathing",
        "delivers fewer breathing stages than sleep stages",
        _window(_shorter("breath_stages")),
    ),
    Fault(
        "callback.window-lists-alike",
        "sleep",
        "delivers fewer sleep stages than others",
        _window(_shorter("sleep_stages")),
    ),
    Fault(
        "callback.inference-follows-seq",
        "upload",
        "counts uploads one block too far",
        _window(adding("seq_num", amount=10)),
    ),
    Fault(
        "callback.sleep-stage-values", "window", "numbers a stage 4 in a window", _window(item("sleep_stages", 0, 4))
    ),
    Fault(
        "callback.breath-stage-values",
        "window",
        "numbers a breathing stage 2 in a window",
        _window(item("breath_stages", 9, 2)),
    ),
)

_NIGHTS: Final = (
    Fault(
        "callback.state-complete",
        "closed",
        "calls the night CLOSED",
        _completion(lambda found: found.session.update(state="CLOSED")),
    ),
    Fault(
        "callback.state-complete",
        "open",
        "calls the night OPEN",
        _completion(lambda found: found.session.update(state="OPEN")),
    ),
    Fault(
        "callback.session-id-consistent",
        "other",
        "has the session_id of another session",
        _completion(lambda found: found.data.update(session_id=f"{found.session_id or ''}"[:15] + "other")),
    ),
    Fault(
        "callback.state-values",
        "lower-case",
        "writes the state in lower case",
        _completion(lambda found: found.session.update(state="complete")),
    ),
    Fault(
        "callback.start-not-after-end",
        "too-short",
        "ends a session that is too short before it starts",
        _completion(lambda found: None if found.stat else _ends_before_it_starts(found.session)),
    ),
)

FAULTS: Final = (
    *(fault for fault in callback_v1.FAULTS if fault.full_name in _OF_V1),
    *_ENVELOPE,
    *_WINDOWS,
    *_NIGHTS,
    *map(_of_session, filter(_is_of_nights, OF_NIGHTS)),
)
