# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .task import Task


@define(frozen=True, kw_only=True, repr=False)
class StartedTask(WireModel):
    """The task that was started."""

    task: Task
    """Which task this is. It waits for its turn."""
