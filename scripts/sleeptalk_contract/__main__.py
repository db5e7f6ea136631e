"""The command `sleeptalk`, before anything heavy is imported."""

import signal
import sys

from sleeptalk_contract.commands.pipes import go_on_unread


def main() -> int:
    """Run one command.

    Returns: the exit code. 0 the contract holds, 1 it is broken, 2 the run could not be made, 130 interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # from the first moment on, as ctrl-C
    go_on_unread()
    try:
        from sleeptalk_contract.commands import program as cli  # noqa: PLC0415  # so that a missing package becomes a sentence

        return cli.run(sys.argv[1:])
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"sleeptalk: the package {error.name} is missing;"
            ' install the command with: pip install "sleeptalk[contract]".\n'
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("sleeptalk: interrupted.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
