# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from ...types import OpenStrEnum


class BreathingPattern(OpenStrEnum):
    """How stable breathing was over the night, in four degrees. The thresholds are not published."""

    VERY_STABLE = "VERY_STABLE"
    STABLE = "STABLE"
    UNSTABLE = "UNSTABLE"
    VERY_UNSTABLE = "VERY_UNSTABLE"
