"""The callback's `arithmetic` and `exchange` rules: what a sender delivers. Source: Callback."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sleeptalk_contract.contract.exchange import NOT_JSON, why_not_json
from sleeptalk_contract.judging.case import Checks, Recent, digest, of_body
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("callback", nights.delivered))

_BLOCK: Final = 10
"""Epochs in five minutes: what one step of inference_seq_num stands for."""

_LAST_BLOCK_OF_A_WINDOW: Final = 3

_DIGITS_OF_A_LENGTH: Final = 20


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


@CHECKS.rule("callback.json-body")
def json_body(case: Case) -> Breaches:
    """The body is one JSON object, whole and as it is: a receiver that reads JSON undoes no compression."""
    announced, body = case.exchange.request_headers.get("content-length", ""), case.exchange.request_body or b""
    if announced.isdecimal() and int(announced[:_DIGITS_OF_A_LENGTH]) > len(body):
        return [("", f"is cut short: {len(body)} of {announced} bytes came")]
    encoding = case.exchange.request_headers.get("content-encoding", "").strip()
    if encoding.lower() not in {"", "identity"}:
        return [("header content-encoding", f"is {encoding}, so that the body is not JSON as it is")]
    if isinstance(case.delivered, dict):
        return []
    is_json = case.delivered is not NOT_JSON
    return [("", "is JSON, but not an object" if is_json else why_not_json(body))]


@CHECKS.rule("callback.api-key-header")
def api_key_header(case: Case) -> Breaches:
    """x-api-key is sent: the key used to upload data or end the session."""
    key = case.exchange.request_headers.get("x-api-key", "")
    if key == "":
        return [("header x-api-key", "is missing or empty")]
    expected = case.knowledge.credentials.get("x-api-key")
    return [] if expected in {None, key} else [("header x-api-key", "is not the key that was given")]


@CHECKS.rule("callback.user-id-header")
def user_id_header(case: Case) -> Breaches:
    """x-user-id is sent."""
    return [] if case.exchange.request_headers.get("x-user-id") else [("header x-user-id", "is missing or empty")]


@CHECKS.rule("callback.user-id-consistent")
def user_id_consistent(case: Case) -> Breaches:
    """x-user-id is callback_data.user_id. A user id that a header cannot carry as it is, is not compared."""
    header, user = case.exchange.request_headers.get("x-user-id"), _data(case).get("user_id")
    if not header or not isinstance(user, str) or not (user.isascii() and user.isprintable()):
        return None
    return [] if header == user.strip() else [("/callback_data/user_id", f"is {user!r}, but x-user-id is {header!r}")]


@CHECKS.rule("callback.session-id-consistent")
@of_body
def session_id_consistent(case: Case) -> Breaches:
    """sleep_data.session_id is callback_data.session_id."""
    data = _data(case)
    flat = data.get("sleep_data")
    outer, inner = data.get("session_id"), flat.get("session_id") if isinstance(flat, dict) else None
    if not isinstance(outer, str) or not isinstance(inner, str):
        return None
    return [] if outer == inner else [("/callback_data/sleep_data/session_id", f"is {inner!r}, not {outer!r}")]


@CHECKS.rule("callback.window-length")
@of_body
def window_length(case: Case) -> Breaches:
    """stage_list holds 10 * (min(inference_seq_num, 3) + 1) values, osa_stage_list as many."""
    window = _window(case)
    inference, stages, breathing = (
        window.get("inference_seq_num"),
        window.get("stage_list"),
        window.get("osa_stage_list"),
    )
    if not _is_whole(inference) or not isinstance(stages, list):
        return None
    expected = _BLOCK * (min(inference, _LAST_BLOCK_OF_A_WINDOW) + 1)
    breaches = []
    if len(stages) != expected:
        breaches.append(("/callback_data/stage_list", f"holds {len(stages)} values, not {expected}"))
    if isinstance(breathing, list) and len(breathing) != len(stages):
        breaches.append(("/callback_data/osa_stage_list", f"holds {len(breathing)} values, stage_list {len(stages)}"))
    return breaches


@CHECKS.rule("callback.inference-follows-seq")
@of_body
def inference_follows_seq(case: Case) -> Breaches:
    """inference_seq_num = seq_num // 10."""
    window = _window(case)
    sequence, inference = window.get("seq_num"), window.get("inference_seq_num")
    if not _is_whole(sequence) or not _is_whole(inference):
        return None
    if inference == sequence // _BLOCK:
        return []
    return [
        ("/callback_data/inference_seq_num", f"is {inference}, but seq_num {sequence} calls for {sequence // _BLOCK}")
    ]


@CHECKS.rule("callback.delivery-order")
def delivery_order(case: Case) -> Breaches:
    """Within a session inference_seq_num does not fall and SESSION_COMPLETE comes last; repeats do not count."""
    progress = _progress(case)
    if progress is None:
        return None
    body = _documented(case)
    if body in progress.seen:
        return []
    exercised = bool(progress.seen)
    progress.seen[body] = None
    breaches = _out_of_order(case, progress)
    return breaches if exercised else None


@CHECKS.rule("callback.complete-once")
def complete_once(case: Case) -> Breaches:
    """A session has one SESSION_COMPLETE; delivered again, it is unchanged."""
    progress = _progress(case)
    if progress is None or case.delivered.get("callback_event") != "SESSION_COMPLETE":
        return None
    body = _documented(case)
    progress.end = progress.end or body
    return [] if progress.end == body else [("/callback_event", "is a second SESSION_COMPLETE of the session, changed")]


def _progress(case: Case) -> SessionProgress | None:
    """Return the progress of a delivery's session; None where it names no session."""
    session = _data(case).get("session_id")
    return case.history.of(Sessions).setdefault(session, SessionProgress()) if isinstance(session, str) else None


def _documented(case: Case) -> bytes:
    """Return the digest of a delivery's documented fields."""

    def found() -> bytes:
        value = without_undocumented_fields(case.operation, case.exchange.request_json)
        return digest(json.dumps(value, sort_keys=True).encode())

    return case.delivery.once(("documented", case.operation), found)


def _out_of_order(case: Case, progress: SessionProgress) -> list[tuple[str, str]]:
    """Compare a new delivery with the progress of its session, and move that on."""
    inference = _window(case).get("inference_seq_num")
    if not _is_whole(inference):
        progress.complete = progress.complete or case.delivered.get("callback_event") == "SESSION_COMPLETE"
        return []
    highest = progress.highest_window
    progress.highest_window = inference if highest is None else max(highest, inference)
    if progress.complete:
        return [("/callback_event", "is INFERENCE_COMPLETE after the session's SESSION_COMPLETE")]
    if highest is not None and inference < highest:
        return [("/callback_data/inference_seq_num", f"is {inference}, after {highest} in the same session")]
    return []


def _data(case: Case) -> Mapping[str, Any]:
    data = case.delivered.get("callback_data") if isinstance(case.delivered, dict) else None
    return data if isinstance(data, dict) else {}


def _window(case: Case) -> Mapping[str, Any]:
    """Return the data of an INFERENCE_COMPLETE; empty for anything else."""
    data = _data(case)
    return data if data and case.delivered.get("callback_event") == "INFERENCE_COMPLETE" else {}


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
