# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenStrEnum


class SessionState(OpenStrEnum):
    """How far a session has come. OPEN: audio may still be uploaded. CLOSED: the recording has ended and the
    analysis goes on. COMPLETE: everything has been analysed.
    """

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    COMPLETE = "COMPLETE"
