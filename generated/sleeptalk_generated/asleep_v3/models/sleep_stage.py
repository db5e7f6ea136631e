# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenIntEnum


class SleepStage(OpenIntEnum):
    """The sleep stage of one 30 s epoch: -1 error (invalid audio, failed analysis), 0 wake, 1 light sleep, 2 deep
    sleep, 3 REM sleep. A two-stage contract knows 0 wake and 1 sleep.
    """

    ERROR = -1
    WAKE = 0
    LIGHT = 1
    DEEP = 2
    REM = 3
