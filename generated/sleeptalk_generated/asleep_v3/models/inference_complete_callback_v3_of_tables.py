# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .inference_complete_data_v3 import InferenceCompleteDataV3


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteCallbackV3OfTables(WireModel):
    """A window of the night is analysed."""

    callback_event: Literal["INFERENCE_COMPLETE"]
    """Always INFERENCE_COMPLETE."""
    callback_version: Literal["V3"]
    """The version of the format, `V3`."""
    callback_data: InferenceCompleteDataV3
    """The window."""
