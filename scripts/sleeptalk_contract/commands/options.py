"""What several commands ask of the values of their options."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from sleeptalk.runtime.options import HEADER_VALUE
from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError

LONGEST_SECONDS: Final = 366 * 24 * 60 * 60.0
"""A year: far longer times are more than a socket can wait for."""

FOLDER: Final = click.Path(path_type=Path, file_okay=False)
FILE: Final = click.Path(path_type=Path, dir_okay=False)
REPORT_DIR: Final = click.option(
    "--report-dir", type=FOLDER, metavar="DIR", help="Write report.json, junit.xml and report.html into this folder."
)


class Seconds(click.FloatRange):
    """A time in seconds: more than 0, at most a year, and a number (which nan is not)."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a time, or fail with a sentence."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds) or seconds > LONGEST_SECONDS:
            self.fail(f"{value!r} is no time: write seconds, at most a year, such as 10.", param, ctx)
        return seconds


def checked_header(value: str | None, option: str) -> str | None:
    """Return a key or an id as it is, seen to be one that a header can carry; None for an empty one and for None.

    `option` is where it comes from, such as "--api-key". Raises UsageError with a sentence that does not show it.
    """
    if value and not HEADER_VALUE.fullmatch(value):
        raise UsageError(
            f"The value of {option} cannot be sent in a header: use printable ASCII, without a space or a line end at"
            " either end."
        )
    return value or None


def given_credentials(target: Target, given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the credentials of a target by header, from options (by their name) or environment variables.

    Keys are remembered for redaction. Raises UsageError for a value that no header can carry.
    """
    found: dict[str, str] = {}
    for credential in target.credentials:
        option = given.get(credential.option)
        value = option or os.environ.get(credential.variable)
        if credential.secret:
            remember_key(value)
        checked = checked_header(value, credential.option if option else credential.variable)
        if checked is not None:
            found[credential.header] = checked
    return found
