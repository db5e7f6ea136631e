"""Redocly's scores of a document, out of 100, and the floors below which they must not fall."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.documents import folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.node import redocly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RULE: Final = "score"
FLOORS: Final = "scores.json"


@dataclass(frozen=True, slots=True)
class Score:
    """How easily a document is used: by agents that read it, and how well its operations can be found. Out of 100."""

    agent_readiness: float
    discoverability: float

    def __str__(self) -> str:
        return f"agent readiness {self.agent_readiness:g}, discoverability {self.discoverability:g}"


def score(file: Path) -> Score:
    """Let Redocly score one document. Raises UsageError where it gives no score."""
    run = redocly("score", file.resolve(), "--format=json")
    try:
        read, _ = json.JSONDecoder().raw_decode(run.stdout[run.stdout.index("{") :])
        return Score(float(read["agentReadiness"]), float(read["discoverability"]))
    except (ValueError, KeyError) as error:
        raise UsageError(f"Redocly gave no score of {file}: {' '.join(run.stderr.split())[:300]}") from error


def floors() -> Mapping[str, Score]:
    """Read the floors of the documents by name ("asleep", "phonexia")."""
    path = folder() / FLOORS
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
                f"The score for {name.replace('_', ' ')} fell from {least:g} to {measured:g}: describe what is new, "
                f"or lower the floor in openapi/{FLOORS} with a reason."
            )


def as_markdown(scores: Mapping[str, Score]) -> str:
    """Write the scores as a Markdown table."""
    rows = [f"| {name} | {one.agent_readiness:g} | {one.discoverability:g} |" for name, one in scores.items()]
    head = ["| Document | Agent readiness | Discoverability |", "| --- | ---: | ---: |"]
    return "\n".join(["### Scores of the documents", "", *head, *rows, ""])
