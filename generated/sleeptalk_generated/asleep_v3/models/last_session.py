# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .session_state import SessionState


@define(frozen=True, kw_only=True, repr=False)
class LastSession(WireModel):
    """The last session of a user. In its prose the page writes `session_end_time` and `complete_end_time`; the
    fields are `end_time` and `complete_time`.
    """

    session_id: str
    """The id of the session; the printed sample has one of an older form, without the part behind the date."""
    inference_type: str
    """The form of the audio that was uploaded, `MELSPECTROGRAM` in the printed sample."""
    service: str
    """What the app called its service when it created the session, `NOSERVICE` in the printed sample."""
    start_time: str
    """When the recording began, in UTC."""
    end_time: str | None
    """When the recording ended, in UTC. Null while the session is OPEN."""
    state: SessionState
    """How far the session has come."""
    complete_time: str | None
    """When the analysis was finished, in UTC. Null unless the session is COMPLETE."""
