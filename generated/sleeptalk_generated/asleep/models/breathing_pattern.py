# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class BreathingPattern(OpenStrEnum):
    """How stable breathing was over the night, in four degrees. The thresholds are not published."""

    VERY_STABLE = "VERY_STABLE"
    """The most stable of the four degrees."""
    STABLE = "STABLE"
    """The second most stable degree."""
    UNSTABLE = "UNSTABLE"
    """The second least stable degree."""
    VERY_UNSTABLE = "VERY_UNSTABLE"
    """The least stable of the four degrees."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "VERY_STABLE": "The most stable of the four degrees.",
    "STABLE": "The second most stable degree.",
    "UNSTABLE": "The second least stable degree.",
    "VERY_UNSTABLE": "The least stable of the four degrees.",
}
