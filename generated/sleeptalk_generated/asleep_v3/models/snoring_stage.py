# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenIntEnum


class SnoringStage(OpenIntEnum):
    """Whether there was snoring in one 30 s epoch: -1 error, 0 no snoring, 1 snoring. No page prints -1 for it; it
    is accepted as in the other lists.
    """

    ERROR = -1
    """Invalid audio, or the analysis failed."""
    NO_SNORING = 0
    """No snoring."""
    SNORING = 1
    """Snoring."""
