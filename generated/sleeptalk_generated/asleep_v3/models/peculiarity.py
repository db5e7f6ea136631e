# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenStrEnum


class Peculiarity(OpenStrEnum):
    """Something special about a session; a reader must accept values that it does not know."""

    IN_PROGRESS = "IN_PROGRESS"
    NEVER_SLEPT = "NEVER_SLEPT"
    TOO_SHORT_FOR_ANALYSIS = "TOO_SHORT_FOR_ANALYSIS"
    TOO_LONG_FOR_ANALYSIS = "TOO_LONG_FOR_ANALYSIS"
    TOO_MANY_DEFECTS_IN_SLEEP_STAGES = "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"
    NO_BREATHING_STABILITY = "NO_BREATHING_STABILITY"
    NO_REALTIME_POLLING = "NO_REALTIME_POLLING"
