"""The rules about callbacks of V2 and V3: those of V1 that hold for all, and those about the nights of data v3.

Source: Webhook; Callback (V2).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sleeptalk_contract.judging.case import Checks, digest, of_body
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE, event_of
from sleeptalk_contract.services.asleep.rules import callback as callback_v1
from sleeptalk_contract.services.asleep.rules.callback import SessionProgress, Sessions
from sleeptalk_contract.services.asleep.rules.night import JudgedNight
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of
from sleeptalk_contract.services.asleep_v3.rules.night_arithmetic import ADDED

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case
    from sleeptalk_contract.services.asleep.callbacks import Event

_BLOCK: Final = 10
_LISTS: Final = ("sleep_stages", "stage_list", "breath_stages", "snoring_stages")
_SHARED: Final = ("callback.json-body", "callback.api-key-header", "callback.user-id-header")


def delivered(case: Case) -> JudgedNight | None:
    """Return the night in a SESSION_COMPLETE; None where there is none."""
    body = case.delivery

    def found() -> JudgedNight | None:
        event = event_of(body.exact)
        if event is None or not event.session:
            return None
        return JudgedNight.of_result(event.result, event.session, event.result_at)

    return body.once("delivered night of data v3", found)


CHECKS: Final = Checks()
CHECKS.update({name: callback_v1.CHECKS[name] for name in _SHARED})
CHECKS.update(checks_of("callback", delivered))
CHECKS.update(checks_of("callback", delivered, ADDED))


@CHECKS.rule("callback.user-id-consistent")
def user_id_consistent(case: Case) -> Breaches:
    """x-user-id is the user_id in the data. A user id that a header cannot carry as it is, is not compared."""
    found, header = event_of(case.delivered), case.exchange.request_headers.get("x-user-id")
    user = None if found is None else found.data.get("user_id")
    if found is None or not header or not isinstance(user, str) or not (user.isascii() and user.isprintable()):
        return None
    return [] if header == user.strip() else [(f"{found.at}user_id", f"is {user!r}, but x-user-id is {header!r}")]


@CHECKS.rule("callback.session-id-consistent")
@of_body
def session_id_consistent(case: Case) -> Breaches:
    """A session_id beside the session of a SESSION_COMPLETE is its id; V3 has none."""
    found = event_of(case.delivered)
    inner = None if found is None else found.session.get("id")
    if found is None or not isinstance(inner, str):
        return None
    outer = found.data.get("session_id", inner)
    if not isinstance(outer, str):
        return None
    return [] if outer == inner else [(f"{found.result_at}session/id", f"is {inner!r}, not {outer!r}")]


@CHECKS.rule("callback.inference-follows-seq")
@of_body
def inference_follows_seq(case: Case) -> Breaches:
    """inference_seq_num = seq_num // 10."""
    window = _window(case)
    if window is None:
        return None
    sequence, inference = window.data.get("seq_num"), window.data.get("inference_seq_num")
    if not _is_whole(sequence) or not _is_whole(inference):
        return None
    expected = sequence // _BLOCK
    if inference == expected:
        return []
    return [(f"{window.at}inference_seq_num", f"is {inference}, but seq_num {sequence} calls for {expected}")]


@CHECKS.rule("callback.window-lists-alike")
@of_body
def window_lists_alike(case: Case) -> Breaches:
    """The lists of a window are equally long."""
    window = _window(case)
    lists = {name: each for name in _LISTS if window and isinstance(each := window.data.get(name), list)}
    if window is None or len(lists) < 2:  # noqa: PLR2004  # one is as long as itself
        return None
    (first, stages), *others = lists.items()
    return [
        (f"{window.at}{name}", f"holds {len(each)} values, {first} {len(stages)}")
        for name, each in others
        if len(each) != len(stages)
    ]


@CHECKS.rule("callback.delivery-order")
def delivery_order(case: Case) -> Breaches:
    """Within a session inference_seq_num does not fall and SESSION_COMPLETE comes last; repeats do not count."""
    found, progress = event_of(case.delivered), _progress(case)
    if found is None or progress is None:
        return None
    body = _documented(case)
    if body in progress.seen:
        return []
    exercised = bool(progress.seen)
    progress.seen[body] = None
    breaches = _out_of_order(found, progress)
    return breaches if exercised else None


@CHECKS.rule("callback.complete-once")
def complete_once(case: Case) -> Breaches:
    """A session has one SESSION_COMPLETE; delivered again, it is unchanged."""
    found, progress = event_of(case.delivered), _progress(case)
    if found is None or progress is None or found.event != SESSION_COMPLETE:
        return None
    body = _documented(case)
    progress.end = progress.end or body
    return [] if progress.end == body else [(found.at, "is a second SESSION_COMPLETE of the session, changed")]


def _out_of_order(found: Event, progress: SessionProgress) -> list[tuple[str, str]]:
    """Compare a new delivery with the progress of its session, and move that on."""
    inference = found.data.get("inference_seq_num")
    if not _is_whole(inference):
        progress.complete = progress.complete or found.event == SESSION_COMPLETE
        return []
    highest = progress.highest_window
    progress.highest_window = inference if highest is None else max(highest, inference)
    if progress.complete:
        return [(found.at, "is of an INFERENCE_COMPLETE after the session's SESSION_COMPLETE")]
    if highest is not None and inference < highest:
        return [(f"{found.at}inference_seq_num", f"is {inference}, after {highest} in the same session")]
    return []


def _progress(case: Case) -> SessionProgress | None:
    found = event_of(case.delivered)
    identifier = None if found is None else found.session_id
    return None if identifier is None else case.history.of(Sessions).setdefault(identifier, SessionProgress())


def _documented(case: Case) -> bytes:
    def found() -> bytes:
        value = without_undocumented_fields(case.operation, case.exchange.request_json)
        return digest(json.dumps(value, sort_keys=True).encode())

    return case.delivery.once(("documented", case.operation), found)


def _window(case: Case) -> Event | None:
    """Return an INFERENCE_COMPLETE; None for anything else."""
    found = event_of(case.delivered)
    return found if found is not None and found.event == INFERENCE_COMPLETE else None


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
