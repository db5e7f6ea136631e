# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenIntEnum


class BreathStage(OpenIntEnum):
    """The breathing stage of one 30 s epoch: -1 error (invalid audio, failed analysis), 0 stable, 1 unstable. Show
    it as breathing instability: Korean law reserves the names of illnesses for medical devices.
    """

    ERROR = -1
    """Invalid audio, or the analysis failed."""
    STABLE = 0
    """Stable breathing."""
    UNSTABLE = 1
    """Unstable breathing."""
