"""The group of all commands, each imported only when it is asked for, and the exit code of every way to end."""

import importlib
import os
import traceback
from collections.abc import Sequence

import click
from click.exceptions import NoArgsIsHelpError

from sleeptalk_contract.contract.redaction import redacted, remember_variables

INTERRUPTED = 130

COMMANDS = {
    "fuzz": ("sleeptalk_contract.commands.fuzz:fuzz", "Judge an implementation by the contract's rules."),
    "listen": ("sleeptalk_contract.commands.listen:listen", "Judge the callbacks that an implementation sends."),
    "sandbox": ("sleeptalk_contract.commands.sandbox:sandbox", "Serve both services, honest or with chosen faults."),
    "replay": ("sleeptalk_contract.commands.replay:replay", "Send one failing exchange again."),
    "report": ("sleeptalk_contract.commands.report:report", "Join the reports of shards."),
    "prove": ("sleeptalk_contract.commands.prove:prove", "Break every rule once; the fuzzer must name it."),
    "generate": ("sleeptalk_contract.commands.generate:generate", "Write the typed clients from the documents."),
    "lint": ("sleeptalk_contract.commands.lint:lint", "Check the documents."),
    "diff": ("sleeptalk_contract.commands.diff:diff", "Say what a change of the documents means for users."),
    "reference": ("sleeptalk_contract.commands.reference:reference", "Build the API reference."),
}
"""Name of a command to its place ("module:attribute") and its line in the help."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command runs or shows its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command; None when there is no command of this name."""
        if cmd_name not in COMMANDS:
            return None
        _remember_keys()
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands from the table above, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _remember_keys() -> None:
    """Keep the values of every key's environment variable out of all output."""
    from sleeptalk_contract.services.registered import SERVICES  # noqa: PLC0415  # help needs none of them

    remember_variables(
        credential.variable
        for service in SERVICES
        for target in service.targets
        for credential in target.credentials
        if credential.secret
    )


@click.group(name="sleeptalk", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sleeptalk", message="sleeptalk %(version)s")
def sleeptalk() -> None:
    """Work with the machine-readable contract of Asleep and Phonexia.

    Exit codes: 0 the contract holds, 1 it is broken, 2 the run could not be made, 130 interrupted.
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` (without the program's name).

    Returns: the exit code. Whatever happens becomes one sentence on standard error; only ModuleNotFoundError gets out,
    when a package outside this project is missing. The environment variable SLEEPTALK_DEBUG=1 adds the traceback of an
    error that nobody foresaw, keys left out.
    """
    try:
        code = sleeptalk.main(args=list(arguments), prog_name="sleeptalk", standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        sentence = redacted(error.format_message())
        if isinstance(error, click.UsageError) and error.ctx is not None:
            sentence = f"{sentence} See {error.ctx.command_path} --help."
        click.echo(f"sleeptalk: {sentence}", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("sleeptalk: interrupted.", err=True)
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("sleeptalk"):
            raise  # a package of the extra is missing: __main__ has the sentence
        click.echo(f"sleeptalk: the part {error.name} of this program is missing; install it again.", err=True)
        return 2
    except Exception as error:  # noqa: BLE001  # the last line of defence: a sentence instead of a traceback
        if os.environ.get("SLEEPTALK_DEBUG") == "1":
            click.echo(redacted(traceback.format_exc()), err=True)
        name = type(error).__name__
        click.echo(
            f"sleeptalk: stopped by an error that was not foreseen, {name}: {redacted(str(error))[:500]}"
            " (SLEEPTALK_DEBUG=1 shows where).",
            err=True,
        )
        return 2
    return code if isinstance(code, int) else 0
