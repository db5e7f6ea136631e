"""The callback's `arithmetic` and `exchange` rules: what a sender delivers. Source: Callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import NOT_JSON, why_not_json
from sleeptalk_contract.judging.case import Checks, of_body
from sleeptalk_contract.services.asleep.callbacks import event_of_v1
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules.events import BLOCK, checks_of_events, is_whole
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(checks_of("callback", nights.delivered))
CHECKS.update(checks_of_events(event_of_v1))

_LAST_BLOCK_OF_A_WINDOW: Final = 3

_DIGITS_OF_A_LENGTH: Final = 20


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
    if not is_whole(inference) or not isinstance(stages, list):
        return None
    expected = BLOCK * (min(inference, _LAST_BLOCK_OF_A_WINDOW) + 1)
    breaches = []
    if len(stages) != expected:
        breaches.append(("/callback_data/stage_list", f"holds {len(stages)} values, not {expected}"))
    if isinstance(breathing, list) and len(breathing) != len(stages):
        breaches.append(("/callback_data/osa_stage_list", f"holds {len(breathing)} values, stage_list {len(stages)}"))
    return breaches


def _data(case: Case) -> Mapping[str, Any]:
    data = case.delivered.get("callback_data") if isinstance(case.delivered, dict) else None
    return data if isinstance(data, dict) else {}


def _window(case: Case) -> Mapping[str, Any]:
    """Return the data of an INFERENCE_COMPLETE; empty for anything else."""
    data = _data(case)
    return data if data and case.delivered.get("callback_event") == "INFERENCE_COMPLETE" else {}
