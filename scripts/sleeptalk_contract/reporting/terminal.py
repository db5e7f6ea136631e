"""A run on a terminal: progress while it goes on, and in the end what it found."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.reporting.blocks import Blocks
from sleeptalk_contract.reporting.cases import replay_options
from sleeptalk_contract.reporting.github import announce, folded
from sleeptalk_contract.reporting.model import ExchangeRecord, Report

_PHASES: Final = {
    "rules": "requests that single rules call for",
    "examples": "requests with the document's examples",
    "coverage": "requests with extreme and with forbidden values",
    "fuzzing": "randomly generated requests",
    "deliveries": "callbacks that the sandbox sends",
}
_PAUSED: Final = "throttled: a pause of {:.0f} s"
_STYLES: Final = {
    "passed": "bold green",
    "passed-in-part": "green",
    "broken": "bold red",
    "inconclusive": "bold yellow",
}


class Lines:
    """Plain lines, for logs: one when a phase begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._requests = 0
        self._broken = 0

    def phase(self, name: str) -> None:
        """Print which phase begins, and how far the run has come."""
        seen = f"{self._requests:5} requests sent, {self._broken} {'rule' if self._broken == 1 else 'rules'} broken"
        self._console.print(f"{seen}; next: {_PHASES.get(name, name)}", soft_wrap=True)

    def exchanged(self, requests: int, broken: int) -> None:
        """Remember how far the run has come."""
        self._requests, self._broken = requests, broken

    def paused(self, seconds: float) -> None:
        """Print that nothing is sent for a while."""
        self._console.print(f"{self._requests:5} requests, {self._broken} rules broken; {_PAUSED.format(seconds)}")


class LiveBar:
    """One line that changes, for people."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", requests=0, broken=0, note="")

    def phase(self, name: str) -> None:
        """Show which phase begins."""
        self._bar.update(self._task, description=_PHASES.get(name, name))

    def exchanged(self, requests: int, broken: int) -> None:
        """Show how far the run has come."""
        self._bar.update(self._task, requests=requests, broken=broken, note="")

    def paused(self, seconds: float) -> None:
        """Show that nothing is sent for a while."""
        self._bar.update(self._task, note=_PAUSED.format(seconds))


@contextmanager
def progress(console: Console) -> Iterator[Lines | LiveBar]:
    """Show the progress of what is done in the block: a live line on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        with folded("What was sent", console):
            yield Lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[requests]} requests sent, {task.fields[broken]} rules broken"),
        TextColumn("{task.description}", style="dim"),
        TextColumn("{task.fields[note]}", style="yellow"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield LiveBar(bar)


def conclude(report: Report, report_dir: Path | None, console: Console) -> int:
    """Show a report and where its files are, announce it where GitHub Actions runs it, and return the exit code."""
    show(report, console, report_dir)
    if report_dir is not None:
        console.print(f"Reports: {report_dir}/report.html, report.json, junit.xml", soft_wrap=True)
    cases = _repeatable(report)
    if cases:
        folder = "DIR" if report_dir is None else shlex.quote(str(report_dir))
        also = "With --report-dir DIR, " if report_dir is None else ""
        line = f"{also}`sleeptalk replay {folder}{max(map(replay_options, cases))}` sends every failing request again."
        console.print(line, soft_wrap=True, markup=False)
    announce(report, os.environ)
    return report.exit_code


def _repeatable(report: Report) -> list[ExchangeRecord]:
    """Return the failing requests that were ours: only a sender can deliver again."""
    cases = [each.case for result in report.of("failed") for each in result.findings if each.case is not None]
    return [case for case in cases if case.get("role") != "sender"]


def show(report: Report, console: Console, report_dir: Path | None = None) -> None:
    """Print what a run found: where, a table, each broken rule, what was not exercised, and the verdict.

    `report_dir` is the folder of its files, None where they are not kept.
    """
    console.print(Text(f"{report.target} at {escaped(report.url)}"), soft_wrap=True)
    console.print(_table(report))
    for line in Blocks(report, report_dir).lines():
        console.print(line, soft_wrap=True)  # a terminal may wrap a command, but copying it must give it whole
    with folded("What was not exercised", console, when=bool(report.of("not-exercised"))):
        for line in _not_exercised(report):
            console.print(line, soft_wrap=True)
    for line in _conclusion(report):
        console.print(line, soft_wrap=True)


def _conclusion(report: Report) -> Iterator[Text]:
    for reason in report.reasons:
        yield Text(escaped(reason), style="yellow")
    for note in report.notes:
        yield Text(escaped(note), style="yellow")
    if report.stopped:
        yield Text(f"The run ended early: {escaped(report.stopped)}.", style="yellow")
    if report.required and report.shard != "1/1":
        yield Text("Whether the shards together exercise what --require asks for, `sleeptalk report merge` decides.")
    yield Text(f"\n{report.title}.{_reservation(report)}", style=_STYLES[report.verdict])


def _reservation(report: Report) -> str:
    """Return, for a good verdict, how much of the contract it does not cover, and what would."""
    missing, excluded = len(report.of("not-exercised")), len(report.of("excluded"))
    if report.verdict == "passed-in-part":
        return " What would exercise the others stands above." if any(each.hint for each in report.rules) else ""
    if report.verdict != "passed":
        return ""
    return "".join(
        f" 1 rule was {what}." if count == 1 else f" {count} rules were {what}."
        for count, what in ((missing, "not exercised"), (excluded, "excluded"))
        if count
    )


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)  # 79 columns wide
    table.add_column("target")
    for name in ("requests", "kept", "broken", "not exercised", "throttled", "seconds", "seed"):
        table.add_column(name, justify="right")
    table.add_row(
        report.target,
        str(report.requests),
        str(len(report.of("passed"))),
        Text(str(len(report.of("failed"))), style="bold red" if report.of("failed") else ""),
        str(len(report.of("not-exercised"))),
        Text(str(report.throttled), style="bold yellow" if report.unjudged else ""),
        f"{report.seconds:.1f}",
        str(report.seed),
    )
    return table


def _not_exercised(report: Report) -> Iterator[Text]:
    by_hint: dict[str, list[str]] = {}
    for result in report.of("not-exercised"):
        by_hint.setdefault(result.hint, []).append(result.rule.id)
    if by_hint:
        yield Text("\nNot exercised:")
    for hint, rules in by_hint.items():
        yield Text(f"  {', '.join(rules)}")
        if hint:
            yield Text(f"    {escaped(hint)}", style="dim")
    if excluded := report.of("excluded"):
        yield Text(f"\nExcluded, so not judged:\n  {', '.join(result.rule.id for result in excluded)}", style="dim")
