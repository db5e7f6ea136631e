# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from collections.abc import Mapping
from typing import Final

from ...types import OpenStrEnum


class RequestErrorType(OpenStrEnum):
    """Why a request was not served."""

    INTERNAL = "internal"
    """Something went wrong inside."""
    RESOURCE_NOT_FOUND = "resource.not-found"
    """There is no such resource."""
    METHOD_INVALID = "method.invalid"
    """The resource does not take this method."""
    REQUEST_FORBIDDEN = "request.forbidden"
    """The request is not allowed."""
    REQUEST_INVALID = "request.invalid"
    """The request could not be parsed."""
    REQUEST_VALIDATION_ERROR = "request.validation-error"
    """The request was parsed, and is not valid."""
    REQUEST_RATE_LIMIT_EXCEEDED = "request.rate-limit-exceeded"
    """There were too many requests."""
    REQUEST_SIZE_LIMIT_EXCEEDED = "request.size-limit-exceeded"
    """The body is too large."""
    STORAGE_CAPACITY_EXCEEDED = "storage.capacity-exceeded"
    """There is no room for another task."""

    @property
    def sentence(self) -> str:
        """What the value means, for people. Of one that the document does not list, a sentence with the value."""
        return _SENTENCES.get(self._value_, f"The service says {self._value_}, which is not documented.")


_SENTENCES: Final[Mapping[str, str]] = {
    "internal": "Something went wrong inside.",
    "resource.not-found": "There is no such resource.",
    "method.invalid": "The resource does not take this method.",
    "request.forbidden": "The request is not allowed.",
    "request.invalid": "The request could not be parsed.",
    "request.validation-error": "The request was parsed, and is not valid.",
    "request.rate-limit-exceeded": "There were too many requests.",
    "request.size-limit-exceeded": "The body is too large.",
    "storage.capacity-exceeded": "There is no room for another task.",
}
