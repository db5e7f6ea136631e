"""The session's `exchange` rules: what particular requests must be answered. Source: Get Single Session.

Each judges the request as it was sent. Where a request is wrong in two ways either refusal is right, so an exact answer
is expected only of a request that is wrong in one way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.judging.http import documented_status, no_server_error
from sleeptalk_contract.services.asleep.rules.timezones import (
    is_clearly_unknown,
    is_known_everywhere,
    requested_timezone,
)
from sleeptalk_generated.asleep.client import GET_SESSION

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

INVALID_TIMEZONE: Final = "The invalid timezone is provided"

_SESSION_ID: Final = re.compile(GET_SESSION.parameter("session_id").pattern or "")
_FIRST_YEAR: Final = 2000


def not_found(identifier: str) -> str:
    """Return the sentence for an id that is not known."""
    return f"Unable to find the sleep session of id {identifier}"


def malformed(identifier: str) -> str:
    """Return the sentence for an id that is not a session id."""
    return f"The format of sleep session id {identifier} is not valid"


class Id(Enum):
    """What is known of an id before it is requested."""

    KNOWN = "known"
    UNKNOWN = "well-formed, a night that could have been, and not known"
    UNDATED = "well-formed, but its digits are not the date of a night"
    MALFORMED = "not a session id"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Asked:
    """A GET of a session, taken apart."""

    case: Case

    @cached_property
    def id(self) -> Id:
        """What the id is."""
        identifier = self.case.identifier
        if not self.case.is_sane:
            return Id.UNCLEAR
        if identifier in self.case.knowledge.known_ids:
            return Id.KNOWN
        if _SESSION_ID.fullmatch(identifier) is None:
            return Id.MALFORMED
        return Id.UNKNOWN if _is_plausible(identifier.partition("_")[0]) else Id.UNDATED

    @property
    def has_right_key(self) -> bool:
        """Whether the key is the one that was given; any key where none was given."""
        key = self.case.exchange.request_headers.get("x-api-key")
        return key is not None and self.case.knowledge.credentials.get("x-api-key") in {None, key}

    @property
    def has_right_user(self) -> bool:
        """Whether the user is the one that was given; any user where none was given."""
        user = self.case.exchange.request_headers.get("x-user-id", "")
        return user != "" and self.case.knowledge.credentials.get("x-user-id") in {None, user}

    @property
    def has_right_timezone(self) -> bool:
        """Whether the timezone is left out, or known beyond doubt."""
        return is_known_everywhere(requested_timezone(self.case.exchange.request_headers))

    @property
    def has_unknown_timezone(self) -> bool:
        """Whether the timezone is clearly not one."""
        return is_clearly_unknown(requested_timezone(self.case.exchange.request_headers))

    @property
    def is_authorised(self) -> bool:
        """Whether key and user are right."""
        return self.has_right_key and self.has_right_user

    @property
    def is_accepted_though_malformed(self) -> bool:
        """Whether an id that reaches the implementation as it is (no slash, no escape) is malformed, and yet served."""
        identifier = self.case.identifier
        reaches = identifier.strip(".") != "" and not set(identifier) & set("/\\%?#;")
        return (
            self.case.is_by_method
            and self.case.exchange.successful
            and reaches
            and _SESSION_ID.fullmatch(identifier) is None
        )

    @property
    def is_judged(self) -> bool:
        """Whether the contract decides the answer to this request: a sane GET that was answered."""
        exchange = self.case.exchange
        return (
            self.case.is_by_method and self.case.is_sane and exchange.status is not None and not self.case.is_throttled
        )


@CHECKS.rule("session.invalid-timezone-400")
def invalid_timezone_400(case: Case) -> Breaches:
    """An unknown timezone is answered 400 with the documented sentence."""
    asked = Asked(case)
    if not asked.is_judged or not asked.has_unknown_timezone or not asked.is_authorised:
        return None
    alone = asked.id is Id.KNOWN
    return _answered(case, {400: INVALID_TIMEZONE}, alone=alone)


@CHECKS.rule("session.not-found-404")
def not_found_404(case: Case) -> Breaches:
    """A well-formed unknown id is answered 404 with the documented sentence."""
    asked = Asked(case)
    if not asked.is_judged or asked.id not in {Id.UNKNOWN, Id.UNDATED} or not asked.is_authorised:
        return None
    if case.exchange.successful and case.exchange.intent != "unknown-id" and _echoes(case):
        return None  # this id was not given, but the implementation has it
    allowed = {404: not_found(case.identifier)}
    if asked.id is Id.UNDATED:
        allowed[422] = malformed(case.identifier)
    return _answered(case, allowed, alone=asked.has_right_timezone)


@CHECKS.rule("session.malformed-id-422")
def malformed_id_422(case: Case) -> Breaches:
    """An id that is not a session id is answered 422 with the documented sentence."""
    asked = Asked(case)
    if asked.is_accepted_though_malformed:
        return [("status", f"is {case.exchange.status}, not 422")]
    if not asked.is_judged or asked.id is not Id.MALFORMED or not asked.is_authorised:
        return None
    return _answered(case, {422: malformed(case.identifier)}, alone=asked.has_right_timezone)


@CHECKS.rule("session.api-key-required")
def api_key_required(case: Case) -> Breaches:
    """A missing or wrong x-api-key is answered 401 or 403, never 2xx."""
    asked, status = Asked(case), case.exchange.status
    key = case.exchange.request_headers.get("x-api-key")
    wrong = "a missing" if key is None else "a wrong"
    if (
        not asked.is_judged
        or asked.has_right_key
        or (key is not None and "x-api-key" not in case.knowledge.credentials)
    ):
        return None
    if case.exchange.successful:
        return [("status", f"is {status} with {wrong} x-api-key")]
    if status in {401, 403}:
        return []
    alone = asked.id is Id.KNOWN and asked.has_right_user and asked.has_right_timezone
    return [("status", f"is {status} with {wrong} x-api-key, not 401 or 403")] if alone else None


@CHECKS.rule("session.user-id-required")
def user_id_required(case: Case) -> Breaches:
    """A missing x-user-id is answered 4xx."""
    status = case.exchange.status
    if not Asked(case).is_judged or status is None or "x-user-id" in case.exchange.request_headers:
        return None
    return [] if 400 <= status <= 499 else [("status", f"is {status} without x-user-id, not 4xx")]  # noqa: PLR2004  # 4xx


@CHECKS.rule("session.no-server-error")
def session_no_server_error(case: Case) -> Breaches:
    """No request makes it answer 5xx or drop the connection; only a method that it does not implement may be 501."""
    return no_server_error(case)


@CHECKS.rule("session.documented-status")
def session_documented_status(case: Case) -> Breaches:
    """GET is answered with a documented status and application/json; other methods with 405 or 404."""
    return documented_status(case)


def _answered(case: Case, allowed: dict[int, str], *, alone: bool) -> Breaches:
    """Compare the answer with the sentences that are due, by status.

    Where the request is wrong in other ways too (not `alone`), another refusal is right and shows nothing.
    """
    status = case.exchange.status
    if status not in allowed:
        if not alone and not case.exchange.successful:
            return None
        return [("status", f"is {status}, not {' or '.join(map(str, allowed))}")]
    detail, expected = case.error_body.get("detail"), allowed[status]
    return [] if detail == expected else [("/detail", f"is {detail!r}, not {expected!r}")]


def _echoes(case: Case) -> bool:
    result = case.error_body.get("result")
    session = result.get("session") if isinstance(result, dict) else None
    return isinstance(session, dict) and session.get("id") == case.identifier


def _is_plausible(digits: str) -> bool:
    try:
        started = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return started.year >= _FIRST_YEAR and started <= datetime.now(UTC)
