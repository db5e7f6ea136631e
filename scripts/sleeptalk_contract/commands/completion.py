"""`sleeptalk completion`: the script by which a shell completes commands, options, targets, rules and faults."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from sleeptalk_contract.contract.output import write_data

PROGRAM = "sleeptalk"
VARIABLE = "_SLEEPTALK_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Write the script that lets SHELL complete commands, options, targets, rules and faults.

    \b
    bash:  eval "$(sleeptalk completion bash)"            in ~/.bashrc
    zsh:   eval "$(sleeptalk completion zsh)"             in ~/.zshrc
    fish:  sleeptalk completion fish | source             in ~/.config/fish/config.fish

    Exit codes: 0 written, 2 the shell is not one of these.

    Example: sleeptalk completion bash
    """  # noqa: D301  # click keeps the lines of a paragraph that begins with a backspace
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    write_data(f"{made(context.find_root().command, {}, PROGRAM, VARIABLE).source()}\n")
