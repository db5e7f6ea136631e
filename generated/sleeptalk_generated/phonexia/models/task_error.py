# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .error_detail import ErrorDetail
from .task_error_type import TaskErrorType


@define(frozen=True, kw_only=True, repr=False)
class TaskError(WireModel):
    """Why a task was rejected or failed."""

    type: TaskErrorType
    """The kind of error, for programs."""
    message: str
    """The error in a sentence, for people."""
    detail: list[ErrorDetail] | None | UnsetType = UNSET
    """More about the error, where there is more to say; null is as if it were absent."""
