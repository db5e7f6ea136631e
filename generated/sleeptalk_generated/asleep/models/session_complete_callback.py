# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .session_complete_data import SessionCompleteData


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteCallback(WireModel):
    """The whole session is analysed."""

    callback_event: Literal["SESSION_COMPLETE"]
    """Always SESSION_COMPLETE."""
    callback_data: SessionCompleteData
    """The session."""
