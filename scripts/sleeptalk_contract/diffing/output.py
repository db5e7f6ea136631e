"""Writes changes as text, JSON and Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.diffing.change import Change, Impact, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

_TITLES: Final = {
    Impact.MAJOR: "Breaking",
    Impact.MINOR: "Added or relaxed",
    Impact.PATCH: "Wording and figures that nobody relies on",
}


def as_text(changes: Sequence[Change]) -> str:
    """Write one line a change, the worst first, and a line with the sum."""
    lines = [f"{change.impact.word:<6}{change.document}  {_place(change)}  {change.says}" for change in changes]
    return "\n".join([*lines, total(changes)])


def as_json(changes: Sequence[Change]) -> str:
    """Write an object: `impact`, the worst ("major", "minor", "patch") or null, and `changes`, a list of objects."""
    highest = worst(list(changes))
    return json.dumps(
        {
            "impact": None if highest is None else highest.word,
            "changes": [
                {
                    "impact": change.impact.word,
                    "kind": change.kind,
                    "document": change.document,
                    "subject": change.subject,
                    "place": change.place,
                    "line": change.line,
                    "says": change.says,
                }
                for change in changes
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def as_markdown(changes: Sequence[Change]) -> str:
    """Write a heading for each impact with its changes as a list: a comment on a change, or entries of a changelog."""
    lines = ["### What changes for users of the documents", ""]
    for impact, title in _TITLES.items():
        group = [change for change in changes if change.impact is impact]
        if group:
            lines += [f"**{title}** ({impact.word})", ""]
            lines += [f"- {change.document}: {change.says} <sub>`{_place(change)}`</sub>" for change in group]
            lines.append("")
    return "\n".join([*lines, total(changes)])


def total(changes: Sequence[Change]) -> str:
    """Say how many changes there are of each impact."""
    if not changes:
        return "No change."
    counted = ", ".join(f"{sum(c.impact is impact for c in changes)} {impact.word}" for impact in _TITLES)
    return f"{len(changes)} change{'s' * (len(changes) != 1)}: {counted}."


def _place(change: Change) -> str:
    return change.place if change.line is None else f"{change.place} (line {change.line})"
