# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, Timestamp, UnsetType, WireModel
from .breath_stage import BreathStage
from .session_state import SessionState
from .sleep_stage import SleepStage
from .snoring_stage import SnoringStage


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
    unexpected_end_time: Timestamp | None | UnsetType = UNSET
    """When the data really stopped, in a session that was closed later because the app had died. Null or absent
    without such an end.
    """
    created_timezone: str
    """The time zone of the phone when the session was created."""
    sleep_stages: list[SleepStage] | None
    """The sleep stage of each 30 s epoch since `start_time`. Null while the session is OPEN, for a contract
    without real-time reads.
    """
    breath_stages: list[BreathStage] | None
    """The breathing stage of each 30 s epoch since `start_time`. Null without breathing analysis, and while the
    session is OPEN, for a contract without real-time reads. The values are those of `osa_stages` in data v2.
    """
    snoring_stages: list[SnoringStage] | None | UnsetType = UNSET
    """Whether there was snoring in each 30 s epoch since `start_time`. Null or absent without snoring analysis,
    and while the session is OPEN, for a contract without real-time reads.
    """
