"""The string formats of Phonexia's document as Hypothesis strategies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

FORMATS: Final[dict[str, SearchStrategy[str]]] = {"trace-id": strategies.uuids().map(str)}
