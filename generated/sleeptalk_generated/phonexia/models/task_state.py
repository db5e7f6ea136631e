# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from ...types import OpenStrEnum


class TaskState(OpenStrEnum):
    """How far a task has come. pending: it waits. running: it is being worked on. rejected: its input is not
    valid, try another. failed: something went wrong inside, the same may succeed later. done: the result is
    there. cancelled: it was called off; the overview of release 5.0.0 alone knows that, and no page says how it
    is done.
    """

    PENDING = "pending"
    RUNNING = "running"
    REJECTED = "rejected"
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"
