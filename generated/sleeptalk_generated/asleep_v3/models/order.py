# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class Order(OpenStrEnum):
    """An order by time, ASC for the earliest first, DESC for the latest first."""

    ASC = "ASC"
    """The earliest first."""
    DESC = "DESC"
    """The latest first."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "ASC": "The earliest first.",
    "DESC": "The latest first.",
}
