"""`sleeptalk report`: what can be done with the reports of several runs."""

import click

from sleeptalk_contract.commands.merge import merge
from sleeptalk_contract.commands.summary import summary


@click.group()
def report() -> None:
    """Join the reports of shards, or show those of several targets together."""


report.add_command(merge)
report.add_command(summary)
