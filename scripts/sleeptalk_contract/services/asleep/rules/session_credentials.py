"""The session's rules about keys and users: who is answered, and who is refused. Source: Get Single Session, 1.2."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.services.asleep.rules.session_asked import asked_of, says_not_found
from sleeptalk_generated.asleep.client import GET_SESSION

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

_USER_ID: Final = re.compile(GET_SESSION.parameter("user_id").pattern or "")
ANOTHER_USER: Final = "another-user"
"""The intent of a request for a session with the id of a user who does not own it."""

_CLIENT_ERRORS: Final = range(400, 500)


@dataclass(slots=True)
class Served:
    """What a run has been served so far."""

    without_key: bool = False


@CHECKS.rule("session.api-key-required")
def api_key_required(case: Case) -> Breaches:
    """A missing or wrong x-api-key is answered 401 or 403, never 2xx.

    Only a request with nothing else wrong shows that it is. But one that is answered that its id is unknown shows that
    the key was not looked at, whatever else is wrong.
    """
    asked, status = asked_of(case), case.exchange.status
    key = case.exchange.request_headers.get("x-api-key")
    is_unknown = key is not None and "x-api-key" not in case.knowledge.credentials
    if not asked.is_judged or asked.has_right_key or is_unknown or asked.has_key_in_query:
        return None
    wrong = "a missing" if key is None else "a wrong"
    if case.exchange.successful:
        case.history.of(Served).without_key |= key is None
        return [("status", f"is {status} with {wrong} x-api-key")]
    if says_not_found(status, case.error_body.get("detail")):
        return [("status", f"is {status} with {wrong} x-api-key, as for an unknown id, not 401 or 403")]
    if not asked.is_wrong_in_its_credentials_alone or not asked.has_right_user:
        return None
    return [] if status in KEY_REFUSALS else [("status", f"is {status} with {wrong} x-api-key, not 401 or 403")]


@CHECKS.rule("session.key-in-query-refused")
def key_in_query_refused(case: Case) -> Breaches:
    """A key that stands in the query alone is not accepted; nobody needs one where a missing key is accepted, too."""
    asked = asked_of(case)
    is_about_it = "x-api-key" not in case.exchange.request_headers and asked.has_key_in_query
    if not asked.is_wrong_in_its_credentials_alone or not is_about_it or case.history.of(Served).without_key:
        return None
    return (
        [("status", f"is {case.exchange.status} with the key in the query alone")] if case.exchange.successful else []
    )


@CHECKS.rule("session.user-id-required")
def user_id_required(case: Case) -> Breaches:
    """A missing x-user-id is answered 4xx."""
    asked, status = asked_of(case), case.exchange.status
    if not asked.is_judged or status is None or "x-user-id" in case.exchange.request_headers:
        return None
    if status not in _CLIENT_ERRORS:
        return [("status", f"is {status} without x-user-id, not 4xx")]
    return [] if asked.is_wrong_in_its_credentials_alone and asked.has_right_key else None


@CHECKS.rule("session.other-user-refused")
def other_user_refused(case: Case) -> Breaches:
    """A session is not served to another user."""
    asked, user = asked_of(case), case.exchange.request_headers.get("x-user-id", "")
    is_given = "x-user-id" in case.knowledge.credentials and not asked.has_right_user
    is_another = is_given or case.exchange.intent == ANOTHER_USER  # a replay is not told whose session it is
    if (
        not asked.is_wrong_in_its_credentials_alone
        or not asked.has_right_key
        or not is_another
        or not _USER_ID.fullmatch(user)
    ):
        return None
    return [("status", f"is {case.exchange.status} with another user's x-user-id")] if case.exchange.successful else []
