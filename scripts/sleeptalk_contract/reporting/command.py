"""`sleeptalk report`: what can be done with the reports of several runs."""

import click

from sleeptalk_contract.reporting.merging import merge
from sleeptalk_contract.reporting.summary import summary


@click.group()
def report() -> None:
    """Join the reports of shards, or show those of several targets together."""


report.add_command(merge)
report.add_command(summary)
