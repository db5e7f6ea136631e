"""Faults of the sender: what is wrong with the callbacks that it delivers, or with their order."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox.faults import (
    adding,
    after_byte_order_mark,
    from_second_time,
    setting,
    when,
    with_header,
    without,
)
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE
from sleeptalk_contract.services.asleep.faults.night_changes import (
    breathing,
    four_stages,
    item,
    never_slept,
    slept,
    two_stages,
    without_breathing,
)
from sleeptalk_contract.services.asleep.sandbox.deliveries import NightCallbacks
from sleeptalk_generated.asleep.nulls import NULL_STAGE_STATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.sandbox.answers import Answer, Request
    from sleeptalk_contract.sandbox.faults import Apply, Change

    Picks = Callable[[dict[str, Any]], bool]

_FULL_WINDOW: Final = 40


def body(change: Change, event: str | None = None) -> Apply:
    """Change the whole body, of one event or of both."""

    def apply(_request: Request, answer: Answer) -> Answer:
        if event in {None, answer.body["callback_event"]}:
            change(answer.body)
        return answer

    return apply


def window(change: Change) -> Apply:
    """Change the data of each INFERENCE_COMPLETE."""
    return body(lambda found: change(found["callback_data"]), INFERENCE_COMPLETE)


def full_window(change: Change) -> Apply:
    """Change the data of each INFERENCE_COMPLETE that has the full twenty minutes."""
    return window(lambda data: change(data) if len(data["stage_list"]) == _FULL_WINDOW else None)


def completion(change: Change) -> Apply:
    """Change the data of each SESSION_COMPLETE."""
    return body(lambda found: change(found["callback_data"]), SESSION_COMPLETE)


def night(change: Change, picks: Picks = lambda _found: True) -> Apply:
    """Change the `sleep_data` of each night, or only of those that are picked by it."""
    return completion(lambda data: change(data["sleep_data"]) if picks(data["sleep_data"]) else None)


def _as_list(_request: Request, answer: Answer) -> Answer:
    answer.body = [answer.body]
    return answer


def _as_form(_request: Request, answer: Answer) -> Answer:
    answer.body = b"callback_event=" + answer.body["callback_event"].encode()
    return answer


def _cut_short(_request: Request, answer: Answer) -> Answer:
    answer.body = answer.content[:-1]
    return answer


def _compressed(_request: Request, answer: Answer) -> Answer:
    answer.body = gzip.compress(answer.content, mtime=0)
    answer.headers["content-encoding"] = "gzip"
    return answer


def last(request: Request) -> int:
    """Return the position of the night's last delivery."""
    return len(request.implementation) - 1 if isinstance(request.implementation, NightCallbacks) else request.count


def _last_first(request: Request, _answer: Answer) -> Answer:
    """Deliver a night from its end to its beginning."""
    return request.honest_answer(count=last(request) - request.count)


def _in_swapped_pairs(request: Request, answer: Answer) -> Answer:
    """Deliver the second window before the first, the fourth before the third, and so on."""
    other = request.count ^ 1
    return request.honest_answer(count=other) if max(other, request.count) < last(request) else answer


def _completed_twice(request: Request, answer: Answer) -> Answer:
    """Deliver in place of the last window a SESSION_COMPLETE that the real one then corrects."""
    if request.count != last(request) - 1:
        return answer
    early = request.honest_answer(count=last(request))
    found = early.body["callback_data"].get("sleep_data")
    if found is None or not breathing(found):
        return answer
    found["estimated_ahi"] += 1
    return early


def invalid(found: dict[str, Any]) -> bool:
    """Pick the INVALID nights."""
    return not slept(found) and any(found["sleep_stages"])


def _stages_of_nothing(found: dict[str, Any]) -> None:
    found |= dict.fromkeys(NULL_STAGE_STATS, 0)


def _shifted(name: str, old: str, new: str) -> Change:
    return lambda found: found.update({name: found[name].replace(old, new)})


def _one_more(data: dict[str, Any]) -> None:
    data["stage_list"].append(0)
    if data["osa_stage_list"] is not None:
        data["osa_stage_list"].append(0)


def _one_less(data: dict[str, Any]) -> None:
    data["stage_list"].pop()
    if data["osa_stage_list"] is not None:
        data["osa_stage_list"].pop()


_ENVELOPE: Final = (
    Fault("callback.json-body", "list", "delivers a list with one callback", _as_list),
    Fault("callback.json-body", "form", "delivers a form", _as_form),
    Fault("callback.json-body", "byte-order-mark", "begins with a byte order mark", after_byte_order_mark),
    Fault("callback.json-body", "compressed", "compresses what it delivers", _compressed),
    Fault(
        "callback.json-body",
        "half-pair",
        "adds a field with half a surrogate pair",
        body(setting(note="\ud83d"), SESSION_COMPLETE),
    ),
    Fault("callback.json-body", "cut-short", "leaves out the last byte", from_second_time(_cut_short)),
    Fault("callback.api-key-header", "missing", "sends no key", with_header("x-api-key", None)),
    Fault("callback.api-key-header", "empty", "sends an empty key", with_header("x-api-key", "")),
    Fault(
        "callback.api-key-header",
        "other",
        "sends a different key at the end of the night",
        when(
            lambda _request, answer: answer.body["callback_event"] == SESSION_COMPLETE,
            with_header("x-api-key", "another-key"),
        ),
    ),
    Fault("callback.user-id-header", "missing", "sends no user id", with_header("x-user-id", None)),
    Fault("callback.user-id-header", "empty", "sends an empty user id", from_second_time(with_header("x-user-id", ""))),
    Fault(
        "callback.user-id-consistent",
        "other",
        "sends a different user id from the body's",
        with_header("x-user-id", "G-20240101000000-SomebodyElse"),
    ),
    Fault(
        "callback.event-values",
        "lower-case",
        "writes the event in lower case",
        body(lambda found: found.update(callback_event=found["callback_event"].lower())),
    ),
    Fault(
        "callback.event-values",
        "new-event",
        "calls the last event SESSION_DONE",
        body(setting(callback_event="SESSION_DONE"), SESSION_COMPLETE),
    ),
    Fault(
        "callback.data-matches-event",
        "completion",
        "calls the end of a night INFERENCE_COMPLETE",
        body(setting(callback_event=INFERENCE_COMPLETE), SESSION_COMPLETE),
    ),
    Fault("callback.delivery-order", "last-first", "delivers a night from its end", _last_first),
    Fault("callback.delivery-order", "pairs", "delivers every second window too early", _in_swapped_pairs),
    Fault("callback.complete-once", "corrected", "corrects a SESSION_COMPLETE by a second one", _completed_twice),
)

_WINDOWS: Final = (
    Fault(
        "callback.shape",
        "window-key-missing",
        "leaves out osa_stage_list where it is null",
        window(lambda data: data.pop("osa_stage_list") if data["osa_stage_list"] is None else None),
    ),
    Fault(
        "callback.shape",
        "number-as-text",
        "writes seq_num as text",
        window(lambda data: data.update(seq_num=str(data["seq_num"]))),
    ),
    Fault("callback.shape", "null-list", "writes stage_list as null", window(setting(stage_list=None))),
    Fault("callback.shape", "user-missing", "leaves out the user id of a night", completion(without("user_id"))),
    Fault(
        "callback.shape",
        "stat-missing",
        "leaves out rem_ratio where it is null",
        night(without("rem_ratio"), two_stages),
    ),
    Fault("callback.shape", "null-time", "writes time_in_bed as null", night(setting(time_in_bed=None))),
    Fault("callback.shape", "null-stages", "writes sleep_stages as null", night(setting(sleep_stages=None), slept)),
    Fault("callback.sequence-values", "negative", "writes a negative seq_num", window(setting(seq_num=-1))),
    Fault(
        "callback.sequence-values",
        "fraction",
        "writes inference_seq_num as 0.5",
        window(setting(inference_seq_num=0.5)),
    ),
    Fault("callback.window-at-most-40", "one-more", "delivers 41 values", full_window(_one_more)),
    Fault("callback.window-length", "one-less", "delivers 39 values", full_window(_one_less)),
    Fault(
        "callback.window-length",
        "breathing",
        "delivers fewer osa stages than sleep stages",
        window(lambda data: data["osa_stage_list"].pop() if data["osa_stage_list"] else None),
    ),
    Fault(
        "callback.inference-follows-seq",
        "upload",
        "counts uploads one block too far",
        window(adding("seq_num", amount=10)),
    ),
    Fault("callback.sleep-stage-values", "window", "numbers a stage 4 in a window", window(item("stage_list", 0, 4))),
    Fault(
        "callback.sleep-stage-values",
        "night",
        "numbers a stage -2 in a night",
        night(item("sleep_stages", 5, -2), slept),
    ),
    Fault(
        "callback.osa-stage-values",
        "window",
        "numbers an osa stage 2 in a window",
        window(item("osa_stage_list", 9, 2)),
    ),
    Fault(
        "callback.osa-stage-values", "night", "numbers an osa stage 0.5 in a night", night(item("osa_stages", 5, 0.5))
    ),
)

_NIGHTS: Final = (
    Fault("callback.state-complete", "closed", "calls the night CLOSED", night(setting(state="CLOSED"))),
    Fault("callback.state-complete", "lower-case", "writes the state in lower case", night(setting(state="complete"))),
    Fault(
        "callback.session-id-consistent",
        "inner",
        "has two session ids",
        night(setting(session_id="20240101000000_other")),
    ),
    Fault(
        "callback.timestamp-format",
        "zulu",
        "writes Z for an offset",
        night(lambda found: found.update(session_start_time=found["session_start_time"][:19] + "Z")),
    ),
    Fault(
        "callback.timestamp-format",
        "space",
        "puts a space between date and time",
        night(_shifted("wake_time", "T", " "), slept),
    ),
    Fault(
        "callback.duration-values",
        "fraction",
        "writes half seconds",
        night(adding("time_in_stable_breath", amount=0.5), breathing),
    ),
    Fault(
        "callback.duration-values",
        "negative",
        "writes a negative time",
        night(setting(time_in_unstable_breath=-1, unstable_breath_ratio=0.0), breathing),
    ),
    Fault(
        "callback.ratio-values",
        "percent",
        "writes sleep_efficiency in percent",
        night(lambda found: found.update(sleep_efficiency=round(found["sleep_efficiency"] * 100)), slept),
    ),
    Fault(
        "callback.ratio-values",
        "negative",
        "writes a negative ratio",
        night(setting(time_in_unstable_breath=0, unstable_breath_ratio=-0.01), breathing),
    ),
    Fault(
        "callback.breathing-pattern-values",
        "new-value",
        "writes STABLE_BREATH",
        night(setting(breathing_pattern="STABLE_BREATH"), breathing),
    ),
    Fault(
        "callback.breathing-stats-null-without-breathing",
        "index",
        "has estimated_ahi 0 without breathing analysis",
        night(setting(estimated_ahi=0.0), without_breathing),
    ),
    Fault(
        "callback.breathing-stats-null-without-breathing",
        "times",
        "has times of 0 s without breathing analysis",
        night(lambda found: found.update(time_in_stable_breath=0, time_in_unstable_breath=0), without_breathing),
    ),
    Fault(
        "callback.stage-stats-null-together",
        "ratio",
        "has rem_ratio 0 in a two-stage contract",
        night(setting(rem_ratio=0.0), two_stages),
    ),
    Fault(
        "callback.stage-stats-null-together",
        "one-null",
        "has time_in_deep null in a four-stage contract",
        night(setting(time_in_deep=None), four_stages),
    ),
    Fault(
        "callback.never-slept-nulls",
        "ratio",
        "has rem_ratio 0 for a night without sleep",
        night(setting(rem_ratio=0.0), lambda found: never_slept(found) and not invalid(found)),
    ),
    Fault(
        "callback.never-slept-nulls",
        "breathing",
        "has a breathing_pattern for a night without sleep",
        night(setting(breathing_pattern="VERY_STABLE"), lambda found: never_slept(found) and not invalid(found)),
    ),
    Fault(
        "callback.invalid-session-nulls",
        "one-null",
        "has wake_time null and its latency not",
        night(setting(wake_time=None), slept),
    ),
    Fault(
        "callback.invalid-session-nulls",
        "stages",
        "has stage times of 0 s for an INVALID night",
        night(_stages_of_nothing, invalid),
    ),
)

FAULTS: Final = (*_ENVELOPE, *_WINDOWS, *_NIGHTS)
