"""Recordings: requests and their answers over HTTP, one JSON object per line, for `sleeptalk judge`.

    with Recorder("traffic.ndjson") as recorder, Client(recorder=recorder) as client:
        ...

Every client and every receiver takes a `recorder`; one Recorder may serve them all. Keys are not written: what stands
in their place says whether a receiver took them for right.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from sleeptalk.runtime.errors import ConfigurationError
from sleeptalk.runtime.recorded import (
    SECRET_HEADERS,
    Binary,
    Noted,
    Recorded,
    RecordedRequest,
    RecordedResponse,
    body_of,
    encode_line,
    redacted_body,
    redacting,
    schema,
    without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sleeptalk.runtime.recorded import Body

__all__ = ["Binary", "Recorded", "RecordedRequest", "RecordedResponse", "Recorder", "encode_line", "schema"]

BODY_LIMIT: Final = 1024 * 1024
BUFFER_LIMIT: Final = 16 * 1024 * 1024

logger = logging.getLogger("sleeptalk")


def __dir__() -> list[str]:
    return __all__


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
