# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .session_result import SessionResult


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteDataV2(WireModel):
    """The analysis of one whole session. The page of the callback has the session under `sleep_data`. The
    migration guide says in short that `callback_data` became the result of Get Single Session.
    """

    user_id: str
    """The user who created the session."""
    session_id: str
    """The session."""
    sleep_data: SessionResult
    """The session, as the `result` of data v3 has it."""
