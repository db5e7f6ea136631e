# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class SessionState(OpenStrEnum):
    """How far a session has come. OPEN: audio may still be uploaded. CLOSED: the recording has ended and the
    analysis goes on. COMPLETE: everything has been analysed.
    """

    OPEN = "OPEN"
    """Audio may still be uploaded."""
    CLOSED = "CLOSED"
    """The recording has ended, and the analysis goes on."""
    COMPLETE = "COMPLETE"
    """Everything has been analysed."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "OPEN": "Audio may still be uploaded.",
    "CLOSED": "The recording has ended, and the analysis goes on.",
    "COMPLETE": "Everything has been analysed.",
}
