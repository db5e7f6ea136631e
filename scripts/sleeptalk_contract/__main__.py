"""The command `sleeptalk`: its start, before anything is imported that may be missing or slow."""

import io
import os
import signal
import sys
from typing import Any


def main() -> int:
    """Run one command.

    Returns the exit code: 0 no rule is broken, 1 one is, 2 inconclusive or the run could not be made, 130 interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # from the first moment on, as ctrl-C
    _outlive_readers()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")  # a console may lack Korean: \\uc624 is better than an error
    try:
        from sleeptalk_contract.commands import program as cli  # noqa: PLC0415  # so that a missing package becomes a sentence

        return cli.run(sys.argv[1:])
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        sys.stderr.write(
            f"sleeptalk: the package {package} is missing;"
            ' install the command with: pip install "sleeptalk[contract]".\n'
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("sleeptalk: interrupted.\n")
        return 130


def _outlive_readers() -> None:
    """Let the run reach its own exit code where nobody reads its output to the end, as in `sleeptalk ... | head`.

    click and rich would end it with 1, which means that the contract is broken.
    """
    sys.stdout = _reopened(sys.stdout)
    sys.stderr = _reopened(sys.stderr)


def _reopened(stream: Any) -> Any:
    if not isinstance(stream, io.TextIOWrapper) or stream.isatty():
        return stream  # closed from the start, a test's own, or a terminal
    stream.flush()
    raw = io.BufferedWriter(_Outlet(stream.fileno(), "w", closefd=False))
    return io.TextIOWrapper(
        raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering, write_through=stream.write_through
    )


class _Outlet(io.FileIO):
    """A file descriptor that leads nowhere once writing has failed; a pipe without a reader is not an error."""

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


if __name__ == "__main__":
    sys.exit(main())
