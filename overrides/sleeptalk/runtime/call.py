"""The state of one call: which requests it sends, what their answers mean, whether and when to send another.

The transports send the requests and hand over the answers. Nothing here touches a socket.
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeAlias, TypeVar, cast

from sleeptalk import __version__
from sleeptalk.runtime import http
from sleeptalk.runtime.bodies import BodyReader, RequestBody, TooLargeError, UndecodableError
from sleeptalk.runtime.decoding import read_json
from sleeptalk.runtime.errors import (
    CallFailed,
    ConnectionFailed,
    ContractViolation,
    DeadlineExceeded,
    RateLimited,
    ResponseTooLarge,
)
from sleeptalk.runtime.overrides import checked_headers, checked_path
from sleeptalk.runtime.recorded import Noted
from sleeptalk.runtime.response import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from sleeptalk.runtime.clock import Deadline
    from sleeptalk.runtime.options import Options, Server
    from sleeptalk.runtime.overrides import Overrides
    from sleeptalk.runtime.recorded import Failed
    from sleeptalk_generated.operation import Call

T = TypeVar("T")

CLOCK_GRAIN = 0.01  # seconds by which a socket's timeout may come before the deadline that it was made from
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})  # RFC 9110, 9.2.2
TRANSIENT = frozenset({408, 429, 502, 503, 504})
NOT_DONE = frozenset({429, 503})  # the transient ones after which the request was certainly not carried out
REDIRECTS = frozenset({301, 302, 303, 307, 308})
REPEATING_REDIRECTS = frozenset({307, 308})  # those that keep method and body
MOST_REDIRECTS = 5
LONGEST_JITTER = 8.0  # seconds

DEADLINE = "sleeptalk.deadline"  # the extension of a request that has the deadline of its call

logger = logging.getLogger("sleeptalk")


class Success(NamedTuple, Generic[T]):
    """An attempt that returned the result of the call."""

    value: T

    def unwrap(self) -> T:
        """Return the result."""
        return self.value


class Failure(NamedTuple):
    """An attempt that failed. `may_pass`: whether the same request may succeed later."""

    error: CallFailed
    may_pass: bool = False

    def unwrap(self) -> NoReturn:
        """Raise the error. Nothing is chained to it: an exception of the HTTP client holds the request and its keys."""
        raise self.error


Result: TypeAlias = Success[T] | Failure


def is_answer(result: Result[Any]) -> bool:
    """Return whether the service has answered, with whatever."""
    return isinstance(result, Success) or result.error.response is not None


def asks_to_wait(failure: Failure) -> bool:
    """Return whether the service asks for fewer requests, in words or with `retry-after`."""
    return failure.may_pass and (isinstance(failure.error, RateLimited) or failure.error.retry_after is not None)


class CallState(Generic[T]):
    """One call: its attempts so far, how far the present one has come, and the deadline of the whole.

    Raises a CallFailed or a ConfigurationError for arguments that cannot be sent.
    """

    def __init__(
        self, call: Call[T], overrides: Overrides, server: Server, options: Options, deadline: Deadline
    ) -> None:
        self.deadline = deadline
        self.attempts = 0
        self._call = call
        self._overrides = overrides
        self._server = server
        self._options = options
        self._clock = deadline.clock
        self._method = call.operation.method
        self._repeatable = self._method in IDEMPOTENT and call.operation.id not in overrides.once
        path = checked_path(call, overrides, check_ids=options.check_ids)
        wanted = {parameter.wire.lower() for parameter in call.operation.parameters} | {"authorization"}
        self._secrets = {name: secret for name, secret in server.secrets.items() if name in wanted}
        for name, secret in self._secrets.items():
            secret.check_header(name)
        self._headers = checked_headers(call)
        self._body = None if call.operation.body is None or call.body is None else RequestBody(call)
        self._home = self._url_of(path)
        self._url = self._home
        self._redirects = 0
        self._response: http.HttpResponse | None = None  # once its headers have come
        self._reader: BodyReader | None = None
        self._failed_with_500 = False
        self._started = 0.0
        self._asked: dict[str, str] = {}  # the headers of the request that is under way

    def begin(self) -> None:
        """Begin a new attempt at the first URL."""
        self.attempts += 1
        self._url = self._home
        self._redirects = 0
        self._response = self._reader = None
        self._started = self._clock.monotonic()

    def request(self, client: http.AnyHttpClient) -> http.HttpRequest:
        """Make the next request. Keys go into it only at the origin that they are meant for.

        Raises DeadlineExceeded, or what the HTTP library raises.
        """
        self.check_time()
        self._started = self._clock.monotonic()
        headers = {
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": f"sleeptalk/{__version__}",
        }
        if self.at_home:
            headers |= self._headers
            headers |= {name: secret.reveal() for name, secret in self._secrets.items()}
            if self._body is not None:  # said here, as an injected client may say another to every request
                headers["content-type"] = self._body.media_type
        self._asked = headers
        request = http.request_of(
            client,
            self._method,
            self._url,
            headers,
            self._body,
            limit=self.deadline.limit,
            check_time=self.check_time,
            at_home=self.at_home,
        )
        request.extensions[DEADLINE] = self.deadline
        return request

    @property
    def status(self) -> int | None:
        """The status of the last answer, None where none has come."""
        return None if self._response is None else self._response.status_code

    @property
    def at_home(self) -> bool:
        """Whether the next request goes to the origin of the service: the same scheme, host and port."""
        return _origin(self._url) == _origin(self._home)

    def follows(self, response: http.HttpResponse, client: http.AnyHttpClient) -> bool:
        """Return whether the answer is a redirect to follow; if so, the next request goes there.

        A request that changes something is sent once more only as it was, and only to the service itself.
        """
        allowed = self._options.follow_redirects
        allowed = client.follow_redirects if allowed is None else allowed
        if not allowed or response.status_code not in REDIRECTS or self._redirects == MOST_REDIRECTS:
            return False
        if self._body is not None and not self._body.repeatable:
            return False
        target = http.redirect_target(self._url, response)
        if target is None:
            return False
        if self._method not in ("GET", "HEAD") and not (
            response.status_code in REPEATING_REDIRECTS and _origin(target) == _origin(self._home)
        ):
            return False
        self._log(str(response.status_code))
        self._redirects += 1
        self._url = target
        return True

    def reader(self, response: http.HttpResponse) -> BodyReader:
        """Prepare to read the answer's body; raises TooLargeError where its content-length is already too large."""
        self._response = response
        # A mocked answer has been read and decompressed before it gets here.
        encoding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "")
        self._reader = BodyReader(self._options.body_limit, encoding)
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > self._options.body_limit:
            raise TooLargeError
        return self._reader

    def feeder(self, response: http.HttpResponse) -> Callable[[bytes], None]:
        """Prepare to read the answer's body, as `reader` does; return what takes each chunk while there is time."""
        reader = self.reader(response)

        def feed(piece: bytes) -> None:
            self.check_time()
            reader.feed(piece)

        return feed

    def check_time(self) -> None:
        """Raise DeadlineExceeded once the deadline has passed: a body that drips never times out by itself."""
        if self.deadline.passed:
            raise self._expired()

    def answered(self, response: http.HttpResponse, content: bytes) -> Result[T]:
        """Return the outcome of a whole answer."""
        answer = self._answer(response, content)
        self._record(answer, content)
        if answer.status not in self._call.operation.results:
            return self._refused(answer)
        self._log(str(answer.status))
        try:
            return Success(self._read(answer))
        except CallFailed as error:
            return self._failure(error)

    def failed(self, error: Exception) -> Failure:
        """Return the outcome of an attempt without a whole answer, or with one that cannot be read.

        Raises the error itself where it is the caller's own.
        """
        if self._body is not None and self._body.interruption is not None:
            self._log(type(self._body.interruption).__name__)
            raise self._body.interruption
        if isinstance(error, CallFailed):
            self._record(None, failure="timeout")
            return self._failure(error)
        if not isinstance(error, (TooLargeError, UndecodableError)) and not http.is_failure(error):
            own = http.callers_own(error)
            self._log(type(own).__name__)
            raise own
        refusal = self._refusal_in(error)
        if refusal is not None:
            self._record(refusal)
            return self._refused(refusal)
        if isinstance(error, (TooLargeError, UndecodableError)):
            self._record(self._partial_answer())
        if isinstance(error, TooLargeError):
            limit = self._options.body_limit
            advice = "raise body_limit with with_options if that is expected"
            return self._failure(
                ResponseTooLarge(f"{self._name} was answered with more than {limit} bytes: {advice}.", limit=limit)
            )
        if isinstance(error, UndecodableError):
            message = f"{self._name} was answered with a body that cannot be decompressed: {error}."
            return self._failure(ContractViolation(message, path="header content-encoding"))
        if self.deadline.remaining <= (CLOCK_GRAIN if http.is_timeout(error) else 0.0):
            return self.out_of_time()
        self._record(None, failure="connection")
        reason = self._server.redact(http.reason_of(error))
        repeatable = self._repeatable or http.nothing_was_sent(error)
        doubt = "" if repeatable else ": it may have been carried out all the same"
        failure = ConnectionFailed(f"{self._name} got no whole answer ({reason}){doubt}.", reason=reason)
        return self._failure(failure, may_pass=repeatable and http.may_pass(error))

    def out_of_time(self) -> Failure:
        """Return the outcome of an attempt that was stopped by the deadline or by a cancellation."""
        self._record(None, failure="timeout")
        return self._failure(self._expired())

    def no_turn(self, turns: int) -> Failure:
        """Return the outcome of a call that was not begun, or not repeated: as many others were before it."""
        waited = self.deadline.waited
        message = (
            f"{self._name} waited {waited:.2f} s for its turn, as the {turns} calls before it were not answered: "
            "try later, or raise timeout or max_concurrency."
        )
        return self._failure(DeadlineExceeded(message, timeout=self.deadline.seconds, waited=waited))

    def pause(self, result: Result[T], *, alone: bool) -> float | None:
        """Return the seconds to wait before the next attempt, None where there is to be no other.

        A call of a batch, not `alone`, has no other where the service asks for a pause: the whole batch makes it.

        The server's `retry-after` replaces our own wait, which is anything from 0 to 0.5, 1, 2, 4, at most 8 s. A wait
        that does not fit into the deadline is not begun: the error at hand is the result at once.
        """
        if isinstance(result, Success) or not result.may_pass or self.attempts > self._options.retries:
            return None
        if self._body is not None and not self._body.repeatable:
            return None
        if not alone and asks_to_wait(result):
            return None
        asked = result.error.retry_after
        longest = min(LONGEST_JITTER, 0.5 * 2 ** min(self.attempts - 1, 10))
        pause = random.uniform(0, longest) if asked is None else asked  # noqa: S311  # it spreads load
        return pause if pause < self.deadline.remaining else None

    def _read(self, answer: Response) -> T:
        kind = self._call.operation.results[answer.status]
        if kind is None:
            return cast("T", None)
        override = self._overrides.readers.get(self._call.operation.id)
        if override is None:
            return read_json(answer, kind)
        body: Any = read_json(answer, kind, repair=override.repair)
        return cast("T", override.read(body, answer, self._call))

    def _url_of(self, path: str) -> http.Url:
        try:
            return http.url_of(self._server.base_url + path)
        except ValueError as error:
            reason = str(error)
        raise ConnectionFailed(f"The request cannot be sent: its address is not a URL ({reason}).", reason=reason)

    @property
    def _name(self) -> str:
        return f"{self._method} {self._home.scheme}://{self._home.netloc.decode('ascii')}{_path(self._home)}"

    def _expired(self) -> DeadlineExceeded:
        seconds, waited = self.deadline.seconds, self.deadline.waited
        apart = f", after {waited:.2f} s of waiting for its turn, which do not count" if waited else ""
        problem = f"{self._name} was not answered within {seconds:g} s, retries included{apart}"
        message = f"{problem}: raise timeout, or try later."
        return DeadlineExceeded(message, timeout=seconds, waited=waited)

    def _answer(self, response: http.HttpResponse, content: bytes) -> Response:
        return Response(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
            attempts=self.attempts,
            seconds=self._clock.monotonic() - self._started,
        )

    def _record(self, answer: Response | None, content: bytes | None = None, *, failure: Failed | None = None) -> None:
        """Record an attempt, where that is wanted, with our own headers alone: the caller's may be keys."""
        if self._options.recorder is not None:
            url = f"{self._url.scheme}://{self._url.netloc.decode('ascii')}{self._url.raw_path.decode('ascii')}"
            body = None if self._body is None else self._body.content
            seconds = self._clock.monotonic() - self._started
            noted = Noted(self._method, url, self._asked, self._secrets, body, answer, content, seconds, failure)
            self._options.recorder.record_call(noted)

    def _partial_answer(self) -> Response | None:
        """Return the answer as far as it came, None where not even its headers did."""
        if self._response is None:
            return None
        return self._answer(self._response, b"" if self._reader is None else self._reader.so_far)

    def _refusal_in(self, error: Exception) -> Response | None:
        """Return the answer where its status alone decides, even if its body cannot be read."""
        partial = self._partial_answer()
        if partial is not None:
            decided = isinstance(error, (TooLargeError, UndecodableError)) or http.refusal_in(error) is not None
            return partial if decided and partial.status not in self._call.operation.results else None
        refusal = http.refusal_in(error)
        return None if refusal is None else self._answer(refusal, http.content_of(refusal))

    def _refused(self, answer: Response) -> Failure:
        self._log(str(answer.status))
        error = self._overrides.refusal(answer, self._call, self._server.redact)
        error.attempts = self.attempts
        return Failure(error, may_pass=isinstance(error, RateLimited) or self._transient(answer.status))

    def _failure(self, error: CallFailed, *, may_pass: bool = False) -> Failure:
        error.attempts = self.attempts
        if error.response is None:
            error.response = self._partial_answer()
            cancelled = isinstance(error, DeadlineExceeded) and self.deadline.remaining > CLOCK_GRAIN
            self._log("cancelled" if cancelled else type(error).__name__)
        return Failure(error, may_pass=may_pass)

    def _transient(self, status: int) -> bool:
        """Return whether another attempt may be answered differently. A 500 gets one more attempt only."""
        if not self._repeatable:
            return status in NOT_DONE
        if status != 500:  # noqa: PLR2004  # as said
            return status in TRANSIENT
        first = not self._failed_with_500
        self._failed_with_500 = True
        return first

    def _log(self, ending: str) -> None:
        milliseconds = (self._clock.monotonic() - self._started) * 1000
        logger.info("%s %s %s %.0f ms attempt %d", self._method, _path(self._url), ending, milliseconds, self.attempts)


def _path(url: http.Url) -> str:
    """Return the path as it is sent, quoted, so that it cannot begin a new line in a log."""
    return url.raw_path.partition(b"?")[0].decode("ascii")


def _origin(url: http.Url) -> tuple[str, str, int | None]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, port
