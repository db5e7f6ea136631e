# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .session_complete_data_v2 import SessionCompleteDataV2


@define(frozen=True, kw_only=True, repr=False)
class SessionCompleteCallbackV2(WireModel):
    """The whole session is analysed."""

    callback_event: Literal["SESSION_COMPLETE"]
    """Always SESSION_COMPLETE."""
    callback_version: Literal["V2"]
    """The version of the format, `V2`."""
    callback_data: SessionCompleteDataV2
    """The session."""
