"""The errors of Asleep's sessions."""

from __future__ import annotations

from sleeptalk.runtime.errors import CallFailed, DeadlineExceeded, Forbidden, RequestRefused, SleeptalkError


class InvalidSessionId(CallFailed):
    """The session id is not 14 digits, `_` and 5 of [a-z0-9]. Source: Get Single Session, 2.4."""


class InvalidUserId(RequestRefused):
    """The user id is empty or malformed: 401 `x-user-id is invalid` or `invalid user id`, or a 400 that says so.

    Source: Asleep's pages about deleting a user or a session.
    """


class InvalidTimezone(CallFailed):
    """The service does not know the time zone. Source: Get Single Session, 2.2."""


class SessionNotFound(CallFailed):
    """404: there is no such session, or it belongs to another user. Source: Get Single Session, 2.3."""


class UserNotFound(CallFailed):
    """404 `user does not exist` or `user not exist`: no user has this id. Source: Asleep's pages about deleting."""


class PlanExpired(Forbidden):
    """403 `Plan is expired`: the plan of the API key has ended. Source: the error codes of Asleep's SDKs."""


class QuotaExceeded(Forbidden):
    """403 `Quota exceeded`: the calls that were agreed are used up. Source: the error codes of Asleep's SDKs."""


class SessionTimeout(DeadlineExceeded):
    """The session was not COMPLETE in time. Wait again with the same `session_id`.

    `state` is the last state seen, None where no answer came. Where the last call failed, its error is the
    `__cause__`.
    """

    def __init__(
        self, message: str = "", *, timeout: float = 0.0, session_id: str = "", state: str | None = None
    ) -> None:
        super().__init__(message, timeout=timeout)
        self.session_id = session_id
        self.state = state


class UnknownField(SleeptalkError):
    """`why_null` was asked about a field that the data does not have.

    `field` is that name.
    """

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field
