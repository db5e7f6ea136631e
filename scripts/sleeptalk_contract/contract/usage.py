"""The one error that every command raises when its run cannot be made, and the text that its sentence may quote."""

import difflib
import unicodedata
from collections.abc import Iterable

import click


class UsageError(click.ClickException):
    """A run that could not be made: a usage error, an unreachable server, a file that cannot be written.

    The message is one sentence: what is wrong, where, and what to do. The exit code is 2.
    """

    exit_code = 2


def plain(text: str) -> str:
    """Return the text without control, format and surrogate characters; a line break becomes a space."""
    spaced = "".join(" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if not unicodedata.category(character).startswith("C"))


def one_line(text: str) -> str:
    """Return the text as one line, fit for a sentence of an error or a comment in source code."""
    return " ".join(plain(text).split())


def listed(names: Iterable[str], word: str = "or") -> str:
    """Return some names, of which there is at least one, as a list in words: "a, b or c"."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def did_you_mean(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return "did you mean ...?" with the one of some names that is most like a name, or else `otherwise`."""
    by_lower_case = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return f"did you mean {by_lower_case[close[0]]}?" if close else otherwise
