"""The reports of several runs on one screen: a line a target, and how many of the contract's rules were kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
from rich.console import Console
from rich.table import Table

from sleeptalk_contract.contract.catalogue import catalogue
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.json_report import report_schema

_OUTCOMES = ("passed", "failed", "not-exercised")


@click.command
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path))
def summary(folders: tuple[Path, ...]) -> None:
    """Show the reports in several folders together.

    A rule that more than one of them judged counts by its worst outcome.
    """
    reports = [read_report(folder) for folder in folders]
    console = Console()
    console.print(_table(reports))
    outcomes = worst_outcomes(reports)
    kept, broken, rest = (sum(found == outcome for found in outcomes.values()) for outcome in _OUTCOMES)
    rest += len(catalogue()) - len(outcomes)
    console.print(f"{len(catalogue())} rules: {kept} kept, {broken} broken, {rest} not exercised.", highlight=False)


def read_report(folder: Path) -> dict[str, Any]:
    """Read the report.json of a folder. Raises UsageError where there is none, or something else."""
    file = folder / "report.json"
    try:
        report: dict[str, Any] = json.loads(file.read_text("utf-8"))
        jsonschema_rs.validator_for(report_schema()).validate(report)
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): name folders that --report-dir wrote.") from None
    except (ValueError, jsonschema_rs.ValidationError):
        raise UsageError(f"{file} is no report: name folders that --report-dir wrote.") from None
    return report


def worst_outcomes(reports: list[dict[str, Any]]) -> dict[str, str]:
    """Give the outcome of each rule over several reports: failed before passed before not-exercised."""
    worst: dict[str, str] = {}
    rank = {"not-exercised": 0, "passed": 1, "failed": 2}
    for report in reports:
        for rule in report["rules"]:
            before = worst.get(rule["id"], "not-exercised")
            worst[rule["id"]] = max(before, rule["outcome"], key=rank.__getitem__)
    return worst


def _table(reports: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("target", "requests", "rules kept", "broken", "not exercised"):
        table.add_column(heading, justify="left" if heading == "target" else "right")
    for report in reports:
        outcomes = [rule["outcome"] for rule in report["rules"]]
        table.add_row(report["target"], str(report["requests"]), *(str(outcomes.count(name)) for name in _OUTCOMES))
    return table
