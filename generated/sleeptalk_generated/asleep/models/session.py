# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from attrs import define

from ...types import Timestamp, WireModel
from .osa_stage import OsaStage
from .session_state import SessionState
from .sleep_stage import SleepStage


@define(frozen=True, kw_only=True, repr=False)
class Session(WireModel):
    """What was recorded in one night, and the stages found in it."""

    id: str
    """The id of the session."""
    state: SessionState
    """How far the session has come."""
    start_time: Timestamp
    """When the recording began."""
    end_time: Timestamp | None
    """When the recording ended. Null while the session is OPEN."""
    sleep_stages: list[SleepStage] | None
    """The sleep stage of each 30 s epoch since `start_time`. Null only for an OPEN session whose contract is
    without real-time analysis.
    """
    osa_stages: list[OsaStage] | None
    """The breathing stage of each 30 s epoch since `start_time`. Null when the contract is without breathing
    analysis, and for an OPEN session without real-time analysis.
    """
