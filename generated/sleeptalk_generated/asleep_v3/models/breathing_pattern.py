# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class BreathingPattern(OpenStrEnum):
    """How stable breathing was over the night, in four degrees. The thresholds are not published. Data v2 has
    other names for the same four.
    """

    STABLE_BREATH = "STABLE_BREATH"
    """The most stable of the four degrees; `VERY_STABLE` in data v2."""
    MILDLY_UNSTABLE_BREATH = "MILDLY_UNSTABLE_BREATH"
    """The second most stable degree; `STABLE` in data v2."""
    MODERATELY_UNSTABLE_BREATH = "MODERATELY_UNSTABLE_BREATH"
    """The second least stable degree; `UNSTABLE` in data v2."""
    SEVERELY_UNSTABLE_BREATH = "SEVERELY_UNSTABLE_BREATH"
    """The least stable of the four degrees; `VERY_UNSTABLE` in data v2."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "STABLE_BREATH": "The most stable of the four degrees; `VERY_STABLE` in data v2.",
    "MILDLY_UNSTABLE_BREATH": "The second most stable degree; `STABLE` in data v2.",
    "MODERATELY_UNSTABLE_BREATH": "The second least stable degree; `UNSTABLE` in data v2.",
    "SEVERELY_UNSTABLE_BREATH": "The least stable of the four degrees; `VERY_UNSTABLE` in data v2.",
}
