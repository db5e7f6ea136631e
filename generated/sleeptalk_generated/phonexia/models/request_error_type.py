# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from ...types import OpenStrEnum


class RequestErrorType(OpenStrEnum):
    """Why a request was not served."""

    INTERNAL = "internal"
    RESOURCE_NOT_FOUND = "resource.not-found"
    METHOD_INVALID = "method.invalid"
    REQUEST_FORBIDDEN = "request.forbidden"
    REQUEST_INVALID = "request.invalid"
    REQUEST_VALIDATION_ERROR = "request.validation-error"
    REQUEST_RATE_LIMIT_EXCEEDED = "request.rate-limit-exceeded"
    REQUEST_SIZE_LIMIT_EXCEEDED = "request.size-limit-exceeded"
    STORAGE_CAPACITY_EXCEEDED = "storage.capacity-exceeded"
