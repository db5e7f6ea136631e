"""Redocly's problems with documents, by the style guide in `openapi/style/`, and its scores for them out of 100."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.document import current_folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.linting.checks import YAML, Problem
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SCORE: Final = "score"
FLOORS: Final = "scores.json"
"""The file beside the documents with the floors below which their scores must not fall."""

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
    """Read the locations from Redocly's message that documents are not YAML; without any, Redocly itself has failed."""
    found = [match for match in _UNREADABLE.finditer(output) if match["file"] is not None]
    if not found:
        raise UsageError(f"Redocly failed: {' '.join(output.split())[:500]}")
    for match in found:
        file = Path(match["file"]).resolve()
        message = f"This is not YAML 1.2: {match['message']}."
        yield Problem(names.get(file, str(file)), int(match["line"]), int(match["column"]), YAML, message)


@dataclass(frozen=True, slots=True)
class Score:
    """How easily agents can use a document and how easily its operations are found, both out of 100."""

    agent_readiness: float
    discoverability: float

    def __str__(self) -> str:
        return f"agent readiness {self.agent_readiness:g}, discoverability {self.discoverability:g}"


def score(file: Path) -> Score:
    """Return the scores that Redocly gives a document. Raises UsageError where there are none."""
    run = redocly("score", file.resolve(), "--format=json")
    try:
        read, _ = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index("{") :])
        return Score(float(read["agentReadiness"]), float(read["discoverability"]))
    except (ValueError, KeyError) as error:
        raise UsageError(f"Redocly did not score {file}: {' '.join(run.stderr.split())[:300]}") from error


def floors() -> Mapping[str, Score]:
    """Read the floors of the documents by name."""
    path = current_folder() / FLOORS
    try:
        return {name: Score(**entry) for name, entry in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{path} does not hold the floors of the scores: {error}.") from error


def fallen(now: Score, floor: Score) -> Iterator[str]:
    """Yield a sentence for each score that is below its floor."""
    for name in ("agent_readiness", "discoverability"):
        measured, least = getattr(now, name), getattr(floor, name)
        if measured < least:
            yield (
                f"The score for {name.replace('_', ' ')} fell from {least:g} to {measured:g}: describe what was added, "
                f"or lower the floor in openapi/{FLOORS} with a reason."
            )


def as_markdown(scores: Mapping[str, Score]) -> str:
    """Return the scores as a Markdown table."""
    rows = [f"| {name} | {one.agent_readiness:g} | {one.discoverability:g} |" for name, one in scores.items()]
    head = ["| Document | Agent readiness | Discoverability |", "| --- | ---: | ---: |"]
    return "\n".join(["### Scores of the documents", "", *head, *rows, ""])
