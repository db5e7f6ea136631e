"""The rules that hold for every request: no server error, and a documented status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.operation import JSON

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

KEY_REFUSALS: Final = frozenset({401, 403})
"""A gateway may refuse keys before the implementation is asked, with its own body."""

_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_OTHER_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_REFUSALS_OF_A_METHOD: Final = KEY_REFUSALS | {404, 405, _NOT_IMPLEMENTED}
"""Some servers ask for the key before they look at the method; small ones implement no other method at all."""
_REFUSALS_OF_AN_ID: Final = frozenset({400, 422})
"""Others look at the id first: either refusal of a malformed one is right."""


def no_server_error(case: Case) -> Breaches:
    """No request makes it answer 5xx or drop the connection; only a method that it does not implement may be 501."""
    exchange = case.exchange
    if exchange.status is None:
        if exchange.ended_early:
            return [("", f"{exchange.ended_early}: the connection was dropped")]
        what = "did not come in time" if exchange.failure == "timeout" else "did not come: the connection was dropped"
        return [("status", f"the answer {what}")]
    if exchange.status >= _SERVER_ERROR and (exchange.status != _NOT_IMPLEMENTED or case.is_by_method):
        return [("status", f"is {exchange.status}")]
    return []


def documented_status(case: Case) -> Breaches:
    """Judge that the operation is answered with a documented status and media type; other methods with 405, 404 or 501.

    The media type is judged where JSON is documented, but not of refusals of a key. Server errors have a rule of their
    own.
    """
    status = case.exchange.status
    if status is None or not case.is_sane:
        return None
    if not case.is_by_method:
        return _other_method(case, status) if case.exchange.method in _OTHER_METHODS else None
    return None if status >= _SERVER_ERROR else _by_method(case, status)


def _other_method(case: Case, status: int) -> Breaches:
    if status in _REFUSALS_OF_A_METHOD or (status in _REFUSALS_OF_AN_ID and not case.is_well_formed):
        return []
    if case.is_throttled or status >= _SERVER_ERROR:
        return None
    return [("status", f"is {status} to {case.exchange.method}, not 405, 404 or 501")]


def _by_method(case: Case, status: int) -> Breaches:
    if case.documented is None:
        return [("status", f"is {status}, which is not documented")]
    if status in KEY_REFUSALS or JSON not in case.documented.content or case.exchange.response_is_json_type:
        return []
    given = case.exchange.response_headers.get("content-type", "missing")
    return [("header content-type", f"is {given} with status {status}, not application/json")]
