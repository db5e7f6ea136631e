"""One night, as `get_session` returns it, and how its answers are read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import define, field

from sleeptalk.drawing import hypnogram
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
from sleeptalk.runtime.overrides import Identifier, Overrides, Reader
from sleeptalk.runtime.refusals import detail_of, error_by_status, mismatched_id, sentence, words_of
from sleeptalk.runtime.response import Response
from sleeptalk_generated.asleep.models import Session, SessionResponse, Stat

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk_generated.operation import Call


class ValidityStatus(StrEnum):
    """The status of a validity, without its reason."""

    VALID = "VALID"
    IN_PROGRESS = "IN_PROGRESS"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"
    """A value that is not documented; the text itself has it."""


class Validity(str):
    """Whether a night's analysis can be used: a str, the text as it was sent, that also has its meaning.

    Documented are `VALID`, `IN_PROGRESS`, and `INVALID:` followed by a reason, with or without a space between. Any
    other text is kept. Source: Get Single Session, 2.1.1.
    """

    __slots__ = ()

    @property
    def status(self) -> ValidityStatus:
        """VALID, IN_PROGRESS or INVALID; UNKNOWN for any other text."""
        text = self.partition(":")[0].strip()
        return ValidityStatus(text) if text in ValidityStatus.__members__ else ValidityStatus.UNKNOWN

    @property
    def reason(self) -> str | None:
        """Why the night is INVALID, for example `TOO_MANY_DEFECTS_IN_SLEEP_STAGES`; None where no reason is given.

        The vendor's own spelling TOO_MANDY is read as TOO_MANY; the text itself keeps it.
        """
        reason = self.partition(":")[2].strip()
        return reason.replace("TOO_MANDY_", "TOO_MANY_") or None


@define(frozen=True, kw_only=True)
class Night:
    """One session: what was recorded, and, once it is COMPLETE and VALID, its statistics.

    - `timezone`: the time zone of every time of the night.
    - `validity`: a str with a `status` and a `reason`.
    - `session`: state, times and stage lists; a stage is one epoch of 30 s.
    - `stat`: the 23 statistics: times in whole seconds, ratios from 0 to 1. None unless the session is COMPLETE and its
      validity VALID. `why_null(night, field)` returns why a field is None.
    - `response`: the answer it was read from: status, headers, bytes, request id. Not compared.

    Source: Get Single Session, 2.1.
    """

    timezone: str
    validity: Validity
    session: Session
    stat: Stat | None
    response: Response = field(eq=False, repr=False)

    def _repr_html_(self) -> str:
        """Show the hypnogram in notebooks, as SVG."""
        return hypnogram(self)


def _night(body: SessionResponse, response: Response, call: Call[Any]) -> Night:
    """Make a night; raises ContractViolation where it is not the session that was requested."""
    asked, result = call.arguments["session_id"], body.result
    if result.session.id != asked:
        raise mismatched_id(response, "$.result.session.id", f"the session {asked!r}")
    return Night(
        timezone=result.timezone,
        validity=Validity(result.validity),
        session=result.session,
        stat=result.stat,
        response=response,
    )


def _refusal(response: Response, call: Call[Any], redact: Callable[[str], str]) -> CallFailed:
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


OVERRIDES = Overrides(
    readers={"getSession": Reader(read=_night)},
    identifiers={
        "session_id": Identifier(
            label="session id", form="14 digits, an underscore and 5 of [a-z0-9]", error=InvalidSessionId
        )
    },
    refusal=_refusal,
)
