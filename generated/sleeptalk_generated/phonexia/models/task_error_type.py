# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class TaskErrorType(OpenStrEnum):
    """Why a task has no result. internal goes with failed tasks, task.validation-error with rejected ones."""

    INTERNAL = "internal"
    """Something went wrong inside; goes with failed tasks."""
    TASK_VALIDATION_ERROR = "task.validation-error"
    """The input is not valid; goes with rejected tasks."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "internal": "Something went wrong inside; goes with failed tasks.",
    "task.validation-error": "The input is not valid; goes with rejected tasks.",
}
