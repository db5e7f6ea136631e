"""What is printed: the one way to the console, for people and for programs, on which nothing of the other side acts.

Lines for people may show what an implementation answered, or what a file of others holds. In GitHub Actions and
TeamCity they stand between marks that keep the CI system from taking commands from them, however they are written.
Elsewhere, as in Azure Pipelines, which has no such marks, `inert` alone keeps it from that.
"""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from sleeptalk_contract.contract.redaction import inert, printable, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNSAFE: Final = re.compile(r"[^\n\x20-\x7e]")
_open: list[str] = []
"""The mark that ends the part without commands, while one is open."""


def say(text: str = "", *, err: bool = False) -> None:
    """Print lines for people, on standard error if wished."""
    if not err:
        shield()
    click.echo(quiet(redacted(text)), err=err)


def quiet(text: str) -> str:
    """Return lines in which nothing acts on a terminal or a CI system. Line ends and tabs stay."""
    return inert(printable(text))


def write_data(text: str) -> None:
    """Print a text for programs as it is, without marks around it and without a line end of its own."""
    click.echo(text, nl=False)


def write_json(value: Any) -> None:
    """Print a value as JSON: no character in it acts on a terminal, and no string in it on a CI system."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    write_data(inert(redacted(_UNSAFE.sub(_escaped, text))) + "\n")


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return character if character.isprintable() else json.dumps(character)[1:-1]


def shield() -> None:
    """Let no CI system take commands from what is printed from now on, where it can be told so."""
    if not _open and _is_log(sys.stdout):
        begin, end = _marks()
        if begin:
            _open.append(end)
            click.echo(begin)


def unshield() -> None:
    """End what `shield` began: the CI system takes commands again, also those of later programs."""
    if _open:
        click.echo(_open.pop())


@contextmanager
def commands() -> Iterator[None]:
    """Let the CI system take commands from what is printed in the block, which are our own."""
    shielded = bool(_open)
    unshield()
    try:
        yield
    finally:
        if shielded:
            shield()


def _marks() -> tuple[str, str]:
    """Return what begins and what ends a part without commands; empty where no CI system is told so."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        token = secrets.token_hex(16)  # so that no answer can end it
        return f"::stop-commands::{token}", f"::{token}::"
    if os.environ.get("TEAMCITY_VERSION"):
        return "##teamcity[disableServiceMessages]", "##teamcity[enableServiceMessages]"
    return "", ""


def _is_log(stream: Any) -> bool:
    """Whether a stream may be a log that a CI system reads: not a file that the user writes it to."""
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError, ValueError, io.UnsupportedOperation):
        return True  # a test's own
