"""One call without its waiting: which requests it sends, what their answers mean, whether to send another.

The shells in `blocking` and `waiting` send the requests and hand over what comes. Nothing here touches a socket.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx

from sleeptalk.errors import (
    CallFailed,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    ResponseTooLarge,
)
from sleeptalk.transport.body import Body, TooLargeError, UndecodableError
from sleeptalk.transport.operation import check_headers
from sleeptalk.transport.outcome import Failure, Success
from sleeptalk.transport.response import Response

if TYPE_CHECKING:
    from sleeptalk.transport.deadline import Deadline
    from sleeptalk.transport.operation import Operation
    from sleeptalk.transport.outcome import Outcome
    from sleeptalk.transport.server import Server
    from sleeptalk.transport.settings import Settings

T = TypeVar("T")

NETWORK_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, UnicodeError)
"""What an HTTP client raises where no whole answer came. UnicodeError: a host name that IDNA does not allow."""

HOPELESS = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.StreamError,
    UnicodeError,
)
"""Those of them that the same request would meet again."""

UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # in the words of OpenSSL; httpcore drops the exception that has a class for it
CLOCK_GRAIN = 0.01  # seconds by which a socket's timeout may come before the deadline that it was made from
TRANSIENT = frozenset({408, 429, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
LARGEST_PORT = 65_535

logger = logging.getLogger("sleeptalk")


class Call(Generic[T]):
    """The state of one call: its attempts so far, where the present one stands, and the deadline of the whole."""

    def __init__(self, operation: Operation[T], server: Server, settings: Settings, deadline: Deadline) -> None:
        check_headers(operation.request)
        self.deadline = deadline
        self.settings = settings
        self.attempts = 0
        self._operation = operation
        self._server = server
        self._home = self._url_of(operation)
        self._url = self._home
        self._hops = 0
        self._response: httpx.Response | None = None  # once its headers have come
        self._body: Body | None = None
        self._failed_with_500 = False
        self._started = 0.0

    def begin(self) -> None:
        """Begin a new attempt at the first URL."""
        self.attempts += 1
        self._url = self._home
        self._hops = 0
        self._response = self._body = None

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """Make the next request. Keys go into it only at the origin that they are meant for.

        What the caller's own HTTP client adds to every request, headers, cookies or parameters, may be a secret as
        well: the client takes no part in a request to anybody else.
        """
        self._started = time.monotonic()
        timeout = {phase: self.deadline.shrunk(limit) for phase, limit in client.timeout.as_dict().items()}
        headers = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": self._server.user_agent}
        if not self.at_home:
            return httpx.Request("GET", self._url, headers=headers, extensions={"timeout": timeout})
        headers |= self._operation.request.headers
        if self._server.authorization:
            headers["authorization"] = self._server.authorization.reveal()
        return client.build_request("GET", self._url, headers=headers, timeout=httpx.Timeout(**timeout))

    @property
    def at_home(self) -> bool:
        """Whether the next request goes to the origin of the service: the same scheme, host and port."""
        return _origin(self._url) == _origin(self._home)

    def follows(self, response: httpx.Response, client: httpx.Client | httpx.AsyncClient) -> bool:
        """Tell whether the answer is a redirect to follow; if so, the next request goes there."""
        allowed = self.settings.follow_redirects
        allowed = client.follow_redirects if allowed is None else allowed
        if not allowed or response.status_code not in REDIRECTS or "location" not in response.headers:
            return False
        try:
            target = self._url.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError):
            return False
        usable = target.scheme in ("http", "https") and (target.port or 0) <= LARGEST_PORT
        if not usable or self._hops == MOST_REDIRECTS:
            return False
        self._log(str(response.status_code))
        self._hops += 1
        self._url = target
        return True

    def body(self, response: httpx.Response) -> Body:
        """Prepare for the answer's body; refuse one that says at once that it is too large."""
        self._response = response
        # A mocked answer has been read and decompressed before it gets here.
        encoding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "")
        self._body = Body(self.settings.body_limit, encoding)
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self.settings.body_limit:
            raise TooLargeError
        return self._body

    def check_time(self) -> None:
        """Raise DeadlineExceeded once the deadline has passed: a body that drips never times out by itself."""
        if self.deadline.passed:
            raise self._expired()

    def answered(self, response: httpx.Response, body: Body) -> Outcome[T]:
        """Judge a whole answer."""
        answer = self._answer(response, body.finish())
        if answer.status != httpx.codes.OK:
            return self._refused(answer)
        self._log(str(answer.status))
        return Success(self._operation.read(answer))

    def failed(self, error: Exception) -> Failure:
        """Judge an attempt that brought no whole answer, or one that cannot be read."""
        if isinstance(error, CallFailed):
            return self._failure(error)
        refusal = self._refusal_in(error)
        if refusal is not None:
            return self._refused(refusal)
        if isinstance(error, TooLargeError):
            limit = self.settings.body_limit
            advice = "raise body_limit with with_options if that is expected"
            return self._failure(
                ResponseTooLarge(f"{self._name} was answered with more than {limit} bytes: {advice}.", limit=limit)
            )
        if isinstance(error, UndecodableError):
            message = f"{self._name} was answered with a body that cannot be decompressed: {error}."
            return self._failure(ContractViolation(message, path="header content-encoding"))
        if self.deadline.remaining <= (CLOCK_GRAIN if isinstance(error, httpx.TimeoutException) else 0.0):
            return self.out_of_time()
        reason = self._reason(error)
        failure = ConnectionFailed(f"{self._name} got no whole answer ({reason}).", reason=reason)
        hopeless = isinstance(error, HOPELESS) or UNTRUSTED in reason
        return self._failure(failure, again=isinstance(error, NETWORK_ERRORS) and not hopeless)

    def out_of_time(self) -> Failure:
        """Judge an attempt that the deadline has stopped, or somebody who did not want to wait for it."""
        return self._failure(self._expired())

    def may_repeat(self, outcome: Outcome[T]) -> bool:
        """Tell whether one more request is allowed, as far as it is a matter of the outcome and of the retries."""
        return isinstance(outcome, Failure) and outcome.again and self.attempts <= self.settings.retries

    def _url_of(self, operation: Operation[T]) -> httpx.URL:
        try:
            return httpx.URL(self._server.base_url + operation.request.path)
        except httpx.InvalidURL as problem:
            reason = str(problem)
        raise ConnectionFailed(f"The request cannot be sent: its address is no URL ({reason}).", reason=reason)

    @property
    def _name(self) -> str:
        return f"GET {self._home.scheme}://{self._home.netloc.decode('ascii')}{_path(self._home)}"

    def _expired(self) -> DeadlineExceeded:
        seconds = self.deadline.seconds
        message = f"{self._name} was not answered within {seconds:g} s, retries included: raise timeout, or try later."
        return DeadlineExceeded(message, timeout=seconds)

    def _reason(self, error: Exception) -> str:
        """Word a failure of the network in one line without secrets."""
        says = str(error)
        if isinstance(error, httpx.LocalProtocolError):  # it quotes the header, of the caller's own HTTP client
            says = "the HTTP client makes a request that cannot be sent, look at its headers"
        return self._server.secret.blot(" ".join(f"{type(error).__name__}: {says}".rstrip(": ").split()))

    def _answer(self, response: httpx.Response, content: bytes) -> Response:
        return Response(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
            attempts=self.attempts,
            seconds=time.monotonic() - self._started,
        )

    def _came(self) -> Response | None:
        """Give the answer as far as it came, None where not even its headers did."""
        if self._response is None:
            return None
        return self._answer(self._response, b"" if self._body is None else self._body.so_far)

    def _refusal_in(self, error: Exception) -> Response | None:
        """Give the answer where its status has said all, whatever its body is like."""
        came = self._came()
        if came is not None:
            unreadable = isinstance(error, (TooLargeError, UndecodableError))
            return came if unreadable and came.status != httpx.codes.OK else None
        if isinstance(error, httpx.HTTPStatusError) and not error.response.is_success:  # raised by the caller's hook
            return self._answer(error.response, _read_by_now(error.response))
        return None

    def _refused(self, answer: Response) -> Failure:
        self._log(str(answer.status))
        error = self._operation.refused(answer)
        error.attempts = self.attempts
        return Failure(error, again=self._transient(answer.status))

    def _failure(self, error: CallFailed, *, again: bool = False) -> Failure:
        error.attempts = self.attempts
        if error.response is None:
            error.response = self._came()
            cancelled = isinstance(error, DeadlineExceeded) and self.deadline.remaining > CLOCK_GRAIN
            self._log("cancelled" if cancelled else type(error).__name__)
        return Failure(error, again=again)

    def _transient(self, status: int) -> bool:
        """Tell whether an answer may be another one next time. A 500 gets one more chance, and no second."""
        if status != httpx.codes.INTERNAL_SERVER_ERROR:
            return status in TRANSIENT
        first = not self._failed_with_500
        self._failed_with_500 = True
        return first

    def _log(self, result: str) -> None:
        milliseconds = (time.monotonic() - self._started) * 1000
        logger.info("GET %s %s %.0f ms attempt %d", _path(self._url), result, milliseconds, self.attempts)


def _read_by_now(response: httpx.Response) -> bytes:
    """Give a body as far as somebody has read it: none where nobody has, as its connection is closed by now."""
    try:
        return response.content
    except httpx.ResponseNotRead:
        return b""


def _path(url: httpx.URL) -> str:
    """Give the path as it is sent, quoted, so that it cannot begin a new line in a log."""
    return url.raw_path.partition(b"?")[0].decode("ascii")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port
