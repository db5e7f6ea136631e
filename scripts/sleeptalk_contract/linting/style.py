"""Asks Redocly whether documents keep the style guide: `openapi/redocly.yaml`, house rules in `openapi/style/`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.linting.problem import YAML, Problem
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UNREADABLE: Final = re.compile(r'- (?P<message>.+?)(?: in "(?P<file>[^"]+)")? \((?P<line>\d+):(?P<column>\d+)\)')


def style_problems(files: Sequence[Path]) -> Iterator[Problem]:
    """Yield what Redocly finds in `files`, errors and warnings alike.

    Raises UsageError where Redocly cannot be run.
    """
    if not files:
        return
    run = redocly("lint", *(file.resolve() for file in files), "--format=json", "--max-problems=10000")
    names = {file.resolve(): str(file) for file in files}
    reports = list(_reports(run.stdout))
    for report in reports:
        for problem in report["problems"]:
            yield _problem(problem, names)
    if len(reports) < len(files):
        yield from _unreadable(run.stderr + run.stdout, names)


def _reports(output: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON report of each file: Redocly writes one after the other."""
    decoder = json.JSONDecoder()
    start = output.find("{")
    while start >= 0:
        try:
            report, end = decoder.raw_decode(output, start)
        except ValueError:
            return
        yield report
        start = output.find("{", end)


def _problem(problem: dict[str, Any], names: dict[Path, str]) -> Problem:
    place = problem["location"][0]
    file = Path(place["source"]["ref"]).resolve()
    start = place.get("start", {"line": 1, "col": 1})
    message = " ".join(str(problem["message"]).split())
    return Problem(names.get(file, str(file)), start["line"], start["col"], problem["ruleId"], message)


def _unreadable(output: str, names: dict[Path, str]) -> Iterator[Problem]:
    """Read the places out of Redocly's remark that documents are no YAML; without any, Redocly itself has failed."""
    found = [match for match in _UNREADABLE.finditer(output) if match["file"] is not None]
    if not found:
        raise UsageError(f"Redocly failed: {' '.join(output.split())[:500]}")
    for match in found:
        file = Path(match["file"]).resolve()
        message = f"This is not YAML 1.2: {match['message']}."
        yield Problem(names.get(file, str(file)), int(match["line"]), int(match["column"]), YAML, message)
