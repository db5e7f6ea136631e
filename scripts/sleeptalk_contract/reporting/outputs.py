"""Where the results of a run go: a folder of reports, a new baseline, and the console."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sleeptalk_contract.reporting.baseline import write_baseline
from sleeptalk_contract.reporting.files import write_reports
from sleeptalk_contract.reporting.folder import reserved
from sleeptalk_contract.reporting.terminal import conclude

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.console import Console

    from sleeptalk_contract.reporting.model import Report


@dataclass(frozen=True, slots=True)
class Outputs:
    """The folder of the reports and the file of a new baseline; each is None where it is not wanted."""

    folder: Path | None
    baseline: Path | None = None

    def reserved(self) -> AbstractContextManager[None]:
        """Keep other runs out of the folder, as `folder.reserved` does."""
        return reserved(self.folder)

    def write(self, report: Report) -> None:
        """Write what is wanted. Raises UsageError where that cannot be done."""
        if self.folder is not None:
            write_reports(report, self.folder)
        if self.baseline is not None:
            write_baseline(report, self.baseline, dt.datetime.now(tz=dt.UTC).date())

    def conclude(self, report: Report, console: Console) -> int:
        """Show the report and where its files are, and return the exit code."""
        code = conclude(report, self.folder, console)
        if self.baseline is not None:
            console.print(
                f"{self.baseline} accepts what fails this run: write down why, and pass it with --baseline.",
                soft_wrap=True,
                markup=False,
            )
        return code
