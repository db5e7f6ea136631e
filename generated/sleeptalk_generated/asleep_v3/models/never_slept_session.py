# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import Timestamp, WireModel


@define(frozen=True, kw_only=True, repr=False)
class NeverSleptSession(WireModel):
    """What the averages say of a session without sleep."""

    id: str
    """The id of the session."""
    start_time: Timestamp
    """When the recording began."""
    end_time: Timestamp
    """When the recording ended."""
    completed_time: Timestamp
    """When the analysis was finished."""
