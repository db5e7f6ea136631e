"""The reports of a run's shards, joined into the report of the whole run."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from sleeptalk_contract.commands.summary import read_report
from sleeptalk_contract.contract.catalogue import catalogue, rules_for
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.conclusion import conclude
from sleeptalk_contract.reporting.files import prepare_folder
from sleeptalk_contract.reporting.model import (
    MOST_FAILURES,
    NOTHING_EXERCISED,
    Acceptance,
    Failure,
    Report,
    RuleResult,
)
from sleeptalk_contract.reporting.shown import EXCHANGE_KEYS
from sleeptalk_contract.reporting.write import write_reports

_SAME: Final = ("target", "seed", "strict")
_FOLDER: Final = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=_FOLDER)
@click.option("--report-dir", type=_FOLDER, metavar="DIR", help="Where the joined reports go; shown only without it.")
def merge(folders: tuple[Path, ...], report_dir: Path | None) -> None:
    """Join the reports of all shards of one run, each in a folder of its own.

    Exit codes: as of the run itself; 2 where a shard is missing.
    """
    report = merged(folders)
    if report_dir is not None:
        prepare_folder(report_dir)
        write_reports(report, report_dir)
    click.get_current_context().exit(conclude(report, report_dir, Console(highlight=False)))


def merged(folders: Sequence[Path]) -> Report:
    """Join the reports in some folders.

    A shard that is missing is a problem of the joined report. Raises UsageError where a folder has no report, and
    where the reports are not shards of one run.
    """
    reports = [read_report(folder) for folder in folders]
    for name in _SAME:
        if len({json.dumps(report.get(name)) for report in reports}) > 1:
            raise UsageError(f"These reports are not of one run: they differ in their {name}.")
    stopped = dict.fromkeys(report["stopped"] for report in reports if report.get("stopped"))
    answers: Counter[tuple[str, str]] = Counter()
    for report in reports:
        answers.update({(each["state"], each["status"]): each["count"] for each in report.get("answers", [])})
    cases = [_cases(folder) for folder in folders]
    first = reports[0]
    return Report(
        target=first["target"],
        url=first["url"],
        seed=first["seed"],
        requests=sum(report["requests"] for report in reports),
        seconds=max(report["seconds"] for report in reports),
        rules=tuple(_rule(rule.id, reports, cases) for rule in rules_for(first["target"]) if _has(rule.id, reports)),
        beyond=_failures([report.get("beyond", []) for report in reports], cases),
        answers=dict(sorted(answers.items())),
        strict=first.get("strict", False),
        stopped="; ".join(stopped),
        interrupted=any(report.get("interrupted", False) for report in reports),
        problems=_problems(reports),
        known_ids=tuple(
            dict.fromkeys(each for found in cases for case in found.values() for each in case["known_ids"])
        ),
    )


def _problems(reports: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Give the problems of all shards, and name the shards that are missing. Raises UsageError for one too many."""
    shards = [str(report.get("shard", "1/1")) for report in reports]
    totals = {shard.partition("/")[2] for shard in shards}
    if len(totals) > 1 or len(set(shards)) < len(shards):
        raise UsageError(f"These reports are not the shards of one run: {', '.join(sorted(shards))}.")
    problems = dict.fromkeys(problem for report in reports for problem in report.get("problems", []))
    if any(rule["checked"] for report in reports for rule in report["rules"]):
        problems.pop(NOTHING_EXERCISED, None)
    total = totals.pop()
    missing = [f"{index}/{total}" for index in range(1, int(total) + 1) if f"{index}/{total}" not in shards]
    return (*problems, *([f"Shards are missing: {', '.join(missing)}."] if missing else []))


def _has(rule: str, reports: Sequence[Mapping[str, Any]]) -> bool:
    return any(entry["id"] == rule for report in reports for entry in report["rules"])


def _rule(rule: str, reports: Sequence[Mapping[str, Any]], cases: Sequence[Mapping[str, Any]]) -> RuleResult:
    entries: list[Mapping[str, Any]] = [
        next((entry for entry in report["rules"] if entry["id"] == rule), {}) for report in reports
    ]
    accepted = next((entry["accepted"] for entry in entries if "accepted" in entry), None)
    checked = sum(entry.get("checked", 0) for entry in entries)
    return RuleResult(
        catalogue()[rule],
        checked=checked,
        broken=sum(entry.get("broken", len(entry.get("failures", []))) for entry in entries),
        failures=_failures([entry.get("failures", []) for entry in entries], cases),
        hint=next(
            (entry["hint"] for entry in entries if entry.get("hint") and bool(entry["checked"]) == bool(checked)), ""
        ),
        accepted=None if accepted is None else Acceptance(accepted["reason"], accepted["expires"]),
    )


def _failures(found: Sequence[Sequence[Mapping[str, Any]]], cases: Sequence[Mapping[str, Any]]) -> tuple[Failure, ...]:
    """Put the failures of all shards together, each message once."""
    kept: dict[tuple[str, str], Failure] = {}
    for failures, files in zip(found, cases, strict=True):
        for each in failures:
            case = files.get(each.get("case", ""))
            failure = Failure(each["message"], each["where"], each["reproduce"], case and case["exchange"])
            kept.setdefault((failure.where, failure.message), failure)
    return tuple(kept.values())[:MOST_FAILURES]


def _cases(folder: Path) -> dict[str, Any]:
    """Read the failing exchanges of a report, by the name that the report gives them; unreadable ones are left out."""
    found = {}
    for path in sorted((folder / "cases").glob("*.json")):
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if _is_case(value):
            found[f"cases/{path.name}"] = value
    return found


def _is_case(value: Any) -> bool:
    exchange = value.get("exchange") if isinstance(value, dict) else None
    return isinstance(exchange, dict) and exchange.keys() >= EXCHANGE_KEYS and isinstance(value.get("known_ids"), list)
