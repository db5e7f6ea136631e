"""One change of a document and what it costs, and how changes are written: as text, JSON and Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Literal

from sleeptalk_contract.contract.redaction import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["document", "rule", "client"]


class Impact(IntEnum):
    """The part of a version number that a change calls for: MAJOR breaks someone, MINOR adds, PATCH does neither."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        """The name in lower case, as written in output and options."""
        return self.name.lower()


_TITLES: Final = {
    Impact.MAJOR: "Breaking",
    Impact.MINOR: "Added or relaxed",
    Impact.PATCH: "Wording and values without a promise",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `kind` is what it is a change of: "document" (its shape, found by Redocly), "rule" (a condition, an `x-rule`, or
    an entry of the catalogue) or "client" (the signatures of the generated Python package). `subject` is the name by
    which an announcement must call it, such as "Stat.rem_ratio" or a rule's id. `place` is a JSON Pointer into the
    document after a "#", or a Python name. `line` counts from 1 and is None where the place has no line, as in the
    Python package.
    """

    impact: Impact
    kind: Kind
    document: str
    subject: str
    place: str
    sentence: str
    line: int | None = None

    @property
    def order(self) -> tuple[int, str, str, str]:
        """The key to sort by: the worst first, then by document, kind and place."""
        return (-self.impact, self.document, self.kind, self.place)


def worst(changes: Sequence[Change]) -> Impact | None:
    """Return the highest impact, None without changes."""
    return max((change.impact for change in changes), default=None)


def as_text(changes: Sequence[Change]) -> str:
    """Return one line per change, in the given order, and a line with the totals."""
    lines = [f"{change.impact.word:<6}{change.document}  {_place(change)}  {change.sentence}" for change in changes]
    return "\n".join(map(escaped, [*lines, total(changes)]))


def as_json(changes: Sequence[Change]) -> dict[str, Any]:
    """Return a JSON object: `impact`, the worst ("major", "minor", "patch") or null, and `changes`, a list."""
    highest = worst(changes)
    return {
        "impact": None if highest is None else highest.word,
        "changes": [
            {
                "impact": change.impact.word,
                "kind": change.kind,
                "document": change.document,
                "subject": change.subject,
                "place": change.place,
                "line": change.line,
                "sentence": change.sentence,
            }
            for change in changes
        ],
    }


def as_markdown(changes: Sequence[Change]) -> str:
    """Return a heading for each impact with its changes as a list, for a comment or a changelog."""
    lines = ["### What changes for users of the documents", ""]
    for impact, title in _TITLES.items():
        group = [change for change in changes if change.impact is impact]
        if group:
            lines += [f"**{title}** ({impact.word})", ""]
            lines += [f"- {change.document}: {change.sentence} <sub>`{_place(change)}`</sub>" for change in group]
            lines.append("")
    return "\n".join(map(escaped, [*lines, total(changes)]))


def total(changes: Sequence[Change]) -> str:
    """Return how many changes there are of each impact, in words."""
    if not changes:
        return "No change."
    counted = ", ".join(f"{sum(c.impact is impact for c in changes)} {impact.word}" for impact in _TITLES)
    return f"{len(changes)} change{'s' * (len(changes) != 1)}: {counted}."


def _place(change: Change) -> str:
    return change.place if change.line is None else f"{change.place} (line {change.line})"
