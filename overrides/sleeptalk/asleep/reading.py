"""The request for a session, and what its answers mean."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from sleeptalk.asleep.night import Night
from sleeptalk.asleep.validity import Validity
from sleeptalk.errors import (
    CallFailed,
    InvalidSessionId,
    InvalidTimezone,
    RequestRefused,
    SessionNotFound,
)
from sleeptalk.transport.operation import Operation
from sleeptalk.transport.reading import by_status, other_id, read_json, said, sentence
from sleeptalk_generated.asleep.api import get_session
from sleeptalk_generated.asleep.models import SessionResponse

if TYPE_CHECKING:
    from sleeptalk.transport.response import Response
    from sleeptalk.transport.settings import Secret

SESSION_ID = re.compile(get_session.SESSION_ID_PATTERN)


def session_operation(
    session_id: str, *, secret: Secret, user_id: str, timezone: str | None, check_ids: bool
) -> Operation[Night]:
    """Make the operation that reads one session; raises InvalidSessionId."""
    if not isinstance(session_id, str) or (check_ids and not SESSION_ID.fullmatch(session_id)):
        raise InvalidSessionId(f"The session id {session_id!r} is not 14 digits, an underscore and 5 of [a-z0-9].")
    request = None
    with suppress(ValueError):
        request = get_session.request(session_id, x_api_key=secret.reveal(), x_user_id=user_id, timezone=timezone)
    if request is None:  # raised here, for the frames of what was suppressed hold the key
        raise InvalidSessionId(f"The session id {session_id!r} cannot stand in a URL.")

    def read(response: Response) -> Night:
        return night_of(response, session_id)

    def refused(response: Response) -> CallFailed:
        return refusal(response, secret, session_id)

    return Operation(request=request, read=read, refused=refused)


def night_of(response: Response, session_id: str) -> Night:
    """Read a night; raises ContractViolation, also for the night of another session than the one that was asked for."""
    result = read_json(response, SessionResponse).result
    if result.session.id != session_id:
        raise other_id(response, "$.result.session.id", f"the session {session_id!r}")
    return Night(
        timezone=result.timezone,
        validity=Validity(result.validity),
        session=result.session,
        stat=result.stat,
        response=response,
    )


def refusal(response: Response, secret: Secret, session_id: str) -> CallFailed:
    """Make the error that a refusal stands for. Source: 001 2.2 to 2.4.

    The vendor words its refusals in more than one way, and a proxy in front of it answers 404 too, so that the status
    and one word of the detail decide together.
    """
    text = said(response)
    words = (text or "").lower().replace("_", " ")
    detail = None if text is None else secret.blot(text)
    kind: type[CallFailed]
    if response.status in (400, 422) and "session id" in words:
        kind, says = InvalidSessionId, f"The session id {session_id!r} is refused by the service"
    elif response.status == 400 and "timezone" in words:  # noqa: PLR2004  # as documented
        kind, says = InvalidTimezone, "The time zone is refused by the service"
    elif response.status == 404 and "session" in words:  # noqa: PLR2004  # as documented
        kind, says = SessionNotFound, f"There is no session {session_id!r} of this user"
    elif response.status in (400, 422):
        kind, says = RequestRefused, f"The request for a session is refused with the status {response.status}"
    else:
        return by_status(response, "Asleep", detail)
    return kind(sentence(says, detail), response=response, detail=detail)
