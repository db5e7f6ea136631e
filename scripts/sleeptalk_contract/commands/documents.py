"""`sleeptalk documents`: where the documents of the contract are, for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.output import write_data
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service

SCHEMATHESIS: Final = "schemathesis.toml"


def documents(services: Sequence[Service]) -> click.Command:
    """Return the command for the documents of some services."""
    paths = {service.name: service.document for service in services}

    @click.command(cls=Command)
    @click.argument("name", type=click.Choice(list(paths)), required=False)
    @click.option("--schemathesis", is_flag=True, help="Print where the settings for stock schemathesis are, instead.")
    def documents(*, name: str | None, schemathesis: bool) -> None:
        """Print the path of each document, or of the one called NAME alone, for tools that read OpenAPI.

        They are the ones that this installation judges by.

        Exit codes: 0 printed, 2 there is no such document.

        `st run "$(sleeptalk documents asleep)"` hands one to schemathesis.

        Example: sleeptalk documents asleep
        """
        if schemathesis and name is not None:
            raise UsageError("--schemathesis is about every document: leave NAME out.")
        if schemathesis:
            shown: list[Path] = [folder() / SCHEMATHESIS]
        else:
            shown = list(paths.values()) if name is None else [paths[name]]
        write_data("".join(f"{path}\n" for path in shown))

    return documents
