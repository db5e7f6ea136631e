# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .inference_complete_data_v2 import InferenceCompleteDataV2


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteCallbackV2(WireModel):
    """A window of the night is analysed."""

    callback_event: Literal["INFERENCE_COMPLETE"]
    """Always INFERENCE_COMPLETE."""
    callback_version: Literal["V2"]
    """The version of the format, `V2`."""
    callback_data: InferenceCompleteDataV2
    """The window."""
