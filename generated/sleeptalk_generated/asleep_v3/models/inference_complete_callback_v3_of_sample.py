# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .inference_complete_data_v3 import InferenceCompleteDataV3


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteCallbackV3OfSample(WireModel):
    """A window of the night is analysed."""

    event: Literal["INFERENCE_COMPLETE"]
    """Always INFERENCE_COMPLETE."""
    version: Literal["V3"]
    """The version of the format, `V3`."""
    data: InferenceCompleteDataV3
    """The window."""
