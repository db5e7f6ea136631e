"""What both services owe to every request: no server error, and a documented status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.documents import documented_statuses

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.judging.case import Case
    from sleeptalk_contract.judging.registry import Findings

_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_OTHER_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REFUSALS_OF_A_METHOD: Final = frozenset({404, 405, 401, 403})
"""401 and 403 too: some servers ask for the key before they look at the method."""


def no_server_error(case: Case, *, method: str = "GET") -> Findings:
    """No request makes it answer 5xx or drop the connection.

    A 501 says that a method is not implemented, which refuses every method but the one that the contract has.
    """
    exchange = case.exchange
    if exchange.status is None:
        what = "did not come in time" if exchange.failure == "timeout" else "did not come: the connection was dropped"
        return [("status", f"the answer {what}")]
    if exchange.status >= _SERVER_ERROR and (exchange.status != _NOT_IMPLEMENTED or exchange.method == method):
        return [("status", f"is {exchange.status}")]
    return []


def documented_status(case: Case, *, free_content: frozenset[int] = frozenset()) -> Findings:
    """GET is answered with a documented status and application/json; other methods with 405 or 404.

    The content type of the statuses in `free_content` is not judged. Server errors have a rule of their own.
    """
    status = case.exchange.status
    if status is None or not case.is_sane:
        return None
    if case.exchange.method in _OTHER_METHODS:
        return _other_method(case, status)
    if case.exchange.method != "GET" or status >= _SERVER_ERROR:
        return None
    return _get(case.exchange, status, free_content)


def _other_method(case: Case, status: int) -> Findings:
    if status in _REFUSALS_OF_A_METHOD:
        return []
    if case.is_throttled or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED):
        return None
    return [("status", f"is {status} to {case.exchange.method}, not 405 or 404")]


def _get(exchange: Exchange, status: int, free_content: frozenset[int]) -> Findings:
    if status not in documented_statuses(exchange.target):
        return [("status", f"is {status}, which is not documented")]
    if status in free_content or exchange.response_is_json_type:
        return []
    given = exchange.response_headers.get("content-type", "missing")
    return [("header content-type", f"is {given} with status {status}, not application/json")]
