"""The command line of some services: its commands, each imported when it is asked for, and its exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import traceback
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.exceptions import NoArgsIsHelpError
from click.shell_completion import add_completion_class

from sleeptalk_contract.commands.completing import ColonBashComplete
from sleeptalk_contract.contract.output import say, unshield
from sleeptalk_contract.contract.redaction import escaped, redacted, remember_documents, remember_variables
from sleeptalk_contract.contract.usage import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sleeptalk_contract.contract.service import Service

INTERRUPTED: Final = 130

_LONGEST: Final = 1000
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Judge an implementation": {
        "fuzz": "Judge an implementation by the contract's rules.",
        "listen": "Judge the callbacks that an implementation sends.",
        "judge": "Judge traffic that was recorded.",
        "proxy": "Pass traffic on unchanged, and judge it.",
        "replay": "Send failing exchanges again.",
        "report": "Join the reports of shards, or show several together.",
        "rules": "List every rule with its level and sentence.",
        "explain": "Explain one rule, with an example of a break.",
        "documents": "Print where the documents are, for other tools.",
    },
    "Read and serve": {
        "get": "Read one result of a service, and show it.",
        "sandbox": "Serve the services, honest or with chosen faults.",
        "inbox": "Show and handle the callbacks that a receiver has stored.",
    },
    "Make the documents": {
        "generate": "Write the typed clients from the documents.",
        "lint": "Check the documents.",
        "diff": "Compare two versions of the documents.",
        "reference": "Build the API reference.",
        "prove": "Break every rule on purpose, and check that the fuzzer names it.",
    },
    "This program": {
        "config": "Check sleeptalk.toml, and write its JSON Schema.",
        "completion": "Write the script by which a shell completes all this.",
    },
}
"""The commands under their headings in the help, each with its line.

The module of a command in this package has a function of its name, which makes the command for some services, or, where
it needs none, the command itself.
"""

COMMANDS: Final[Mapping[str, str]] = {name: line for section in SECTIONS.values() for name, line in section.items()}
"""The line of each command, in the order of the help."""

WITH_SETTINGS: Final = tuple(name for name in COMMANDS if name != "config")
"""The commands that a settings file may have a table for; the other one checks the file."""


class Program(click.Group):
    """The group of all commands. A command's module is imported when the command runs or shows its own help.

    `load` returns the services; it is called when the first command wants them.
    """

    def __init__(self, load: Callable[[], Sequence[Service]]) -> None:
        super().__init__(
            name="sleeptalk",
            help=(
                "Check implementations of a service against its machine-readable contract, and edit the contract.\n\n"
                "Exit codes: 0 no rule is broken, 1 the contract is broken, 2 inconclusive or not possible, 130"
                " interrupted; the help of each command says more."
            ),
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        add_completion_class(ColonBashComplete)
        self.params.append(
            click.Option(
                ["--config"],
                type=click.Path(path_type=Path, dir_okay=False),
                metavar="FILE",
                help="Read options from this file; by default sleeptalk.toml, or [tool.sleeptalk] of pyproject.toml,"
                " here or in a folder above.",
            )
        )
        click.version_option(package_name="sleeptalk", message="sleeptalk %(version)s")(self)
        self._load = load

    @cached_property
    def services(self) -> Sequence[Service]:
        """The services, whose keys in the environment are kept out of every output from now on."""
        services = self._load()
        remember_variables(variable for service in services for variable in service.key_variables)
        remember_documents(path for service in services for path in service.texts)
        return services

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import one command; None when there is no command of this name."""
        if cmd_name not in COMMANDS:
            return None
        return command_named(cmd_name, lambda: self.services)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that arguments begin with, or fail with a sentence that names the one that is like it."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            advice = did_you_mean(args[0], COMMANDS, "its help lists them all.")
            raise click.UsageError(f"There is no command {args[0]!r}: {advice}", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        asks_for_help = ctx.resilient_parsing or not {"-h", "--help"}.isdisjoint(rest)
        if name is not None and command is not None and name in WITH_SETTINGS and not asks_for_help:
            ctx.default_map = {name: _settings(ctx.params.get("config"), name, command, rest)}
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        """Write the commands from the table above, without importing them."""
        width = max(map(len, COMMANDS))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:{width}}", line) for name, line in commands.items()])

    def redacted(self, text: str) -> str:
        """Return a text without the keys of the services, which it loads for that.

        Services cannot be loaded while a part of the generated code that they import is missing: then nothing but
        `generate` runs, which does not read keys, and problems of a document are reported all the same.
        """
        with suppress(Exception):  # a service that is broken in any way must not hide the error that is to be shown
            _ = self.services
        return redacted(text)


def command_named(name: str, services: Callable[[], Sequence[Service]]) -> click.Command:
    """Return a command of the table above for some services, which are loaded if it needs them."""
    made = getattr(importlib.import_module(f"{__package__}.{name}"), name)
    command = made if isinstance(made, click.Command) else made(services())
    if not isinstance(command, click.Command):
        raise TypeError(f"{name} is not a command")
    return command


def _settings(named: Path | None, name: str, command: click.Command, arguments: Sequence[str]) -> dict[str, Any]:
    """Return what the settings file, if any, has for the options of a command, and say that it was read."""
    from sleeptalk_contract.commands.settings import chosen_settings  # noqa: PLC0415  # help needs none

    settings = chosen_settings(named)
    if settings is None:
        return {}
    settings.check_commands(WITH_SETTINGS)
    found = settings.defaults(name, command, arguments)
    if found:
        say(f"sleeptalk: options of {name} are read from {settings.path}.", err=True)
    return found


def program(services: Sequence[Service]) -> Program:
    """Return the command line of some services."""
    return Program(lambda: services)


def registered() -> Sequence[Service]:
    """Return the services of this project."""
    from sleeptalk_contract.services.registered import SERVICES  # noqa: PLC0415  # brings web servers, half a second

    return SERVICES


def run(arguments: Sequence[str], load: Callable[[], Sequence[Service]] = registered) -> int:
    """Run the command line `arguments` (without the program's name) for the services that `load` returns.

    Returns the exit code. Every error becomes one sentence on standard error, except ModuleNotFoundError, which is
    raised when a package outside this project is missing. The environment variable SLEEPTALK_DEBUG=1 adds the traceback
    of an unexpected error, keys left out.
    """
    group = Program(load)
    try:
        return _run(group, arguments)
    finally:
        unshield()


def _run(group: Program, arguments: Sequence[str]) -> int:
    try:
        code = group.main(args=list(arguments), prog_name="sleeptalk", standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        sentence = group.redacted(error.format_message())
        if isinstance(error, click.UsageError) and error.ctx is not None:
            sentence = f"{sentence} See {error.ctx.command_path} --help."
        say(f"sleeptalk: {sentence}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("sleeptalk: interrupted.", err=True)
        return INTERRUPTED
    except Exception as error:  # the last line of defence: a sentence instead of a traceback
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("sleeptalk"):
            raise  # a package of the extra is missing: __main__ has the sentence
        if os.environ.get("SLEEPTALK_DEBUG") == "1":
            say(group.redacted(traceback.format_exc()), err=True)
        say(f"sleeptalk: {group.redacted(_sentence(error))[:_LONGEST]}", err=True)
        return 2
    return code if isinstance(code, int) else 0


def _missing_folder(error: FileNotFoundError) -> str:
    try:
        Path.cwd()
    except FileNotFoundError:
        return "the current folder does not exist any more: change to one that does."
    return f"a temporary file cannot be written ({error.strerror}): make room, or name another folder in TMPDIR."


def _sentence(error: Exception) -> str:
    """Return a sentence about an error that no command has one for."""
    if isinstance(error, ModuleNotFoundError):
        return f"the part {error.name} of this program is missing; install it again."
    if isinstance(error, OSError) and error.errno in _NO_ROOM:  # any line of output may be the one that is too many
        return f"what it writes cannot be written: {error.strerror}."
    if isinstance(error, FileNotFoundError) and error.filename is None:  # of the current folder or a temporary one
        return _missing_folder(error)
    if isinstance(error, OSError) and error.strerror:
        what = "the output" if error.filename is None else str(error.filename)
        return f"{what} cannot be read or written ({error.strerror})."
    if isinstance(error, RecursionError):
        return "what was read is nested too deeply."
    text = escaped(str(error))[: _LONGEST // 2]
    return f"stopped by an unexpected error, {type(error).__name__}: {text} (SLEEPTALK_DEBUG=1 shows where)."
