"""`sleeptalk judge`: judge traffic that was recorded."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import click
from rich.text import Text

from sleeptalk.recording import schema
from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.interruption import interruptible
from sleeptalk_contract.commands.judging import JUDGING, judging_terms
from sleeptalk_contract.commands.options import (
    BASELINE,
    REPORT_DIR,
    STRICT,
    WRITE_BASELINE,
    TargetOrFileType,
    claim_options,
    credential_options,
    id_options,
    targets_of,
)
from sleeptalk_contract.commands.selecting import EXCLUDE, REQUIRE, RULE
from sleeptalk_contract.contract.output import write_data
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError, did_you_mean
from sleeptalk_contract.fuzzing.plan import Shard, read_shard
from sleeptalk_contract.recording.belonging import Belongings
from sleeptalk_contract.recording.files import STDIN, files_in, recorded_lines
from sleeptalk_contract.recording.text import MalformedError
from sleeptalk_contract.recording.traffic import Terms, Traffic, collecting_seldom
from sleeptalk_contract.recording.workers import Assignment, Workers, lane_number
from sleeptalk_contract.reporting.model import ERROR_CODE, FAILED_CODE, INTERRUPTED_CODE, PASSED_CODE
from sleeptalk_contract.reporting.outputs import Outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

    from sleeptalk.recording import Recorded
    from sleeptalk_contract.contract.service import Service, Target
    from sleeptalk_contract.reporting.model import Report

MOST_WORKERS: Final = 64
_MOST_NAMED: Final = 3
_SHOW_EVERY: Final = 1000


def judge(services: Sequence[Service]) -> click.Command:
    """Return the command for the targets of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("what", type=TargetOrFileType(targets), nargs=-1, metavar="[TARGET] FILE...")
    @id_options(targets)
    @credential_options(targets, keys_only=True, key_help="The right key, to compare those in the recording with")
    @claim_options(targets)
    @JUDGING
    @REPORT_DIR
    @click.option(
        "--workers",
        type=click.IntRange(1, MOST_WORKERS),
        default=1,
        show_default=True,
        metavar="N",
        help="Judge in this many processes at once.",
    )
    @STRICT
    @RULE
    @EXCLUDE
    @REQUIRE
    @BASELINE
    @WRITE_BASELINE
    @click.option(
        "--shard", metavar="I/N", help="Judge part I of N; auto or auto/N take it from the CI system's variables."
    )
    @click.option("--schema", "as_schema", is_flag=True, help="Write the JSON Schema of a line of NDJSON instead.")
    def judge(
        *,
        what: tuple[str, ...],
        report_dir: Path | None,
        workers: int,
        write_baseline: Path | None,
        shard: str | None,
        as_schema: bool,
        **given: Any,
    ) -> None:
        """Judge the exchanges in each FILE by every rule of the contract.

        FILE is a recording, or a folder of them: HAR, also Playwright's .zip and mitmproxy's .zhar; a cassette of VCR;
        a report of schemathesis (har, vcr or ndjson); or NDJSON as our clients, inbox and `sleeptalk proxy` write it.
        It may be packed by gzip; - is standard input. How it begins tells its form. All are read piece by piece,
        however long; only a cassette in YAML is kept in memory. What a recorder did not keep is counted, not judged.

        Without TARGET each exchange is judged by the target whose path it has, with a report for each target, in
        folders of their names under --report-dir. A target of which only refusals were seen is not judged beside
        others; name it, or ask for its rules by --require, if that is to count.

        Exit codes: 0 no rule is broken, 1 the contract is broken, 2 inconclusive, or a file cannot be read, 130
        interrupted.

        Example: sleeptalk judge TARGET traffic.har --report-dir reports
        """
        if as_schema:
            write_data(json.dumps(schema(), indent=2) + "\n")
            return
        named, files = _target_and_files(what, targets)
        part = read_shard(shard)
        if named is None and (part.total > 1 or write_baseline is not None):
            raise UsageError("--shard and --write-baseline are about one target: name it before the files.")
        chosen = targets if named is None else (named,)
        terms = judging_terms(chosen, targets, given, today=dt.datetime.now(tz=dt.UTC).date())
        run = _Run(files, terms, Assignment.of(terms, services, given["webhook_path"]), workers, part)
        with ExitStack() as stack:
            outputs = {each.target.name: _outputs(report_dir, write_baseline, each.target, named) for each in terms}
            for each in outputs.values():
                stack.enter_context(each.reserved())
            reports = run.reports(screen(stderr=True))
            refused: list[Report] = []
            if named is None:
                reports, refused = _told_apart(_with_exchanges(reports))
            for report in reports:
                outputs[report.target].write(report)
        _remove_unused([each.folder for name, each in outputs.items() if name not in {r.target for r in reports}])
        console = screen()
        codes = {outputs[report.target].conclude(report, console) for report in reports}
        for report in refused:
            console.print(_only_refused(report), soft_wrap=True, markup=False, highlight=False)
        worst = (INTERRUPTED_CODE, FAILED_CODE, ERROR_CODE, PASSED_CODE)
        click.get_current_context().exit(next(code for code in worst if code in codes))

    judge.meant = {"TARGET": targets[0].name} if targets else {}
    return judge


def _target_and_files(what: Sequence[str], targets: Sequence[Target]) -> tuple[Target | None, tuple[Path, ...]]:
    """Return the target that is named, if any, and the files. Raises UsageError without a file."""
    named = next((each for each in targets if what and each.name == what[0]), None)
    files = tuple(map(Path, what[1:] if named is not None else what))
    if not files:
        raise UsageError("Name the files to judge; - is standard input.")
    if named is None and len(files) > 1 and not files[0].exists() and what[0] != STDIN:
        advice = did_you_mean(what[0], [each.name for each in targets], "")
        raise UsageError(f"{what[0]} is neither a target nor a file that exists{': ' if advice else '.'}{advice}")
    if list(map(str, files)).count(STDIN) > 1:
        raise UsageError("Standard input can be read only once: name - once.")
    return named, files


def _outputs(report_dir: Path | None, baseline: Path | None, target: Target, named: Target | None) -> Outputs:
    folder = report_dir / target.name if report_dir is not None and named is None else report_dir
    return Outputs(folder, baseline)


def _with_exchanges(reports: Sequence[Report]) -> list[Report]:
    """Return the reports of the targets that exchanges are of. Raises UsageError where there are none."""
    found = [report for report in reports if report.requests]
    if not found:
        raise UsageError(f"{reports[0].problems[-1].partition(' as ')[0]}: none is of an operation of any target.")
    return found


def _told_apart(reports: Sequence[Report]) -> tuple[list[Report], list[Report]]:
    """Return the reports that count, and those of targets of which only refusals were seen, beside others.

    A stray request of another target is no reason to doubt what was seen of the ones that the recording is about. Where
    nothing else was seen, or a rule is required, it counts.
    """
    refused = [report for report in reports if _has_only_refusals(report)]
    counting = [report for report in reports if report not in refused]
    return (counting, refused) if counting else (list(reports), [])


def _has_only_refusals(report: Report) -> bool:
    is_open = report.verdict == "inconclusive" and not report.problems and not report.interrupted
    return is_open and not report.successes and not report.required


def _only_refused(report: Report) -> str:
    count = f"{report.requests} exchange{'' if report.requests == 1 else 's'}"
    return (
        f"Not judged: {report.target}, of which only refusals were seen ({count}); name the target before the files to"
        " have that count."
    )


def _remove_unused(folders: Iterable[Path | None]) -> None:
    """Remove the folders that were made for reports of targets of which nothing was seen."""
    for folder in folders:
        if folder is not None:
            with suppress(OSError):  # one that has files of the user
                folder.rmdir()


class _Run:
    """The judging of some files."""

    def __init__(
        self, files: Sequence[Path], terms: Sequence[Terms], assignment: Assignment, workers: int, shard: Shard
    ) -> None:
        self._files = files
        self._belongings = Belongings([each.target for each in terms], assignment.webhook_path)
        self._assignment = assignment
        self._workers = workers
        self._shard = shard
        self._traffic = Traffic(terms, assignment.webhook_path)
        self._interrupted = False

    def reports(self, console: Console) -> list[Report]:
        """Read and judge everything, and return the reports. Raises UsageError where a file cannot be read."""
        with interruptible(self._interrupt), _Progress(console) as progress:
            if self._workers == 1:
                self._judge_here(progress)
            else:
                self._judge_apart(progress)
        return [
            replace(
                report,
                shard=str(self._shard),
                interrupted=self._interrupted,
                stopped="interrupted" if self._interrupted else "",
            )
            for report in self._traffic.reports(self._where)
        ]

    def _judge_here(self, progress: _Progress) -> None:
        with collecting_seldom():
            for recorded, _, place in self._exchanges():
                try:
                    self._traffic.take(recorded)
                except MalformedError as error:
                    raise UsageError(f"{place}: {error}.") from None
                progress.judged(self._traffic.seen, self._traffic.broken_rules)

    def _judge_apart(self, progress: _Progress) -> None:
        with Workers(self._workers, self._assignment) as workers:
            for count, (recorded, line, _) in enumerate(self._exchanges(), start=1):
                workers.take(recorded, lane_number(recorded, self._belongings) // self._shard.total, line)
                progress.judged(count, None)
            workers.finish(self._traffic)  # also once it is interrupted: little is waiting to be judged

    def _exchanges(self) -> Iterator[tuple[Recorded, bytes | None, str]]:
        for file in (each for named in self._files for each in files_in(named)):
            place = escaped(str(file))
            for recorded, line in recorded_lines(file):
                if self._interrupted:
                    return
                number = 0 if self._shard.total == 1 else lane_number(recorded, self._belongings)
                if number % self._shard.total == self._shard.index - 1:
                    yield recorded, line, place

    def _interrupt(self) -> None:
        self._interrupted = True

    @property
    def _where(self) -> str:
        names = ["standard input" if str(file) == STDIN else str(file) for file in self._files]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return f"{', '.join(names[:_MOST_NAMED])}{more}"


class _Progress:
    """A line that changes, on a terminal; nothing elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("") if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def judged(self, count: int, broken: int | None) -> None:
        """Show how far the judging has come; `broken` rules are not known while other processes judge."""
        if self._status is not None and count % _SHOW_EVERY == 0:
            rules = "" if broken is None else f", {broken} rules broken"
            self._status.update(Text(f"{count} exchanges{rules}"))
