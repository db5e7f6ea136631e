"""Every error that Sleeptalk raises, in one tree, one class per meaning.

SleeptalkError
├── ConfigurationError        an argument, an option or an environment variable cannot be used as it is
├── UnknownField              why_null was asked about a field that the data does not have
├── CallFailed                a call to a service did not return a result
│   ├── InvalidHeaderValue    a key, user id or time zone that a header cannot carry; nothing was sent
│   ├── InvalidSessionId      the session id is not 14 digits, `_` and 5 of [a-z0-9]; refused here or answered 422
│   ├── InvalidTaskId         the task id is not a UUID; refused here or answered 422
│   ├── InvalidTimezone       400: the service does not know the time zone
│   ├── Unauthorized          401: the API key is missing or wrong
│   ├── Forbidden             403: the key may not do this; the plan or the quota may have ended
│   ├── SessionNotFound       404: no such session, or it belongs to another user
│   ├── TaskNotFound          404: no such task, or it has expired
│   ├── RequestRefused        400 or 422 for another reason
│   ├── RateLimited           429: too many requests; `retry_after` is how long to wait
│   ├── ServerError           5xx
│   ├── UnexpectedStatus      an answer that the contract does not know: 204, 302, 418, a 404 of some proxy
│   ├── ContractViolation     an answer whose body breaks the contract; `path` is where
│   ├── ResponseTooLarge      the decoded body is larger than the limit
│   ├── ConnectionFailed      no whole answer came: refused, reset, name not resolved, TLS, cut in mid-body
│   ├── DeadlineExceeded      the time for the whole call ran out
│   │   ├── SessionTimeout    wait_for_session: not COMPLETE in time
│   │   └── TaskTimeout       wait_for_time_analysis: not finished in time
│   ├── TaskRejected          the task ended as rejected: its input cannot be analysed
│   └── TaskFailed            the task ended as failed: the service broke, the same input may work later
└── CallbackError             a callback was refused; `status` is what to answer
    ├── CallbackUnreadable    400: the body is not JSON
    ├── CallbackForbidden     401: the API key is missing, wrong, or given twice with different values
    └── CallbackInvalid       422: the body is JSON, and breaks the contract; `path` is where

No message, attribute or traceback holds an API key, not even a traceback that shows the variables of our frames. What a
service answered is in `detail`, with the keys that were sent to it replaced; the bytes that it sent are in
`response.content`, untouched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from sleeptalk.runtime.response import Response
    from sleeptalk_generated.phonexia.models import RequestError, TaskError

__all__ = [
    "CallFailed",
    "CallbackError",
    "CallbackForbidden",
    "CallbackInvalid",
    "CallbackUnreadable",
    "ConfigurationError",
    "ConnectionFailed",
    "ContractViolation",
    "DeadlineExceeded",
    "Forbidden",
    "InvalidHeaderValue",
    "InvalidSessionId",
    "InvalidTaskId",
    "InvalidTimezone",
    "RateLimited",
    "RequestRefused",
    "ResponseTooLarge",
    "ServerError",
    "SessionNotFound",
    "SessionTimeout",
    "SleeptalkError",
    "TaskFailed",
    "TaskNotFound",
    "TaskRejected",
    "TaskTimeout",
    "Unauthorized",
    "UnexpectedStatus",
    "UnknownField",
]


class SleeptalkError(Exception):
    """The base of every error of this package. `str(error)` is one sentence; facts are attributes."""


class ConfigurationError(SleeptalkError):
    """An argument, an option or an environment variable is missing or unusable."""


class UnknownField(SleeptalkError):
    """`why_null` was asked about a field that the data does not have.

    `field` is that name.
    """

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class CallFailed(SleeptalkError):
    """A call to a service did not return a result.

    - `response`: the answer, as far as it came; None where not even its headers did, or where nothing was sent.
    - `detail`: the service's own message as one text, or None. A list of errors, as FastAPI writes them, is joined.
    - `error`: the error object of a Phonexia answer, or None.
    - `attempts`: how many requests were sent, 0 where the call was refused before sending. A wait that ran out of time
      counts the requests of all its calls, any other error those of the call that raised it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        response: Response | None = None,
        detail: str | None = None,
        error: RequestError | TaskError | None = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.response = response
        self.detail = detail
        self.error = error
        self.attempts = attempts

    @property
    def status(self) -> int | None:
        """The HTTP status of the answer, or None where none came."""
        return None if self.response is None else self.response.status

    @property
    def request_id(self) -> str | None:
        """The id that the service assigned to the request (`x-request-id`), or None."""
        return None if self.response is None else self.response.request_id

    @property
    def retry_after(self) -> float | None:
        """How many seconds the service asks to wait (`retry-after`, a number or a date), or None."""
        return None if self.response is None else self.response.retry_after


class InvalidHeaderValue(CallFailed):
    """A header cannot carry a value: it is empty, holds control or non-ASCII characters, or has a space at an end.

    `header` is the header's name. The value is not repeated, as it may be a key.
    """

    def __init__(self, message: str = "", *, header: str = "") -> None:
        super().__init__(message)
        self.header = header


class InvalidSessionId(CallFailed):
    """The session id is not 14 digits, `_` and 5 of [a-z0-9]. Source: Get Single Session, 2.4."""


class InvalidTaskId(CallFailed):
    """The task id is not a UUID. Source: Time Analysis: get result, 422."""


class InvalidTimezone(CallFailed):
    """The service does not know the time zone. Source: Get Single Session, 2.2."""


class Unauthorized(CallFailed):
    """401: the API key is missing or wrong."""


class Forbidden(CallFailed):
    """403: the API key may not do this. Asleep also answers so when a plan has ended or a quota is used up."""


class SessionNotFound(CallFailed):
    """404: there is no such session, or it belongs to another user. Source: Get Single Session, 2.3."""


class TaskNotFound(CallFailed):
    """404: there is no such task, or it has expired. Source: Time Analysis: get result, 404."""


class RequestRefused(CallFailed):
    """400 or 422 for a reason that has no class of its own; `detail` is the service's message, or None."""


class RateLimited(CallFailed):
    """429: too many requests. Every number is None where its header is absent or is not a number.

    Source: Time Analysis: get result, 429.
    """

    @property
    def limit(self) -> float | None:
        """How many requests the window allows (`x-ratelimit-limit`)."""
        return None if self.response is None else self.response.number("x-ratelimit-limit")

    @property
    def remaining(self) -> float | None:
        """How many requests are left in the window (`x-ratelimit-remaining`)."""
        return None if self.response is None else self.response.number("x-ratelimit-remaining")

    @property
    def reset(self) -> float | None:
        """When the window ends, in seconds since 1970 UTC (`x-ratelimit-reset`)."""
        return None if self.response is None else self.response.number("x-ratelimit-reset")


class ServerError(CallFailed):
    """The service answered 5xx."""


class UnexpectedStatus(CallFailed):
    """The answer's status, or the body of a refusal, is unknown to the contract or cannot be read."""


class ContractViolation(CallFailed):
    """The answer has a documented status, but its body breaks the contract.

    `path` is where, as a JSON path (`$.result.stat.sleep_efficiency`, `$.result.session.sleep_stages[3]`), `$` for the
    body as a whole, or `header content-type`.
    """

    def __init__(self, message: str = "", *, path: str = "$", response: Response | None = None) -> None:
        super().__init__(message, response=response)
        self.path = path


class ResponseTooLarge(CallFailed):
    """The decoded body of a 200 is larger than `limit` bytes; reading stopped there."""

    def __init__(self, message: str = "", *, limit: int = 0) -> None:
        super().__init__(message)
        self.limit = limit


class ConnectionFailed(CallFailed):
    """No whole answer came. `reason` is what happened, as the network code words it.

    Where an answer was cut off in its body, `response` and `status` are those of the part that came.
    """

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class DeadlineExceeded(CallFailed):
    """The time for the whole call ran out. `timeout` is that time, in seconds."""

    def __init__(self, message: str = "", *, timeout: float = 0.0) -> None:
        super().__init__(message)
        self.timeout = timeout


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


class TaskTimeout(DeadlineExceeded):
    """The task was not finished in time. Wait again with the same `task_id`.

    `state` is the last state seen, None where no answer came. Where the last call failed, its error is the
    `__cause__`.
    """

    def __init__(self, message: str = "", *, timeout: float = 0.0, task_id: str = "", state: str | None = None) -> None:
        super().__init__(message, timeout=timeout)
        self.task_id = task_id
        self.state = state


class TaskRejected(CallFailed):
    """The task ended as rejected: its input cannot be analysed. `error` says why.

    Source: Time Analysis: get result, 200.
    """


class TaskFailed(CallFailed):
    """The task ended as failed: the service broke while working on it. `error` says how.

    Source: Time Analysis: get result, 200.
    """


class CallbackError(SleeptalkError):
    """A callback was refused. `status` is the HTTP status to answer it with."""

    status: ClassVar[int] = 400


class CallbackUnreadable(CallbackError):
    """The body is not JSON that can be read: empty, cut off, not UTF-8, not JSON, nested too deeply."""

    status: ClassVar[int] = 400


class CallbackForbidden(CallbackError):
    """The header x-api-key is missing, is not one of the accepted keys, or comes twice with different values."""

    status: ClassVar[int] = 401


class CallbackInvalid(CallbackError):
    """The body is JSON and breaks the contract. `path` is where, as a JSON path (`$.callback_data.stage_list[3]`)."""

    status: ClassVar[int] = 422

    def __init__(self, message: str = "", *, path: str = "$") -> None:
        super().__init__(message)
        self.path = path
