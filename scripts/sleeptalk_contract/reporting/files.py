"""The files of a report: report.json and junit.xml for programs, report.html for people, and its cases."""

import json
import os
import re
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import jsonschema_rs

from sleeptalk_contract.contract.redaction import printable, redacted
from sleeptalk_contract.contract.time_zones import TIME_ZONE_DATA
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.cases import CASES, case_files, case_name
from sleeptalk_contract.reporting.html import html_report
from sleeptalk_contract.reporting.model import BEYOND, Finding, Report, RuleResult

JUNIT: Final = "junit.xml"
PAGE: Final = "report.html"
FACTS: Final = "report.json"

_CASE: Final = re.compile(rf"({BEYOND}|[a-z0-9-]+\.[a-z0-9-]+)-[0-9]+\.json")


def prepare_folder(folder: Path) -> None:
    """Make a folder for reports and check that it can be written, before a run is made in vain.

    Reports of an earlier run are removed, so that they are not taken for those of a run that could not be made. Raises
    UsageError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name in (JUNIT, PAGE, FACTS):
            (folder / name).unlink(missing_ok=True)
        _remove_cases(folder)
    except OSError as error:
        raise UsageError(
            f"The report folder {folder} cannot be written ({error.strerror}): name another with --report-dir."
        ) from error


def write_reports(report: Report, folder: Path) -> None:
    """Write report.json, junit.xml, report.html and the cases; each file is whole or the one before.

    Cases of an earlier run are removed. Raises UsageError where the folder cannot be written.
    """
    texts = {
        **case_files(report),
        JUNIT: junit_report(report),
        PAGE: html_report(report),
        FACTS: json_report(report),  # last: a program that finds it also finds the others
    }
    try:
        _remove_cases(folder)
        for name, text in texts.items():
            write_whole(folder / name, text)
    except OSError as error:
        raise UsageError(f"The reports cannot be written to {folder} ({error.strerror}).") from error


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part of it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove_cases(folder: Path) -> None:
    """Remove the cases of an earlier run, and their folder unless it holds files of the user. Raises OSError."""
    for path in (folder / CASES).glob("*.json"):
        if _CASE.fullmatch(path.name):
            path.unlink()
    with suppress(OSError):
        (folder / CASES).rmdir()


@cache
def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of report.json. It is shared: never change it."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    return schema


def json_report(report: Report) -> str:
    """Return a report as the text of report.json.

    Raises jsonschema_rs.ValidationError where it does not follow report.schema.json.
    """
    value = {
        "target": report.target,
        "url": report.url,
        "seed": report.seed,
        "outcome": report.outcome,
        "verdict": report.verdict,
        "reason": redacted(" ".join(report.reasons)) if report.verdict == "inconclusive" else "",
        "requests": report.requests,
        "successes": report.successes,
        "throttled": report.throttled,
        "unjudged": report.unjudged,
        "seconds": round(report.seconds, 3),
        "rules": [_rule(result) for result in report.rules],
        "beyond": _findings(BEYOND, report.beyond),
        "answers": [
            {"state": state, "status": status, "count": count} for (state, status), count in report.answers.items()
        ],
        "strict": report.strict,
        "shard": report.shard,
        "interrupted": report.interrupted,
        "stopped": report.stopped,
        "problems": [redacted(problem) for problem in report.problems],
        "required": list(report.required),
        "time_zone_data": TIME_ZONE_DATA,
    }
    jsonschema_rs.validator_for(report_schema()).validate(value)
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _rule(result: RuleResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": result.rule.id,
        "level": result.rule.level,
        "outcome": result.outcome,
        "checked": result.checked,
        "broken": result.broken,
        "failures": _findings(result.rule.id, result.findings),
    }
    if result.hint:
        value["hint"] = result.hint
    if result.accepted is not None:
        value["accepted"] = {"reason": result.accepted.reason, "expires": result.accepted.expires}
    return value


def _findings(rule: str, findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    return [
        {"message": finding.message, "where": finding.location, "reproduce": finding.reproduce}
        | ({} if finding.case is None else {"case": case_name(rule, number)})
        for number, finding in enumerate(findings, start=1)
    ]


def junit_report(report: Report) -> str:
    """Return a report as JUnit XML, with one test case per rule.

    A rule that fails the run is a failure, one that was not exercised or is excluded is skipped; a warning is the
    output of a test case that passes. What keeps the run from a verdict is an error of a test case named "the run".
    """
    suites = ET.Element("testsuites", name="sleeptalk")
    failed = sum(result.fails(strict=report.strict) for result in report.rules)
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=f"sleeptalk.{report.target}",
        tests=str(len(report.rules) + bool(report.reasons)),
        failures=str(failed),
        errors=str(int(bool(report.reasons))),
        skipped=str(len(report.of("not-exercised")) + len(report.of("excluded"))),
        time=f"{report.seconds:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    facts = {
        "url": report.url,
        "verdict": report.headline,
        "seed": report.seed,
        "requests": report.requests,
        "throttled": report.throttled,
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", name=name, value=printable(str(value)))
    for result in report.rules:
        _test_case(suite, result, strict=report.strict)
    if report.reasons:
        case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{report.target}", name="the run")
        ET.SubElement(case, "error", message=printable(" ".join(report.reasons)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _test_case(suite: ET.Element, result: RuleResult, *, strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"sleeptalk.{result.rule.group}", name=result.rule.id, time="0")
    if result.outcome in {"not-exercised", "excluded"}:
        why = "excluded by --rule or --exclude" if result.excluded else result.hint or "not exercised"
        ET.SubElement(case, "skipped", message=printable(why))
    elif result.outcome == "failed":
        details = "\n\n".join(f"{each.text}\n{each.reproduce}" for each in result.findings)
        text = printable(f"{result.rule.sentence}\nSource: {result.rule.source}, {result.rule.source.url}\n\n{details}")
        if result.fails(strict=strict):
            element = ET.SubElement(
                case, "failure", type=result.rule.level, message=printable(result.findings[0].message)
            )
        else:
            element = ET.SubElement(case, "system-out")
            text = f"warning: {text}"
        element.text = text
