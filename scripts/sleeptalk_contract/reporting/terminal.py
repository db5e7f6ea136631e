"""A run on a terminal: progress while it goes on, and what it found in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from sleeptalk_contract.reporting.model import Failure, Report, RuleResult
from sleeptalk_contract.reporting.text import printable, shortened

_PHASES: Final = {
    "rules": "the requests that particular rules need",
    "examples": "known values",
    "coverage": "the corners of the document",
    "fuzzing": "generated requests",
    "deliveries": "the callbacks that the sandbox sends",
}
_STYLES: Final = {"passed": "bold green", "failed": "bold red", "error": "bold yellow"}
_VERDICTS: Final = {
    "passed": "The contract holds.",
    "failed": "The contract is broken.",
    "error": "Nothing can be said about the contract.",
}
_LONGEST_CURL: Final = 2000


class Lines:
    """Plain lines, for logs: one when a phase begins."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._requests = 0
        self._broken = 0

    def phase(self, name: str) -> None:
        """Say which phase begins, and how far the run has come."""
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


def show(report: Report, console: Console) -> None:
    """Print what a run found: a table, then each broken rule, then what was not exercised, then the verdict."""
    console.print(_table(report))
    for result in report.of("failed"):
        console.print(_broken(result, strict=report.strict))
    for failure in report.beyond:
        console.print(Text.assemble(("\nbeyond the rules", "bold yellow"), " (warning)"))
        console.print(_failure(failure))
    _show_not_exercised(report, console)
    for problem in report.problems:
        console.print(Text(printable(problem), style="yellow"), soft_wrap=True)
    if report.stopped:
        console.print(Text(f"The run ended early: {report.stopped}.", style="yellow"), soft_wrap=True)
    console.print(Text(f"\n{_VERDICTS[report.outcome]}", style=_STYLES[report.outcome]))


def _table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), pad_edge=False)
    table.add_column("target")
    for name in ("requests", "rules kept", "broken", "not exercised", "seconds", "seed"):
        table.add_column(name, justify="right")
    table.add_row(
        report.target,
        str(report.requests),
        str(len(report.of("passed"))),
        Text(str(len(report.of("failed"))), style="bold red" if report.of("failed") else ""),
        str(len(report.of("not-exercised"))),
        f"{report.seconds:.1f}",
        str(report.seed),
    )
    return table


def _broken(result: RuleResult, *, strict: bool) -> Group:
    accepted = result.accepted
    note = "" if result.fails(strict=strict) else " (warning)"
    if accepted is not None:
        note = f" (accepted until {accepted.expires}: {accepted.reason})"
    style = "bold red" if result.fails(strict=strict) else "bold yellow"
    head = Text.assemble(("\n" + result.rule.id, style), f" {result.rule.level}{note}, broken {result.broken} times")
    says = Text(f"  {result.rule.says} [{result.rule.source}]", style="dim")
    return Group(head, says, *(_failure(failure) for failure in result.failures))


def _failure(failure: Failure) -> Group:
    where = f"{failure.where}: " if failure.where else ""
    return Group(
        Text(f"  {printable(where + failure.message)}"),
        Text(
            f"    {printable(shortened(failure.reproduce, _LONGEST_CURL))}",
            style="cyan",
            no_wrap=True,
            overflow="ignore",
        ),
    )


def _show_not_exercised(report: Report, console: Console) -> None:
    missing = report.of("not-exercised")
    if not missing:
        return
    by_hint: dict[str, list[str]] = {}
    for result in missing:
        by_hint.setdefault(result.hint, []).append(result.rule.id)
    console.print("\nNot exercised:")
    for hint, rules in by_hint.items():
        console.print(Text(f"  {', '.join(rules)}"), soft_wrap=True)
        if hint:
            console.print(Text(f"    {hint}", style="dim"), soft_wrap=True)
