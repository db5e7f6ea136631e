# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from ...types import Model, known_to_attrs


@known_to_attrs
class TimeRange(Model, frozen=True, kw_only=True):
    """A stretch of the recording."""

    start_time: float
    """Where it starts, in seconds from the start of the recording."""
    end_time: float
    """Where it ends, in seconds from the start of the recording."""
