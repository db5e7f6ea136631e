"""All reports of a run into one folder."""

from pathlib import Path

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.files import FACTS, JUNIT, PAGE, remove_cases, write_whole
from sleeptalk_contract.reporting.html import html_report
from sleeptalk_contract.reporting.json_report import case_files, json_report
from sleeptalk_contract.reporting.junit import junit_report
from sleeptalk_contract.reporting.model import Report


def write_reports(report: Report, folder: Path) -> None:
    """Write report.json, junit.xml, report.html and the failing cases. Each file is whole or the one before.

    Cases of an earlier run are removed. Raises UsageError when the folder cannot be written.
    """
    texts = {
        **case_files(report),
        JUNIT: junit_report(report),
        PAGE: html_report(report),
        FACTS: json_report(report),  # last: who finds it finds the others as well
    }
    try:
        remove_cases(folder)
        for name, text in texts.items():
            write_whole(folder / name, text)
    except OSError as error:
        raise UsageError(f"The reports cannot be written to {folder} ({error.strerror}).") from error
