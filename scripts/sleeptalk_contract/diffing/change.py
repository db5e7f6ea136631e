"""One change of a document and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `kind` tells what it is a change of: "document" (its shape, found by Redocly), "rule" (a condition, an `x-rule`, or
    an entry of the catalogue) or "client" (the signatures of the generated Python package). `subject` is the name by
    which an announcement must call it, such as "Stat.rem_ratio" or a rule's id. `place` is a JSON Pointer into the
    document, or a Python name.
    `line` counts from 1 and is None where the place has no line, as in the Python package.
    """

    impact: Impact
    kind: Kind
    document: str
    subject: str
    place: str
    says: str
    line: int | None = None

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Sorts the worst first, then by kind and place."""
        return (-self.impact, self.document, self.kind, self.place)


def worst(changes: list[Change]) -> Impact | None:
    """Give the highest impact, None without changes."""
    return max((change.impact for change in changes), default=None)
