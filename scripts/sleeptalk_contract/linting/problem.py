"""A problem of a document, and where in the file it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

YAML: Final = "yaml"
"""The rule that a text can be read at all, and by every reader alike."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right: what is wrong, what would be right, and where. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.rule}  {self.message}"
