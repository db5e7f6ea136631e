# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from ...types import OpenStrEnum


class TaskErrorType(OpenStrEnum):
    """Why a task has no result. internal goes with failed tasks, task.validation-error with rejected ones."""

    INTERNAL = "internal"
    TASK_VALIDATION_ERROR = "task.validation-error"
