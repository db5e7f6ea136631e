# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, Timestamp, UnsetType, WireModel
from .session_state import SessionState


@define(frozen=True, kw_only=True, repr=False)
class ListedSession(WireModel):
    """What a list says of one session. Its keys are not those of a session that is read alone."""

    session_id: str
    """The id of the session."""
    state: SessionState
    """How far the session has come."""
    session_start_time: Timestamp
    """When the recording began."""
    session_end_time: Timestamp | None
    """When the recording ended. Null while the session is OPEN."""
    created_timezone: str
    """The time zone of the phone when the session was created."""
    unexpected_end_time: Timestamp | None | UnsetType = UNSET
    """When the data really stopped, in a session that was closed later because the app had died. Null or absent
    without such an end.
    """
    last_received_seq_num: int | None | UnsetType = UNSET
    """The number of the last upload of audio that arrived, counted from 0; one upload holds 30 s. It may lag
    behind the end of the session. Null or absent while nothing has arrived.
    """
    time_in_bed: int | None | UnsetType = UNSET
    """Seconds from the start to the end of the recording. Null or absent while the session is OPEN."""
