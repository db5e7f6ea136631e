# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class TaskState(OpenStrEnum):
    """How far a task has come. pending: it waits. running: it is being worked on. rejected: its input is not
    valid, try another. failed: something went wrong inside, the same may succeed later. done: the result is
    there. cancelled: it was called off; the overview of release 5.0.0 alone knows that, and no page says how it
    is done.
    """

    PENDING = "pending"
    """It waits for its turn."""
    RUNNING = "running"
    """It is being worked on."""
    REJECTED = "rejected"
    """Its input is not valid: try another."""
    FAILED = "failed"
    """Something went wrong inside: the same may succeed later."""
    DONE = "done"
    """The result is there."""
    CANCELLED = "cancelled"
    """It was called off; only the overview of release 5.0.0 knows it."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "pending": "It waits for its turn.",
    "running": "It is being worked on.",
    "rejected": "Its input is not valid: try another.",
    "failed": "Something went wrong inside: the same may succeed later.",
    "done": "The result is there.",
    "cancelled": "It was called off; only the overview of release 5.0.0 knows it.",
}
