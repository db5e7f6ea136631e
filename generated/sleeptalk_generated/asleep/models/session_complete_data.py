# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .sleep_data import SleepData


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteData(WireModel):
    """The analysis of one whole session."""

    user_id: str
    """The user who created the session."""
    session_id: str
    """The session."""
    sleep_data: SleepData
    """The stages and the statistics of the session."""
