# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel


@define(frozen=True, kw_only=True, repr=False)
class TimeRange(WireModel):
    """A stretch of the recording."""

    start_time: float
    """Where it starts, in seconds from the start of the recording."""
    end_time: float
    """Where it ends, in seconds from the start of the recording."""
