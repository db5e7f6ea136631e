# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenIntEnum


class SleepStage(OpenIntEnum):
    """The sleep stage of one 30 s epoch: -1 error (invalid audio, failed analysis), 0 wake, 1 light sleep, 2 deep
    sleep, 3 REM sleep. A two-stage contract knows 0 wake and 1 sleep.
    """

    ERROR = -1
    """Invalid audio, or the analysis failed."""
    WAKE = 0
    """Awake."""
    LIGHT = 1
    """Light sleep; in a two-stage contract, any sleep."""
    DEEP = 2
    """Deep sleep."""
    REM = 3
    """REM sleep."""
