"""The files of a report: report.json and junit.xml for programs, report.html for people, and its cases."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.time_zones import TIME_ZONE_DATA
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.cases import case_files, case_name
from sleeptalk_contract.reporting.folder import FACTS, JUNIT, PAGE, refuse_link, remove_cases, staged
from sleeptalk_contract.reporting.html import html_report
from sleeptalk_contract.reporting.junit import junit_report
from sleeptalk_contract.reporting.model import BEYOND, Finding, Report, RuleResult


def write_reports(report: Report, folder: Path) -> None:
    """Write report.json, junit.xml, report.html and the cases; without room for all, none is written.

    Cases of an earlier run are removed. Raises UsageError where the folder cannot be written.
    """
    texts: dict[str, str | bytes] = {
        **case_files(report),
        JUNIT: junit_report(report),
        PAGE: html_report(report),
        FACTS: json_report(report),  # last: a program that finds it also finds the others
    }
    try:
        refuse_link(folder)
        with staged({folder / name: text for name, text in texts.items()}):
            remove_cases(folder)
    except OSError as error:
        raise UsageError(f"The reports cannot be written to {folder} ({error.strerror}).") from error


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
        "started": None if report.started is None else report.started.isoformat(timespec="seconds"),
        "version": report.version,
        "notes": list(report.notes),
        "passed_over": [{"reason": reason, "count": count} for reason, count in report.passed_over.items()],
    }
    jsonschema_rs.validator_for(report_schema()).validate(value)
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _rule(result: RuleResult) -> dict[str, Any]:
    source = result.rule.source
    value: dict[str, Any] = {
        "id": result.rule.id,
        "level": result.rule.level,
        "sentence": result.rule.sentence,
        "source": {"title": source.title, "url": source.url, "section": source.section},
        "outcome": result.outcome,
        "checked": result.checked,
        "broken": result.broken,
        "failures": _findings(result.rule.id, result.findings),
    }
    if result.hint:
        value["hint"] = result.hint
    if result.places:
        value["places"] = list(result.places)
    if result.accepted is not None:
        value["accepted"] = {"reason": result.accepted.reason, "expires": result.accepted.expires}
    return value


def _findings(rule: str, findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [
        {
            "message": finding.message,
            "where": finding.location,
            "reproduce": finding.reproduce,
            "sentence": finding.text,
            "places": list(finding.places or (finding.location,)),
            "times": finding.times,
            "intents": list(finding.intents),
        }
        | ({} if finding.case is None else {"case": case_name(rule, number)})
        for number, finding in enumerate(findings, start=1)
    ]
