# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .peculiarity import Peculiarity
from .session import Session
from .stat import Stat


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteDataV3(WireModel):
    """The analysis of one whole session, as the `result` of data v3 has it, and the user."""

    user_id: str
    """The user who created the session."""
    timezone: str
    """The time zone of every time below, the one that was asked for, `UTC` by default."""
    peculiarities: list[Peculiarity]
    """What is special about the session, often nothing, sometimes several things. `IN_PROGRESS`: it is OPEN or
    CLOSED. `NO_REALTIME_POLLING`: the contract does not allow reads before it is COMPLETE. `NEVER_SLEPT`: every
    epoch is wake. `TOO_SHORT_FOR_ANALYSIS`: it is shorter than 20 minutes, in newer texts than 5.
    `TOO_LONG_FOR_ANALYSIS`: it is longer than 24 hours; there is a result, which is not to be trusted.
    `TOO_MANY_DEFECTS_IN_SLEEP_STAGES`: too much of the audio could not be analysed. `NO_BREATHING_STABILITY`:
    the contract is without breathing analysis.
    """
    missing_data_ratio: float
    """The share of the audio that did not arrive. A ratio from 0 to 1."""
    session: Session
    """What was recorded, and its stages."""
    stat: Stat | None
    """The statistics of the night. Null while the session is in progress, and when it is too short or has too many
    defects, or when the contract is without real-time reads and it is not COMPLETE.
    """
