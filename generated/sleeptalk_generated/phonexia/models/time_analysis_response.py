# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .task import Task
from .task_error import TaskError
from .time_analysis_result import TimeAnalysisResult


@define(frozen=True, kw_only=True, repr=False)
class TimeAnalysisResponse(WireModel):
    """A task, with its result or its error once it has ended."""

    task: Task
    """Which task this is and how far it has come."""
    result: TimeAnalysisResult | None | UnsetType = UNSET
    """The analysis. Absent, null or `{}` unless the task is done."""
    error: TaskError | None | UnsetType = UNSET
    """Why there is no result. Absent, null or `{}` unless the task was rejected or failed."""
