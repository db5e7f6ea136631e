"""The refusals of Asleep, which mean the same in every version of its data, and the ids that it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk.errors import (
    CallFailed,
    InvalidSessionId,
    InvalidTimezone,
    InvalidUserId,
    PlanExpired,
    QuotaExceeded,
    SessionNotFound,
    UserNotFound,
)
from sleeptalk.runtime.overrides import Identifier
from sleeptalk.runtime.refusals import detail_of, error_by_status, sentence, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.operation import Call

IDENTIFIERS: Final[Mapping[str, Identifier]] = {
    "session_id": Identifier(
        label="session id", form="14 digits, an underscore and 5 of [a-z0-9]", error=InvalidSessionId
    )
}


def refusal(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
    """Return the error for a refusal. Source: Get Single Session, 2.2 to 2.4.

    The vendor words its refusals in more than one way, and a proxy in front of it answers 404 too, so that the status
    and some words of the detail decide together.
    """
    text = detail_of(response)
    words = words_of(text)
    detail = None if text is None else redact(text)
    session_id, user_id = call.arguments.get("session_id"), call.arguments.get("user_id")
    kind: type[CallFailed]
    match response.status:
        case 400 | 422 if "session id" in words:
            kind, problem = InvalidSessionId, f"The session id {session_id!r} was refused by the service"
        case 400 | 401 | 422 if "user id" in words and "invalid" in words:
            kind, problem = InvalidUserId, f"The user id {user_id!r} was refused by the service"
        case 400 if "timezone" in words:
            kind, problem = InvalidTimezone, "The time zone was refused by the service"
        case 403 if "quota" in words and "rate limit" not in words:
            kind, problem = (
                QuotaExceeded,
                "The quota of the API key is used up: no call will succeed until it is raised",
            )
        case 403 if "plan" in words and "expire" in words:
            kind, problem = PlanExpired, "The plan of the API key has expired: no call will succeed until it is renewed"
        case 404 if "session" in words:
            kind, problem = SessionNotFound, f"There is no session {session_id!r} of this user"
        case 404 if "user" in words:
            kind, problem = UserNotFound, f"There is no user {user_id!r}"
        case _:
            return error_by_status(response, call, "Asleep", detail)
    return kind(sentence(problem, detail), response=response, detail=detail)
