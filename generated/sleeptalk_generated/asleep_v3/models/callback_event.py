# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenStrEnum


class CallbackEvent(OpenStrEnum):
    """INFERENCE_COMPLETE when a window is analysed, SESSION_COMPLETE when the whole session is."""

    INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
    SESSION_COMPLETE = "SESSION_COMPLETE"
