# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .session import Session
from .stat import Stat


@define(frozen=True, kw_only=True, repr=False)
class SessionResult(WireModel):
    """One session with its analysis so far."""

    timezone: str
    """The time zone of every time below, the one that was asked for, `UTC` by default."""
    validity: str
    """Whether the analysis can be used. `VALID`: it can. `IN_PROGRESS`: the session has not been analysed yet.
    `INVALID:` and a reason: too much of the audio could not be analysed; the reason is
    `TOO_MANDY_DEFECTS_IN_SLEEP_STAGES` (the spelling of the vendor; read `TOO_MANY` as the same) or
    `TOO_MANY_DEFECTS_IN_OSA_STAGES`, with or without a space after the colon.
    """
    session: Session
    """What was recorded, and its stages."""
    stat: Stat | None
    """The statistics of the night. Null unless the session is COMPLETE and its validity is VALID."""
