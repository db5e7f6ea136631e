"""`sleeptalk config`: check the settings file, and write its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.program import WITH_SETTINGS, command_named
from sleeptalk_contract.commands.settings import OWN_FILE, SHARED_FILE, chosen_settings
from sleeptalk_contract.commands.settings_schema import settings_schema
from sleeptalk_contract.contract.output import say, write_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service


def config(services: Sequence[Service]) -> click.Command:
    """Return the command for some services."""

    @click.command(cls=Command)
    @click.option("--schema", is_flag=True, help="Write the JSON Schema of the file instead.")
    @click.pass_context
    def config(context: click.Context, *, schema: bool) -> None:
        """Check every table of sleeptalk.toml, or of [tool.sleeptalk] in pyproject.toml, and name the file.

        Exit codes: 0 the file is right, or there is none, 2 it is not.

        Example: sleeptalk config --schema > sleeptalk.schema.json
        """
        if schema:
            write_data(schema_text(services))
            return
        named: Path | None = None if context.parent is None else context.parent.params.get("config")
        settings = chosen_settings(named)
        if settings is None:
            say(f"There is neither {OWN_FILE} nor [tool.sleeptalk] in {SHARED_FILE}, here or above.")
            return
        commands = _commands(services)
        settings.check_commands(list(commands))
        for name in settings.value:
            settings.check([name], commands[name])
        say(f"{settings.path} is right: it has options for {', '.join(settings.value) or 'no command'}.")

    return config


def schema_text(services: Sequence[Service]) -> str:
    """Return the JSON Schema of the settings file of some services, as the text of a file."""
    return json.dumps(settings_schema(_commands(services)), indent=2, ensure_ascii=False) + "\n"


def _commands(services: Sequence[Service]) -> Mapping[str, click.Command]:
    return {name: command_named(name, lambda: services) for name in WITH_SETTINGS}
