"""The analysis's `exchange` rules: what particular reads must be answered. Source: Time Analysis: get result."""

from __future__ import annotations

import math
import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import text_in, why_not_json
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.judging.http import documented_status, no_server_error
from sleeptalk_contract.services.phonexia.rules.analysis import same_id
from sleeptalk_contract.services.phonexia.rules.request_errors import why_no_request_error
from sleeptalk_contract.services.phonexia.rules.uploads import Memory
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

_TASK_ID: Final = re.compile(GET_TIME_ANALYSIS.parameter("task_id").pattern or "")
_NUMERIC_HEADERS: Final = ("retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


@CHECKS.rule("analysis.not-found-404")
def not_found_404(case: Case) -> Breaches:
    """An unknown or expired task is answered 404, with the detail that names it."""
    if not _is_judged(case) or _TASK_ID.fullmatch(case.identifier) is None or _is_known(case):
        return None
    status = case.exchange.status
    is_started = case.identifier.lower() in case.history.of(Memory).started
    has_it = case.exchange.successful and case.exchange.intent != "unknown-id" and _echoes(case)
    if has_it or (is_started and status != 404):  # noqa: PLR2004  # 404 is 404
        return None  # this id was not given, but the implementation has it
    if status != 404:  # noqa: PLR2004  # 404 is 404
        strange = uuid.UUID(case.identifier).version is None and status in {400, 422}
        return None if strange else [("status", f"is {status}, not 404")]
    if case.error_body.get("type") != "resource.not-found":
        return [("/type", f"is {case.error_body.get('type')!r}, not 'resource.not-found'")]
    details = case.error_body.get("detail")
    if isinstance(details, list) and any(_names_the_task(detail, case.identifier) for detail in details):
        return []
    return [("/detail", f"has no entry of type task.not-found whose context.task_id is {case.identifier}")]


@CHECKS.rule("analysis.malformed-id-422")
def malformed_id_422(case: Case) -> Breaches:
    """An id that is not a UUID is answered 400, 404 or 422 with a request error body."""
    if _is_read(case) and not case.is_sane and not _could_be_a_uuid(case.identifier):
        return _odd_id(case)
    if not _is_judged(case) or _could_be_a_uuid(case.identifier) or _is_known(case):
        return None
    if case.exchange.status not in {400, 404, 422}:
        return [("status", f"is {case.exchange.status}, not 400, 404 or 422")]
    problem = why_no_request_error(case)
    return [] if problem is None else [problem]


@CHECKS.rule("analysis.rate-limit-429")
def rate_limit_429(case: Case) -> Breaches:
    """A 429 has its type, and its headers are numbers."""
    if case.exchange.status != 429 or not case.is_by_method:  # noqa: PLR2004  # 429 is 429
        return None
    given, headers = case.error_body.get("type"), case.exchange.response_headers
    breaches = [
        (f"header {name}", f"is {headers[name]!r}, which is not a number")
        for name in _NUMERIC_HEADERS
        if name in headers and not _is_number(headers[name])
    ]
    if given != "request.rate-limit-exceeded":
        breaches.append(("/type", f"is {given!r}, not 'request.rate-limit-exceeded'"))
    return breaches


@CHECKS.rule("analysis.no-server-error")
def analysis_no_server_error(case: Case) -> Breaches:
    """No request makes it answer 5xx or drop the connection; only another method may be 501, and a start 507."""
    is_documented = case.is_by_method and case.exchange.status in case.operation.documented_statuses
    return [] if is_documented else no_server_error(case)


@CHECKS.rule("analysis.documented-status")
def analysis_documented_status(case: Case) -> Breaches:
    """GET is answered with a documented status and application/json; other methods with 405, 404 or 501."""
    return documented_status(case)


def _is_judged(case: Case) -> bool:
    exchange = case.exchange
    return _is_read(case) and case.is_sane and exchange.status is not None and not case.is_throttled


def _is_read(case: Case) -> bool:
    return case.is_by_method and case.operation.id == GET_TIME_ANALYSIS.id


def _odd_id(case: Case) -> Breaches:
    """Judge the answer to a malformed id that a server may well refuse by itself, but may not serve."""
    if case.exchange.successful:
        is_served = case.asks_for_json and case.is_left_alone
        return [("status", f"is {case.exchange.status}, not 400, 404 or 422")] if is_served else None
    if case.is_falsely_json:
        return [("", f"is not a request error: it {why_not_json(case.exchange.response_body)}")]
    return None


def _is_known(case: Case) -> bool:
    return any(same_id(known, case.identifier) for known in case.knowledge.known_ids)


def _could_be_a_uuid(identifier: str) -> bool:
    """Whether some reader takes it for a UUID: without hyphens, in braces, as a URN."""
    try:
        uuid.UUID(identifier)
    except ValueError:
        return False
    return True


def _echoes(case: Case) -> bool:
    answered = text_in(case.error_body, "task", "task_id")
    return answered is not None and same_id(answered, case.identifier)


def _names_the_task(detail: Any, identifier: str) -> bool:
    if not isinstance(detail, dict) or detail.get("type") != "task.not-found":
        return False
    named = text_in(detail, "context", "task_id")
    return named is not None and same_id(named, identifier)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
