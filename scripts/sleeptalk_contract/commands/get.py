"""`sleeptalk get`: one result of a service in the terminal, or as JSON, a table or a picture."""

from __future__ import annotations

import csv
import io
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from sleeptalk.drawing.layout import NARROWEST, WIDEST, WIDTH, Theme
from sleeptalk.errors import ContractViolation, SleeptalkError
from sleeptalk_contract.commands.options import FILE, Seconds, all_of, credential_options, given_credentials, targets_of
from sleeptalk_contract.contract.address import checked_address
from sleeptalk_contract.contract.output import say, write_data, write_json
from sleeptalk_contract.contract.redaction import escaped, redacted
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.reporting.folder import write_whole
from sleeptalk_contract.reporting.page import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.reading import Kept, Reading
    from sleeptalk_contract.contract.service import Service, Target


_PICTURE: Final = (
    click.option("--svg", type=FILE, metavar="FILE", help="Draw its picture into this file as well."),
    click.option(
        "--theme", type=click.Choice(get_args(Theme)), default="light", show_default=True, help="The ground of --svg."
    ),
    click.option(
        "--width",
        type=click.FloatRange(NARROWEST, WIDEST),
        default=WIDTH,
        show_default=True,
        metavar="PIXELS",
        help="How wide --svg is; 390 is for a phone.",
    ),
)


class AnswerBroken(click.ClickException):
    """The service answered, and its answer breaks the contract."""

    exit_code = 1


def get(services: Sequence[Service]) -> click.Group:
    """Return the commands that read one result of a service each."""
    group = click.Group(
        "get",
        help=(
            "Read one result of a service, and show it.\n\n"
            "Keys come from the environment or from options.\n\n"
            "Exit codes: 0 it was read, 1 the answer breaks the contract, 2 it could not be read."
        ),
    )
    for target in targets_of(services):
        for reading in target.readings:
            group.add_command(_command(target, reading))
    return group


def _command(target: Target, reading: Reading) -> click.Command:
    name = "-".join(filter(None, (target.name, reading.name)))
    example = f"sleeptalk get {name} {reading.identifier} --json"
    help_text = f"{reading.summary}\n\nExit codes: as of `sleeptalk get`.\n\nExample: {example}"
    asked = tuple(each for each in target.credentials if each.header != reading.names_header)
    target = replace(target, credentials=asked)

    @click.command(name, help=help_text)
    @click.argument("identifier", metavar=reading.identifier)
    @click.option("--url", metavar="URL", envvar=reading.variable, show_envvar=True, help=_url_help(reading))
    @all_of(click.option(option, metavar="VALUE", help=text) for option, text in reading.options)
    @credential_options([target])
    @click.option(
        "--timeout", type=Seconds(), default=30.0, show_default=True, metavar="SECONDS", help="How long it may take."
    )
    @click.option(
        "--json", "as_json", is_flag=True, help="Print the body of the answer instead, in the form of the contract."
    )
    @click.option("--csv", "as_csv", is_flag=True, help="Print a table instead, with a line of names.")
    @all_of(_PICTURE if reading.svg is not None else ())
    def command(
        *,
        identifier: str,
        url: str | None,
        timeout: float,
        as_json: bool,
        as_csv: bool,
        svg: Path | None = None,
        theme: Theme = "light",
        width: float = WIDTH,
        **given: Any,
    ) -> None:
        if as_json and as_csv:
            raise UsageError("--json and --csv cannot be given together: one result is printed in one form.")
        credentials = given_credentials(target, given)
        for each in target.credentials:
            if each.header not in credentials:
                raise UsageError(f"{each.option} is missing: give it, or set {each.variable} in the environment.")
        address = url or reading.address
        if address is None:
            raise UsageError(f"--url is missing: give it, or set {reading.variable} in the environment.")
        checked_address(address, "--url" if url else "the default address")
        if svg is not None and not svg.parent.is_dir():
            raise UsageError(f"--svg {str(svg)!r} cannot be written: there is no folder {str(svg.parent)!r}.")
        own = {name: given[name] for name in (option.lstrip("-").replace("-", "_") for option, _ in reading.options)}
        result = _read(reading, identifier, url=address, credentials=credentials, timeout=timeout, **own)
        if svg is not None and reading.svg is not None:
            _write(svg, reading.svg(result, theme=theme, width=width))
        _print(reading, result, "json" if as_json else "csv" if as_csv else None)
        if svg is not None:
            say(escaped(f"The picture is in {svg}."), err=True)

    return command


def _url_help(reading: Reading) -> str:
    return "Where the service is" + (f"; by default {reading.address}." if reading.address else ".")


def _read(reading: Reading, identifier: str, **arguments: Any) -> Kept:
    try:
        return reading.read(identifier, **arguments)
    except ContractViolation as error:
        raise AnswerBroken(escaped(one_line(str(error)))) from None
    except SleeptalkError as error:
        raise UsageError(escaped(one_line(str(error)))) from None


def _write(path: Path, svg: str) -> None:
    try:
        write_whole(path, redacted(svg) + "\n")
    except OSError as error:
        raise UsageError(f"--svg {str(path)!r} cannot be written: {error.strerror or error}.") from None


def _print(reading: Reading, result: Kept, form: str | None) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character shows its number
    if form == "json":
        write_json(result.to_dict())
    elif form == "csv":
        try:
            rows = reading.rows(result)
        except SleeptalkError as error:
            raise UsageError(escaped(one_line(str(error)))) from None
        write_data(redacted(_table(reading.columns, rows)))
    else:
        show(reading.page(result), screen(width=_width()))


def _table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows under a line of names, which is there without rows too."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: escaped(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows
    )
    return file.getvalue()


def _width() -> int | None:
    """Return the width of what is not a terminal, unless COLUMNS says it; None leaves it to the terminal."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else 100
