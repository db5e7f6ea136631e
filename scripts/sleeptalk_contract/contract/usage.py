"""The one error that every command raises when its run cannot be made."""

import click


class UsageError(click.ClickException):
    """A run that could not be made: wrong use, an unreachable server, a file that cannot be written.

    The message is one sentence that says what is wrong, where, and what to do. The exit code is 2.
    """

    exit_code = 2
