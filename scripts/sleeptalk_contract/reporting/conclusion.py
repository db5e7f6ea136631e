"""The end of a command that judged something: what it found, where the reports are, and the exit code."""

import os
from pathlib import Path

from rich.console import Console

from sleeptalk_contract.reporting.github import announce
from sleeptalk_contract.reporting.model import Report
from sleeptalk_contract.reporting.terminal import show


def conclude(report: Report, report_dir: Path | None, console: Console) -> int:
    """Show a report, tell GitHub Actions of it when it is run there, and return the exit code."""
    show(report, console)
    if report_dir is not None:
        console.print(f"Reports: {report_dir}/report.html, report.json, junit.xml", soft_wrap=True)
    announce(report, os.environ)
    return report.exit_code
