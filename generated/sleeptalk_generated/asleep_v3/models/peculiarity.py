# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class Peculiarity(OpenStrEnum):
    """Something special about a session; a reader must accept values that it does not know."""

    IN_PROGRESS = "IN_PROGRESS"
    """The session has not been analysed to the end: it is OPEN or CLOSED."""
    NEVER_SLEPT = "NEVER_SLEPT"
    """No sleep was found: every epoch is wake."""
    TOO_SHORT_FOR_ANALYSIS = "TOO_SHORT_FOR_ANALYSIS"
    """The session is too short to be analysed."""
    TOO_LONG_FOR_ANALYSIS = "TOO_LONG_FOR_ANALYSIS"
    """The session is longer than 24 hours, so that its result is not to be trusted."""
    TOO_MANY_DEFECTS_IN_SLEEP_STAGES = "TOO_MANY_DEFECTS_IN_SLEEP_STAGES"
    """Too much of the audio could not be analysed."""
    NO_BREATHING_STABILITY = "NO_BREATHING_STABILITY"
    """The contract does not include the analysis of breathing."""
    NO_REALTIME_POLLING = "NO_REALTIME_POLLING"
    """The contract does not allow reads before the session is COMPLETE."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "IN_PROGRESS": "The session has not been analysed to the end: it is OPEN or CLOSED.",
    "NEVER_SLEPT": "No sleep was found: every epoch is wake.",
    "TOO_SHORT_FOR_ANALYSIS": "The session is too short to be analysed.",
    "TOO_LONG_FOR_ANALYSIS": "The session is longer than 24 hours, so that its result is not to be trusted.",
    "TOO_MANY_DEFECTS_IN_SLEEP_STAGES": "Too much of the audio could not be analysed.",
    "NO_BREATHING_STABILITY": "The contract does not include the analysis of breathing.",
    "NO_REALTIME_POLLING": "The contract does not allow reads before the session is COMPLETE.",
}
