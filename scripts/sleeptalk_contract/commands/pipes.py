"""Output that somebody may stop reading, as in `sleeptalk fuzz asleep | head`."""

import io
import os
import sys
from typing import Any


class _Unread(io.FileIO):
    """A file descriptor that leads nowhere once writing has failed. That nobody reads a pipe is no error."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            if not isinstance(error, BrokenPipeError):
                raise
            return len(data)


def go_on_unread() -> None:
    """Let the run go on to its own exit code when nobody reads standard output or error any more.

    click and rich would end it with 1, which means that the contract is broken.
    """
    sys.stdout = _reopened(sys.stdout)
    sys.stderr = _reopened(sys.stderr)


def _reopened(stream: Any) -> Any:
    if not isinstance(stream, io.TextIOWrapper) or stream.isatty():
        return stream  # closed from the start, a test's own, or a terminal
    stream.flush()
    raw = io.BufferedWriter(_Unread(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(
        raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=stream.write_through
    )
