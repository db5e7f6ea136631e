# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class Gender(OpenStrEnum):
    """The gender of a person."""

    MALE = "male"
    """Male."""
    FEMALE = "female"
    """Female."""
    NON_BINARY = "non_binary"
    """Neither only male nor only female."""
    OTHER = "other"
    """Another gender."""
    PREFER_NOT_TO_SAY = "prefer_not_to_say"
    """The person does not say."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "male": "Male.",
    "female": "Female.",
    "non_binary": "Neither only male nor only female.",
    "other": "Another gender.",
    "prefer_not_to_say": "The person does not say.",
}
