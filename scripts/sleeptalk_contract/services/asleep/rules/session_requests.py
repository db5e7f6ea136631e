"""The session's `exchange` rules: what particular requests must be answered. Source: Get Single Session.

Each judges the request as it was sent. Where a request is wrong in two ways either refusal is right, so an exact answer
is expected only of a request that is wrong in one way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import NOT_JSON, text_in
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.judging.http import documented_status, no_server_error
from sleeptalk_contract.services.asleep.rules.session_asked import (
    INVALID_TIMEZONE,
    Asked,
    Id,
    asked_of,
    malformed,
    names_another_id,
    not_found,
    says_not_found,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
"""Those that all versions have."""


@CHECKS.rule("session.invalid-timezone-400")
def invalid_timezone_400(case: Case) -> Breaches:
    """An unknown timezone is answered 400 with the documented sentence."""
    asked = asked_of(case)
    if not asked.is_judged or not asked.has_unknown_timezone or not asked.is_authorised:
        return None
    due = {400: INVALID_TIMEZONE}
    found = _answered(case, due, alone=asked.id is Id.KNOWN)
    is_free = asked.has_odd_timezone and not case.exchange.successful
    return None if is_free and found else found


def checks_of_ids(malformed_rule: str, *statuses: int) -> Checks:
    """Return the rules about unknown and malformed ids; `statuses` are those that refuse a malformed one."""
    checks = Checks()

    @checks.rule("session.not-found-404")
    def not_found_404(case: Case) -> Breaches:
        """A well-formed unknown id is answered 404 with the documented sentence."""
        asked = asked_of(case)
        if not asked.is_judged or asked.id not in {Id.UNKNOWN, Id.UNDATED} or not asked.is_authorised:
            return None
        if case.exchange.successful and case.exchange.intent != "unknown-id" and _echoes(case):
            return None  # this id was not given, but the implementation has it
        allowed = {404: not_found(case.identifier)}
        if asked.id is Id.UNDATED:
            allowed |= dict.fromkeys(statuses, malformed(case.identifier))
        return _answered(case, allowed, alone=asked.has_right_timezone)

    @checks.rule(malformed_rule)
    def malformed_id(case: Case) -> Breaches:
        """An id that is not a session id is refused with the documented sentence."""
        asked = asked_of(case)
        if asked.is_odd:
            return _odd_id(asked, statuses)
        if not asked.is_judged or asked.id is not Id.MALFORMED or not asked.is_authorised:
            return None
        due = dict.fromkeys(statuses, malformed(case.identifier))
        return _answered(case, due, alone=asked.has_right_timezone)

    return checks


@CHECKS.rule("session.no-server-error")
def session_no_server_error(case: Case) -> Breaches:
    """No request makes it answer 5xx or drop the connection; only a method that it does not implement may be 501."""
    return no_server_error(case)


@CHECKS.rule("session.documented-status")
def session_documented_status(case: Case) -> Breaches:
    """GET is answered with a documented status and application/json; other methods with 405, 404 or 501."""
    return documented_status(case)


def _odd_id(asked: Asked, statuses: tuple[int, ...]) -> Breaches:
    """Judge the answer to a malformed id that a server may well refuse before the implementation sees it.

    How is left to the server. But one that serves it, or looks for it, takes it for a session id; and one that answers
    with the documented sentence has read it, and names it as it was sent.
    """
    status, detail = asked.case.exchange.status, asked.case.error_body.get("detail")
    if asked.case.exchange.successful:
        return [("status", f"is {status}, not {_either(statuses)}")]
    if says_not_found(status, detail):
        return [("status", f"is {status}, as for an unknown id, not {_either(statuses)}")]
    if status in statuses and names_another_id(detail, asked.case.identifier):
        return [("/detail", f"is {detail!r}, not {malformed(asked.case.identifier)!r}")]
    return [] if detail == malformed(asked.case.identifier) else None


def _answered(case: Case, allowed: dict[int, str], *, alone: bool) -> Breaches:
    """Compare the answer with the sentences that are due, by status.

    Where the request is wrong in other ways too (not `alone`), another refusal is right and shows nothing.
    """
    status = case.exchange.status
    if status not in allowed:
        if not alone and not case.exchange.successful:
            return None
        return [("status", f"is {status}, not {_either(allowed)}")]
    if case.exchange.response_json is NOT_JSON:
        return None  # which is the shape rule's
    detail, expected = case.error_body.get("detail"), allowed[status]
    if not alone and detail in {INVALID_TIMEZONE, not_found(case.identifier), malformed(case.identifier)} - {expected}:
        return None
    return [] if detail == expected else [("/detail", f"is {detail!r}, not {expected!r}")]


def _either(statuses: Iterable[int]) -> str:
    return " or ".join(map(str, statuses))


def _echoes(case: Case) -> bool:
    return text_in(case.error_body, "result", "session", "id") == case.identifier
