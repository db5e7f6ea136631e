# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenStrEnum


class BreathingPattern(OpenStrEnum):
    """How stable breathing was over the night, in four degrees. The thresholds are not published. Data v2 has
    other names for the same four.
    """

    STABLE_BREATH = "STABLE_BREATH"
    MILDLY_UNSTABLE_BREATH = "MILDLY_UNSTABLE_BREATH"
    MODERATELY_UNSTABLE_BREATH = "MODERATELY_UNSTABLE_BREATH"
    SEVERELY_UNSTABLE_BREATH = "SEVERELY_UNSTABLE_BREATH"
