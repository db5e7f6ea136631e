"""`sleeptalk report`: the reports of several runs, joined or shown together."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import jsonschema_rs
from rich.table import Table

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import FOLDER, REPORT_DIR, WRITE_BASELINE, targets_of
from sleeptalk_contract.contract.bounded import RefusedError, read_json_file
from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import is_success
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.service import Service, Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.cases import CASES, MOST_CASES, read_case_file
from sleeptalk_contract.reporting.files import report_schema
from sleeptalk_contract.reporting.folder import FACTS
from sleeptalk_contract.reporting.model import (
    MOST_FINDINGS,
    Acceptance,
    Finding,
    Report,
    RuleResult,
)
from sleeptalk_contract.reporting.outputs import Outputs

_SAME: Final = ("target", "seed", "strict")
_MOST_NAMED: Final = 20
"""Shards that one sentence names."""
_MOST_BYTES_OF_CASES: Final = 64 * 1024 * 1024
_OUTCOMES: Final = ("passed", "failed", "not-exercised")


def report(services: Sequence[Service]) -> click.Group:
    """Return the commands for the targets of some services."""
    targets = targets_of(services)

    @click.group()
    def report() -> None:
        """Join the reports of shards, or show those of several targets together."""

    @report.command(cls=Command)
    @click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
    @REPORT_DIR
    @WRITE_BASELINE
    def merge(folders: tuple[Path, ...], report_dir: Path | None, write_baseline: Path | None) -> None:
        """Join the reports of all shards of one run, each in a folder of its own.

        Exit codes: those of the run itself; 2 where a shard is missing.

        Example: sleeptalk report merge shard-1 shard-2 --report-dir reports
        """
        if report_dir is not None and any(report_dir.resolve() == folder.resolve() for folder in folders):
            raise UsageError(f"--report-dir {report_dir} is the folder of a shard: choose one that is none of them.")
        joined = merged(folders, targets)
        outputs = Outputs(report_dir, write_baseline)
        with outputs.reserved():
            outputs.write(joined)
        click.get_current_context().exit(outputs.conclude(joined, screen()))

    @report.command(cls=Command)
    @click.argument("folders", metavar="DIR...", nargs=-1, required=True, type=FOLDER)
    def summary(folders: tuple[Path, ...]) -> None:
        """Show the reports in several folders together.

        A rule of a target that more than one of them judged counts by its worst outcome.

        Exit codes: 0 shown, 2 a report could not be read.

        Example: sleeptalk report summary nights calls
        """
        reports = [read_report(folder) for folder in folders]
        every = {(target.name, rule): "not-exercised" for target in targets for rule in target.rules}
        outcomes = every | worst_outcomes(reports)
        kept, broken, rest = (list(outcomes.values()).count(outcome) for outcome in _OUTCOMES)
        console = screen()
        console.print(_table(reports))
        console.print(f"{len(outcomes)} rules: {kept} kept, {broken} broken, {rest} not exercised.")

    return report


def read_report(folder: Path) -> dict[str, Any]:
    """Return the value of a folder's report.json. Raises UsageError where there is none, or something else."""
    file = folder / FACTS
    try:
        value: dict[str, Any] = read_json_file(file, within=folder)
        jsonschema_rs.validator_for(report_schema(), validate_formats=True).validate(value)
        _started(value)
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): name folders that --report-dir wrote.") from None
    except RefusedError as error:
        raise UsageError(f"{file} is not a report, it {error}: name folders that --report-dir wrote.") from None
    except (ValueError, jsonschema_rs.ValidationError):
        raise UsageError(f"{file} is not a report: name folders that --report-dir wrote.") from None
    return value


def _started(report: Mapping[str, Any]) -> dt.datetime | None:
    """Return when a run began; None where that is not known. Raises ValueError for a time that does not exist."""
    text = report.get("started")
    return None if text is None else dt.datetime.fromisoformat(text)


def worst_outcomes(reports: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Return the outcome of each rule, by target and id, over several reports: failed before passed before the rest."""
    worst: dict[tuple[str, str], str] = {}
    rank = {"not-exercised": 0, "excluded": 0, "passed": 1, "failed": 2}
    for each in reports:
        for rule in each["rules"]:
            key = (each["target"], rule["id"])
            before = worst.get(key, "not-exercised")
            worst[key] = max(before, rule["outcome"], key=rank.__getitem__)
    return worst


def _table(reports: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("target", "requests", "rules kept", "broken", "not exercised", "throttled", "verdict"):
        table.add_column(heading, justify="left" if heading in {"target", "verdict"} else "right")
    for each in reports:
        outcomes = [rule["outcome"] for rule in each["rules"]]
        counts = (each["requests"], *(outcomes.count(name) for name in _OUTCOMES), each.get("throttled", 0))
        verdict = each.get("verdict", each["outcome"]).replace("-", " ")
        table.add_row(each["target"], *map(str, counts), verdict)
    return table


def merged(folders: Sequence[Path], targets: Sequence[Target]) -> Report:
    """Join the reports in some folders, of one of some targets.

    A shard that is missing is a problem of the joined report. Raises UsageError where a folder has no report, and
    where the reports are not shards of one run.
    """
    reports = [read_report(folder) for folder in folders]
    for name in _SAME:
        if len({json.dumps(report.get(name)) for report in reports}) > 1:
            raise UsageError(f"These reports are not from one run: they differ in their {name}.")
    stopped = dict.fromkeys(report["stopped"] for report in reports if report.get("stopped"))
    answers: Counter[tuple[str, str]] = Counter()
    for report in reports:
        answers.update({(each["state"], each["status"]): each["count"] for each in report.get("answers", [])})
    cases = [_cases(folder) for folder in folders]
    missing = _missing_shards(reports)
    first = reports[0]
    target = next((each for each in targets if each.name == first["target"]), None)
    if target is None:
        raise UsageError(f"These reports are about {first['target']!r}, which is not a target of this version.")
    return Report(
        target=first["target"],
        url=first["url"],
        seed=first["seed"],
        requests=sum(report["requests"] for report in reports),
        seconds=max(report["seconds"] for report in reports),
        rules=tuple(_rule(rule, reports, cases) for rule in target.rules.values() if _has(rule.id, reports)),
        beyond=_findings([report.get("beyond", []) for report in reports], cases),
        answers=dict(sorted(answers.items())),
        successes=_sum("successes", reports),
        throttled=_sum("throttled", reports),
        unjudged=_sum("unjudged", reports),
        required=tuple(dict.fromkeys(rule for report in reports for rule in report.get("required", []))),
        strict=first.get("strict", False),
        stopped="; ".join(stopped),
        interrupted=any(report.get("interrupted", False) for report in reports),
        problems=(*_problems_of(reports), *missing),
        partial=bool(missing),
        passed_over=_passed_over(reports),
        started=min(filter(None, map(_started, reports)), default=None),
        version=first.get("version", ""),
        summary=target.summary,
        known_ids=tuple(
            dict.fromkeys(each for found in cases for case in found.values() for each in case["known_ids"])
        ),
    )


def _sum(name: str, reports: Sequence[Mapping[str, Any]]) -> int:
    return sum(report.get(name, 0) for report in reports)


def _passed_over(reports: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many exchanges all shards together did not judge, by why."""
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update({each["reason"]: each["count"] for each in report.get("passed_over", [])})
    return dict(counts)


def _problems_of(reports: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the problems of all shards, each once."""
    return tuple(dict.fromkeys(problem for report in reports for problem in report.get("problems", [])))


def _missing_shards(reports: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return a sentence that names the missing shards, if any. Raises UsageError for one too many."""
    shards = [str(report.get("shard", "1/1")) for report in reports]
    totals = {shard.partition("/")[2] for shard in shards}
    beyond = [shard for shard in shards if int(shard.partition("/")[0]) > int(shard.partition("/")[2])]
    if len(totals) > 1 or len(set(shards)) < len(shards) or beyond:
        raise UsageError(f"These reports are not the shards of one run: {_some(sorted(shards))}.")
    total = totals.pop()
    missing = [f"{index}/{total}" for index in range(1, int(total) + 1) if f"{index}/{total}" not in shards]
    return (f"Shards are missing: {_some(missing)}.",) if missing else ()


def _some(shards: Sequence[str]) -> str:
    more = f" and {len(shards) - _MOST_NAMED} more" if len(shards) > _MOST_NAMED else ""
    return f"{', '.join(shards[:_MOST_NAMED])}{more}"


def _has(rule: str, reports: Sequence[Mapping[str, Any]]) -> bool:
    return any(entry["id"] == rule for report in reports for entry in report["rules"])


def _rule(rule: Rule, reports: Sequence[Mapping[str, Any]], cases: Sequence[Mapping[str, Any]]) -> RuleResult:
    entries: list[Mapping[str, Any]] = [
        next((entry for entry in report["rules"] if entry["id"] == rule.id), {}) for report in reports
    ]
    broken = [entry for entry in entries if entry.get("outcome") == "failed"]
    times = sum(entry.get("broken") or len(entry["failures"]) for entry in broken)
    accepted = broken[0]["accepted"] if broken and all("accepted" in each for each in broken) else None
    checked = sum(entry.get("checked", 0) for entry in entries)
    return RuleResult(
        rule,
        checked=max(checked, times),
        broken=times,
        findings=_findings([entry.get("failures", []) for entry in entries], cases),
        hint=next(
            (entry["hint"] for entry in entries if entry.get("hint") and bool(entry["checked"]) == bool(checked)), ""
        ),
        accepted=None if accepted is None else Acceptance(accepted["reason"], accepted["expires"]),
        places=tuple(dict.fromkeys(place for entry in entries for place in entry.get("places", []))),
        excluded=all(entry.get("outcome") == "excluded" for entry in entries),
    )


def _findings(found: Sequence[Sequence[Mapping[str, Any]]], cases: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Return the findings of all shards: those that say the same in answers of the same status are one."""
    kept: dict[tuple[str, str, object], Finding] = {}
    for entries, files in zip(found, cases, strict=True):
        for each in entries[:MOST_FINDINGS]:
            case = files.get(each.get("case", ""))
            finding = Finding(
                each["message"],
                each["where"],
                each["reproduce"],
                case and case["exchange"],
                each.get("sentence", ""),
                tuple(each.get("places", ())),
                each.get("times", 1),
                tuple(each.get("intents", ())),
            )
            like = (finding.location, finding.message, _failure(finding))
            before = kept.get(like)
            if before is not None:
                intents = tuple(dict.fromkeys((*before.intents, *finding.intents)))
                finding = replace(before, times=before.times + finding.times, intents=intents)
            kept[like] = finding
    return tuple(kept.values())[:MOST_FINDINGS]


def _failure(finding: Finding) -> object:
    """Return what tells the answers of failures apart: status and body, which are left open for a success."""
    case = finding.case
    if case is None or is_success(case["status"]):
        return None
    return case["status"], str(case["answer"])


def _cases(folder: Path) -> dict[str, Any]:
    """Read the cases of a report, by the name that the report gives them.

    Those that cannot be read are left out, and so are those beyond the first MOST_CASES or 64 MiB.
    """
    found = {}
    left = _MOST_BYTES_OF_CASES
    for path in sorted((folder / CASES).glob("*.json"))[:MOST_CASES]:
        try:
            left -= path.stat().st_size
            if left < 0:
                break
            found[f"{CASES}/{path.name}"] = read_case_file(path, within=folder)
        except (OSError, ValueError):
            continue
    return found
