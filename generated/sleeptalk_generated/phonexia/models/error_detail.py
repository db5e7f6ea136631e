# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .error_context import ErrorContext


@define(frozen=True, kw_only=True, repr=False)
class ErrorDetail(WireModel):
    """One detail of an error."""

    location: list[int | str]
    """The place of the error as a path of names and indexes, for example `[body, 0]`."""
    message: str
    """The detail in a sentence, for people."""
    type: str
    """The kind of the detail, for programs, for example `task.not-found`. The values are not listed."""
    context: ErrorContext | None | UnsetType = UNSET
    """What the detail is about, for example the id of a task; null is as if it were absent."""
