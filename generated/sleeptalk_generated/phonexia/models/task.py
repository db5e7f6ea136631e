# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from uuid import UUID

from attrs import define

from ...types import WireModel
from .task_state import TaskState


@define(frozen=True, kw_only=True, repr=False)
class Task(WireModel):
    """One task in the background."""

    task_id: UUID
    """The id of the task."""
    state: TaskState
    """How far the task has come."""
