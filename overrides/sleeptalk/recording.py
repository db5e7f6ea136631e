"""Recordings: requests and their answers over HTTP, one JSON object per line, for `sleeptalk judge`.

    with Recorder("traffic.ndjson") as recorder, Client(recorder=recorder) as client:
        ...

Every client and every receiver takes a `recorder`; one Recorder may serve them all. Keys are not written: what stands
in their place says whether a receiver took them for right.
"""

from __future__ import annotations

import atexit
import base64
import logging
import os
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple, Self

import msgspec

from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.forms import without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from types import TracebackType

    from sleeptalk.runtime.response import Response

__all__ = ["Binary", "Recorded", "RecordedRequest", "RecordedResponse", "Recorder", "encode_line", "schema"]

KEY: Final = "[key left out]"
"""Stands for a key of which the recording does not say whether it was right."""
RIGHT_KEY: Final = "[right key left out]"
WRONG_KEY: Final = "[wrong key left out]"

SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers that carry secrets in any service, and are never written."""

BODY_LIMIT: Final = 1024 * 1024
BUFFER_LIMIT: Final = 16 * 1024 * 1024

logger = logging.getLogger("sleeptalk")


def __dir__() -> list[str]:
    return __all__


class Binary(msgspec.Struct, frozen=True):
    """A body that is not UTF-8."""

    base64: Annotated[str, msgspec.Meta(description="The bytes of a body that is not UTF-8, in base64.")]


Body = str | Binary | None
Failed = Literal["timeout", "connection"]
Pairs = Annotated[
    list[tuple[str, str]],
    msgspec.Meta(
        description=(
            "Names and values in their order, repeated ones as often as they came. A key is left out: its value is"
            f" {KEY}, or {RIGHT_KEY} or {WRONG_KEY} where that was known."
        )
    ),
]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]
_BODY: Final = msgspec.Meta(
    description=(
        "The body without its content-encoding, as text or as an object with base64; null where there was none, or"
        " where it was not recorded."
    )
)


class RecordedRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request."""

    method: Annotated[str, msgspec.Meta(min_length=1, description="In capitals, such as GET.")]
    url: Annotated[str, msgspec.Meta(min_length=1, description="The whole address, or the path and the query alone.")]
    headers: Pairs = []
    body: Annotated[Body, _BODY] = None


class RecordedResponse(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer."""

    status: Annotated[int, msgspec.Meta(ge=100, le=999, description="The status of HTTP.")]
    headers: Pairs = []
    body: Annotated[Body, _BODY] = None
    version: Annotated[str, msgspec.Meta(description="The version of HTTP, such as HTTP/1.1; empty if unknown.")] = ""
    ended_early: Annotated[
        str,
        msgspec.Meta(
            description="How far the body came where the connection was closed before its end, such as: ended after"
            " 100 of 200 bytes."
        ),
    ] = ""


class Recorded(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: an exchange, or how many were not recorded."""

    request: Annotated[RecordedRequest | None, msgspec.Meta(description="What was asked.")] = None
    response: Annotated[
        RecordedResponse | None, msgspec.Meta(description="What was answered; null where no whole answer came.")
    ] = None
    started: Annotated[str, msgspec.Meta(description="When the request began, in ISO 8601 with an offset.")] = ""
    seconds: Annotated[_Seconds | None, msgspec.Meta(description="From the first byte sent to the last received.")] = (
        None
    )
    failure: Annotated[Failed | None, msgspec.Meta(description="Why no whole answer came.")] = None
    webhook: Annotated[bool, msgspec.Meta(description="Whether it is known to be a delivery of a webhook.")] = False
    from_cache: Annotated[
        bool,
        msgspec.Meta(description="Whether the answer came from a cache or a service worker, and not from the server."),
    ] = False
    headers_left_out: Annotated[
        bool, msgspec.Meta(description="Whether headers that carry keys may have been left out of the recording.")
    ] = False
    lost: Annotated[
        int,
        msgspec.Meta(ge=0, description="Exchanges that were not recorded before this line. It then has no request."),
    ] = 0


_ENCODER: Final = msgspec.json.Encoder()


def encode_line(recorded: Recorded) -> bytes:
    """Return an exchange as a line, with its line end."""
    return _ENCODER.encode(recorded) + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a line."""
    found = msgspec.json.schema(Recorded)
    definition = found["$defs"]["Recorded"]
    definition["anyOf"] = [{"required": ["request"]}, {"required": ["lost"]}]
    title = {"title": "A line of a recording of sleeptalk", **{k: v for k, v in definition.items() if k != "title"}}
    others = {name: value for name, value in found["$defs"].items() if name != "Recorded"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:sleeptalk:recording",
        **title,
        "$defs": others,
    }


def body_of(content: bytes | None) -> Body:
    """Return a body as a line has it."""
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return Binary(base64.b64encode(content).decode())


def redacting(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return what takes secrets out of a text, also where they are encoded: keys, or values of `Authorization`."""
    found = {secret for value in secrets for secret in (value, *_parts_of_basic(value)) if secret}
    longest_first = sorted(found, key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in longest_first:
            text = without(text, secret, KEY)
        return text

    return redact


def _parts_of_basic(value: str) -> list[str]:
    """Return what stands in a value of `Authorization`: its token, and the password of the scheme Basic."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "basic":
        return [token]
    try:
        return [token, base64.b64decode(token).decode().partition(":")[2]]
    except ValueError:
        return [token]


def redacted_body(body: Body, redact: Callable[[str], str]) -> Body:
    """Return a body without the secrets that `redact` takes out of texts, whether it is text or not."""
    if isinstance(body, Binary):
        text = base64.b64decode(body.base64).decode(errors="surrogateescape")
        return body_of(redact(text).encode(errors="surrogateescape"))
    return None if body is None else redact(body)


def without_secrets(
    headers: Iterable[tuple[str, str]], secret: Collection[str], redact: Callable[[str], str] = str, mark: str = KEY
) -> list[tuple[str, str]]:
    """Return headers with `mark` in the place of keys; `secret` are names of their headers in lower case."""
    return [
        (name, mark if name.lower() in secret else KEY if name.lower() in SECRET_HEADERS else redact(value))
        for name, value in headers
    ]


class Noted(NamedTuple):
    """One request of a client, and what came of it.

    - `secret`: the names of the headers that carry keys, in lower case.
    - `content`: the body of the answer; None where it is not whole.
    - `seconds`: how long it took.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    secret: Collection[str]
    body: bytes | None
    answer: Response | None
    content: bytes | None
    seconds: float
    failure: Failed | None


class Recorder:
    """Appends exchanges to a file, which only the user may read. Safe to use from several threads and after a fork.

    - `path`: the file; lines are added to one that exists.
    - `body_limit`: bytes of the longest body that is written; a longer one is left out, which the line says.
    - `buffer_limit`: bytes that may wait to be written. A thread of its own writes, so that a slow disk slows no call:
      what finds no room is lost, which the file says.

    A context manager, which writes what waits and closes the file. Raises ConfigurationError where the file cannot be
    opened.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, body_limit: int = BODY_LIMIT, buffer_limit: int = BUFFER_LIMIT
    ) -> None:
        self.body_limit = body_limit
        self._path = os.fspath(path)
        self._limit = buffer_limit
        try:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(f"The recording {self._path} cannot be opened ({reason}).") from None
        self._first = b"\n" if _ends_within_a_line(Path(self._path)) else b""
        self._closed = False
        self._failed = False
        self._lost_in_all = 0
        self._writer: threading.Thread | None = None
        self._begin()
        atexit.register(self.close)

    def __repr__(self) -> str:
        return f"Recorder({self._path!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def lost(self) -> int:
        """Exchanges that are not in the file, as they found no room or could not be written."""
        return self._lost_in_all

    @classmethod
    def of(cls, given: object) -> Recorder | None:
        """Return the recorder that an argument names: None, one itself, or a new one for a path."""
        if given is None or isinstance(given, Recorder):
            return given
        if isinstance(given, (str, os.PathLike)):
            return cls(given)
        raise ConfigurationError(f"recorder must be a Recorder or the path of a file, not {type(given).__name__}.")

    def record(self, recorded: Recorded) -> None:
        """Add an exchange. It never blocks and never fails; after `close` it does nothing."""
        line = encode_line(recorded)
        if self._process != os.getpid():  # after a fork: the parent writes what waits, and may have held the lock
            self._begin()
        with self._waits:
            if self._closed:
                return
            if self._size + len(line) > self._limit:
                self._lost += 1
                self._lost_in_all += 1
                return
            self._lines.append(line)
            self._size += len(line)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="sleeptalk recorder", daemon=True)
                self._writer.start()
            self._waits.notify()

    def record_call(self, noted: Noted) -> None:
        """Add what a client has asked and was answered."""
        secret = SECRET_HEADERS | set(noted.secret)
        redact = redacting(value for name, value in noted.headers.items() if name.lower() in secret)
        response = None
        if noted.answer is not None:
            headers = without_secrets(noted.answer.headers.items(), (), redact)
            response = RecordedResponse(noted.answer.status, headers, self._body(noted.content, redact))
        headers = without_secrets(noted.headers.items(), noted.secret, redact)
        body = self._body(noted.body, redact)
        self.record(
            Recorded(
                request=RecordedRequest(noted.method, redact(noted.url), headers, body),
                response=response,
                started=datetime.fromtimestamp(time.time() - noted.seconds, tz=UTC).isoformat(),
                seconds=noted.seconds,
                failure=noted.failure,
            )
        )

    def _body(self, content: bytes | None, redact: Callable[[str], str]) -> Body:
        return redacted_body(body_of(self.short(content)), redact)

    def short(self, content: bytes | None) -> bytes | None:
        """Return a body, or None where it is longer than what is written."""
        return None if content is None or len(content) > self.body_limit else content

    def close(self) -> None:
        """Write what waits, and close the file. A second time does nothing."""
        if self._process != os.getpid():
            self._begin()
        with self._waits:
            if self._closed:
                return
            self._closed = True
            self._waits.notify()
            writer = self._writer
        if writer is not None:
            writer.join()
        atexit.unregister(self.close)
        os.close(self._file)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waits = threading.Condition()
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        self._writer = None

    def _write_all(self) -> None:
        while True:
            with self._waits:
                while not self._lines and not self._closed:
                    self._waits.wait()
                lines = list(self._lines)
                self._lines.clear()
                over = self._closed
            self._write(lines)
            with self._waits:
                self._size -= sum(map(len, lines))
            if over:
                return

    def _write(self, lines: list[bytes]) -> None:
        with self._waits:
            lost, self._lost = self._lost, 0
        if lost:
            lines = [*lines, encode_line(Recorded(lost=lost))]
        if not lines:
            return
        try:
            _write_whole(self._file, self._first + b"".join(lines))
            self._first = b""
        except OSError as error:
            with self._waits:
                self._lost += lost + len(lines) - bool(lost)
                self._lost_in_all += len(lines) - bool(lost)
            if not self._failed:
                logger.error("recorder: %s cannot be written (%s)", self._path, error.strerror)  # noqa: TRY400  # one line
            self._failed = True


def _ends_within_a_line(path: Path) -> bool:
    """Whether a file ends within a line, as the program that wrote it was killed."""
    try:
        if not path.is_file() or not path.stat().st_size:
            return False
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() != b"\n"
    except OSError:  # it may be written and not read
        return False


def _write_whole(file: int, content: bytes) -> None:
    """Write bytes, or nothing of them; raises OSError."""
    written = 0
    try:
        while written < len(content):
            written += os.write(file, content[written:])
    except OSError:
        if written:
            os.ftruncate(file, os.fstat(file).st_size - written)
        raise
