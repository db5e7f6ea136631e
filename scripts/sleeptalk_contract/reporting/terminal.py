"""A run on a terminal: progress while it goes on, and in the end what it found."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sleeptalk_contract.contract.redaction import printable, shortened
from sleeptalk_contract.reporting.github import announce
from sleeptalk_contract.reporting.model import Finding, Report, RuleResult

_PHASES: Final = {
    "rules": "the requests that particular rules need",
    "examples": "known values",
    "coverage": "boundary values of the document",
    "fuzzing": "generated requests",
    "deliveries": "deliveries of the sandbox's sender",
}
_STYLES: Final = {
    "passed": "bold green",
    "passed-in-part": "green",
    "broken": "bold red",
    "inconclusive": "bold yellow",
}
_LONGEST_CURL: Final = 2000


class Lines:
    """Plain lines, for logs: one when a phase begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._requests = 0
        self._broken = 0

    def phase(self, name: str) -> None:
        """Print which phase begins, and how far the run has come."""
        self._console.print(f"{self._requests:5} requests, {self._broken} rules broken; now {_PHASES.get(name, name)}")

    def exchanged(self, requests: int, broken: int) -> None:
        """Remember how far the run has come."""
        self._requests, self._broken = requests, broken


class LiveBar:
    """One line that changes, for people."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", requests=0, broken=0)

    def phase(self, name: str) -> None:
        """Show which phase begins."""
        self._bar.update(self._task, description=_PHASES.get(name, name))

    def exchanged(self, requests: int, broken: int) -> None:
        """Show how far the run has come."""
        self._bar.update(self._task, requests=requests, broken=broken)


@contextmanager
def progress(console: Console) -> Iterator[Lines | LiveBar]:
    """Show the progress of what is done in the block: a live line on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[requests]} requests, {task.fields[broken]} rules broken"),
        TextColumn("{task.description}", style="dim"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield LiveBar(bar)


def conclude(report: Report, report_dir: Path | None, console: Console) -> int:
    """Show a report and where its files are, announce it where GitHub Actions runs it, and return the exit code."""
    show(report, console)
    if report_dir is not None:
        console.print(f"Reports: {report_dir}/report.html, report.json, junit.xml", soft_wrap=True)
    announce(report, os.environ)
    return report.exit_code


def show(report: Report, console: Console) -> None:
    """Print what a run found: where, a table, each broken rule, what was not exercised, and the verdict."""
    console.print(Text(f"{report.target} at {printable(report.url)}"), soft_wrap=True)
    console.print(_table(report))
    for line in _lines(report):
        console.print(line, soft_wrap=True)  # a terminal may wrap a command, but copying it must give it whole


def _lines(report: Report) -> Iterator[Text]:
    for result in report.of("failed"):
        yield from _broken(result, strict=report.strict)
    for finding in report.beyond:
        yield Text.assemble(("\nbeyond the rules", "bold yellow"), " (warning)")
        yield from _finding(finding)
    yield from _not_exercised(report)
    for reason in report.reasons:
        yield Text(printable(reason), style="yellow")
    if report.stopped:
        yield Text(f"The run ended early: {report.stopped}.", style="yellow")
    if report.required and report.shard != "1/1":
        yield Text("Whether the shards together exercise what --require asks for, `sleeptalk report merge` decides.")
    headline = report.headline[0].upper() + report.headline[1:]
    yield Text(f"\n{headline}.{_reservation(report)}", style=_STYLES[report.verdict])


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


def _broken(result: RuleResult, *, strict: bool) -> Iterator[Text]:
    fails = result.fails(strict=strict)
    note = "" if fails else " (warning)"
    if result.accepted is not None:
        note = f" (accepted until {result.accepted.expires}: {printable(result.accepted.reason)})"
    style = "bold red" if fails else "bold yellow"
    times = "once" if result.broken == 1 else f"{result.broken} times"
    yield Text.assemble(("\n" + result.rule.id, style), f" {result.rule.level}{note}, broken {times}")
    yield Text(f"  {result.rule.sentence}", style="dim")
    yield Text(f"  Source: {result.rule.source}, {result.rule.source.url}", style="dim")
    if result.hint:
        yield Text(f"  {printable(result.hint)}", style="yellow")
    for finding in result.findings:
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[Text]:
    yield Text(f"  {printable(finding.text)}")
    yield Text(f"    {printable(shortened(finding.reproduce, _LONGEST_CURL))}", style="cyan")


def _not_exercised(report: Report) -> Iterator[Text]:
    by_hint: dict[str, list[str]] = {}
    for result in report.of("not-exercised"):
        by_hint.setdefault(result.hint, []).append(result.rule.id)
    if by_hint:
        yield Text("\nNot exercised:")
    for hint, rules in by_hint.items():
        yield Text(f"  {', '.join(rules)}")
        if hint:
            yield Text(f"    {hint}", style="dim")
    if excluded := report.of("excluded"):
        yield Text(f"\nExcluded, so not judged:\n  {', '.join(result.rule.id for result in excluded)}", style="dim")
