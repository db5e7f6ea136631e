"""The errors that mean the same for every service. `sleeptalk.errors` has them all, with those of each service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sleeptalk.runtime.response import Response


class SleeptalkError(Exception):
    """The base of every error of this package. `str(error)` is one sentence; facts are attributes."""


class ConfigurationError(SleeptalkError):
    """An argument, an option or an environment variable is missing or unusable."""


class CallFailed(SleeptalkError):
    """A call to a service did not return a result.

    - `response`: the answer, as far as it came; None where not even its headers did, or where nothing was sent.
    - `detail`: the service's own message as one text, or None. A list of errors, as FastAPI writes them, is joined.
    - `error`: the answer's error object, of a class of the service's document; None where it has none. The errors of
      one service say which class it is.
    - `attempts`: how many requests were sent, 0 where the call was refused before sending. A wait that ran out of time
      counts the requests of all its calls, any other error those of the call that raised it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        response: Response | None = None,
        detail: str | None = None,
        error: Any = None,
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.response = response
        self.detail = detail
        self.error: Any = error
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


class Unauthorized(CallFailed):
    """401: the API key is missing or wrong."""


class Forbidden(CallFailed):
    """403: the API key may not do this."""


class RequestRefused(CallFailed):
    """400 or 422 for a reason that has no class of its own; `detail` is the service's message, or None."""


class RateLimited(CallFailed):
    """Too many requests: 429, or a 403 that says so. A call sends its request again after a pause, as for a 503.

    Every number is None where its header is absent or is not a number.
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

    `path` is where, as a JSON path (`$.result.stages[3]`), `$` for the body as a whole, or `header content-type`.
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
    """The time for the whole call ran out.

    - `timeout`: that time, in seconds.
    - `waited`: the seconds for which the call waited for its turn behind others; they are not part of `timeout`.
    """

    def __init__(self, message: str = "", *, timeout: float = 0.0, waited: float = 0.0) -> None:
        super().__init__(message)
        self.timeout = timeout
        self.waited = waited
