# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .session_complete_data_v3 import SessionCompleteDataV3


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteCallbackV3OfTables(WireModel):
    """The whole session is analysed."""

    callback_event: Literal["SESSION_COMPLETE"]
    """Always SESSION_COMPLETE."""
    callback_version: Literal["V3"]
    """The version of the format, `V3`."""
    callback_data: SessionCompleteDataV3
    """The session."""
