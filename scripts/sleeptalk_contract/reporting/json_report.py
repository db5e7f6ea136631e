"""report.json, which other programs read, checked against report.schema.json before it is written."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.reporting.model import Failure, Report, RuleResult


@cache
def report_schema() -> dict[str, Any]:
    """Give the JSON Schema of report.json. It is shared: never change it."""
    schema: dict[str, Any] = json.loads(Path(__file__).with_name("report.schema.json").read_text(encoding="utf-8"))
    return schema


def case_name(rule: str, number: int) -> str:
    """Name the file, relative to the report folder, that keeps one failing exchange."""
    return f"cases/{rule}-{number}.json"


def json_report(report: Report) -> str:
    """Write a report as JSON. Raises jsonschema_rs.ValidationError when it does not follow the schema."""
    value = {
        "target": report.target,
        "url": report.url,
        "seed": report.seed,
        "outcome": report.outcome,
        "requests": report.requests,
        "seconds": round(report.seconds, 3),
        "rules": [_rule(result) for result in report.rules],
        "beyond": [_failure(failure, "beyond", number) for number, failure in enumerate(report.beyond, start=1)],
        "answers": [
            {"state": state, "status": status, "count": count} for (state, status), count in report.answers.items()
        ],
        "strict": report.strict,
        "shard": report.shard,
        "interrupted": report.interrupted,
        "stopped": report.stopped,
        "problems": [redacted(problem) for problem in report.problems],
    }
    jsonschema_rs.validator_for(report_schema()).validate(value)
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def case_files(report: Report) -> dict[str, str]:
    """Give the failing exchanges of a report: name of the file to its text."""
    named = [(result.rule.id, result.failures) for result in report.rules] + [("beyond", report.beyond)]
    return {
        case_name(rule, number): _case(report, rule, failure)
        for rule, failures in named
        for number, failure in enumerate(failures, start=1)
        if failure.case is not None
    }


def _rule(result: RuleResult) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": result.rule.id,
        "level": result.rule.level,
        "outcome": result.outcome,
        "checked": result.checked,
        "broken": result.broken,
        "failures": [
            _failure(failure, result.rule.id, number) for number, failure in enumerate(result.failures, start=1)
        ],
    }
    if result.hint:
        value["hint"] = result.hint
    if result.accepted is not None:
        value["accepted"] = {"reason": result.accepted.reason, "expires": result.accepted.expires}
    return value


def _failure(failure: Failure, rule: str, number: int) -> dict[str, str]:
    value = {"message": failure.message, "where": failure.where, "reproduce": failure.reproduce}
    if failure.case is not None:
        value["case"] = case_name(rule, number)
    return value


def _case(report: Report, rule: str, failure: Failure) -> str:
    value = {
        "rule": rule,
        "message": failure.message,
        "where": failure.where,
        "known_ids": list(report.known_ids),
        "exchange": failure.case,
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
