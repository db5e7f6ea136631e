"""The rules about callbacks that every version has, and what a run remembers of the sessions that they are about.

Each version says how a callback of its own is taken apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sleeptalk_contract.judging.case import Recent, digest, of_body
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.services.asleep.callbacks import INFERENCE_COMPLETE, SESSION_COMPLETE

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_contract.judging.case import Breaches, Case, Check
    from sleeptalk_contract.services.asleep.callbacks import Event

    EventRule = Callable[[Case, Event], Breaches]

BLOCK: Final = 10
"""Epochs in five minutes: what one step of inference_seq_num stands for."""


@dataclass(slots=True)
class SessionProgress:
    """How far the deliveries of one session have come: the digests seen, the highest window, whether it is complete.

    `end` is the digest of its first SESSION_COMPLETE, None before. Digests are of documented fields: what the vendor
    adds, such as the number of an attempt, may differ when a callback is delivered again.
    """

    seen: Recent[bytes, None] = field(default_factory=Recent)
    highest_window: int | None = None
    complete: bool = False
    end: bytes | None = None


class Sessions(Recent[str, SessionProgress]):
    """The progress of every session by its id."""

    most = 5_000


def checks_of_events(event_of: Callable[[Any], Event | None]) -> dict[str, Check]:
    """Return the rule functions, by rule id, about the callbacks that `event_of` takes apart."""

    def check_of(rule: EventRule) -> Check:
        @wraps(rule)
        def check(case: Case) -> Breaches:
            found = event_of(case.delivered)
            return None if found is None else rule(case, found)

        return check

    return {
        "callback.user-id-consistent": check_of(_user_id_consistent),
        "callback.inference-follows-seq": of_body(check_of(_inference_follows_seq)),
        "callback.delivery-order": check_of(_delivery_order),
        "callback.complete-once": check_of(_complete_once),
    }


def _user_id_consistent(case: Case, found: Event) -> Breaches:
    """x-user-id is the user_id in the data. A user id that a header cannot carry as it is, is not compared."""
    header, user = case.exchange.request_headers.get("x-user-id"), found.data.get("user_id")
    if not header or not isinstance(user, str) or not (user.isascii() and user.isprintable()):
        return None
    return [] if header == user.strip() else [(f"{found.at}user_id", f"is {user!r}, but x-user-id is {header!r}")]


def _inference_follows_seq(_case: Case, found: Event) -> Breaches:
    """inference_seq_num = seq_num // 10."""
    sequence, inference = found.data.get("seq_num"), found.data.get("inference_seq_num")
    if found.event != INFERENCE_COMPLETE or not is_whole(sequence) or not is_whole(inference):
        return None
    expected = sequence // BLOCK
    if inference == expected:
        return []
    return [(f"{found.at}inference_seq_num", f"is {inference}, but seq_num {sequence} calls for {expected}")]


def _delivery_order(case: Case, found: Event) -> Breaches:
    """Within a session inference_seq_num does not fall and SESSION_COMPLETE comes last; repeats do not count."""
    progress = _progress(case, found)
    if progress is None:
        return None
    body = _documented(case)
    if body in progress.seen:
        return []
    exercised = bool(progress.seen)
    progress.seen[body] = None
    breaches = _out_of_order(found, progress)
    return breaches if exercised else None


def _complete_once(case: Case, found: Event) -> Breaches:
    """A session has one SESSION_COMPLETE; delivered again, it is unchanged."""
    progress = _progress(case, found)
    if progress is None or found.event != SESSION_COMPLETE:
        return None
    body = _documented(case)
    progress.end = progress.end or body
    return [] if progress.end == body else [(found.name_at, "is a second SESSION_COMPLETE of the session, changed")]


def is_whole(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _progress(case: Case, found: Event) -> SessionProgress | None:
    """Return the progress of a delivery's session; None where it names no session."""
    identifier = found.session_id
    return None if identifier is None else case.history.of(Sessions).setdefault(identifier, SessionProgress())


def _documented(case: Case) -> bytes:
    """Return the digest of a delivery's documented fields."""

    def found() -> bytes:
        value = without_undocumented_fields(case.operation, case.exchange.request_json)
        return digest(json.dumps(value, sort_keys=True).encode())

    return case.delivery.once(("documented", case.operation), found)


def _out_of_order(found: Event, progress: SessionProgress) -> list[tuple[str, str]]:
    """Compare a new delivery with the progress of its session, and move that on."""
    inference = found.data.get("inference_seq_num") if found.event == INFERENCE_COMPLETE else None
    if not is_whole(inference):
        progress.complete = progress.complete or found.event == SESSION_COMPLETE
        return []
    highest = progress.highest_window
    progress.highest_window = inference if highest is None else max(highest, inference)
    if progress.complete:
        return [(found.name_at, "is INFERENCE_COMPLETE after the session's SESSION_COMPLETE")]
    if highest is not None and inference < highest:
        return [(f"{found.at}inference_seq_num", f"is {inference}, after {highest} in the same session")]
    return []
