# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class CallbackEvent(OpenStrEnum):
    """INFERENCE_COMPLETE when a window is analysed, SESSION_COMPLETE when the whole session is."""

    INFERENCE_COMPLETE = "INFERENCE_COMPLETE"
    """A window of the night is analysed."""
    SESSION_COMPLETE = "SESSION_COMPLETE"
    """The whole session is analysed."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "INFERENCE_COMPLETE": "A window of the night is analysed.",
    "SESSION_COMPLETE": "The whole session is analysed.",
}
