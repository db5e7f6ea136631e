# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from __future__ import annotations

from attrs import define

from ...types import UNSET, UnsetType, WireModel
from .breath_stage import BreathStage
from .sleep_stage import SleepStage


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteDataV2(WireModel):
    """The stages of the previous 20 minutes, or of as much as has been recorded."""

    user_id: str
    """The user who created the session."""
    session_id: str
    """The session."""
    seq_num: int
    """The number of the last upload of audio that the window includes, counted from 0; one upload holds 30 s."""
    inference_seq_num: int
    """The number of the 5 minute block that ends the window, counted from 0; for MELSPECTROGRAM uploads `seq_num`
    divided by 10, rounded down.
    """
    sleep_stages: list[SleepStage] | UnsetType = UNSET
    """The sleep stages of the window, one per 30 s epoch. The migration guide has this name, the page of the
    callback has `stage_list`.
    """
    stage_list: list[SleepStage] | UnsetType = UNSET
    """The same under the name that the page of the callback has. Absent where `sleep_stages` is there."""
    breath_stages: list[BreathStage] | None
    """The breathing stages of the window, one per 30 s epoch. Null without breathing analysis."""
