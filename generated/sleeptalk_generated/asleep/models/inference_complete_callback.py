# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from typing import Literal

from attrs import define

from ...types import WireModel
from .inference_complete_data import InferenceCompleteData


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteCallback(WireModel):
    """A window of the night is analysed, sent every 5 or 20 minutes while the night is recorded."""

    callback_event: Literal["INFERENCE_COMPLETE"]
    """Always INFERENCE_COMPLETE."""
    callback_data: InferenceCompleteData
    """The window."""
