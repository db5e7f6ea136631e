# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel
from .osa_stage import OsaStage
from .sleep_stage import SleepStage


@define(frozen=True, kw_only=True, repr=False)
class InferenceCompleteData(WireModel):
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
    stage_list: list[SleepStage]
    """The sleep stages of the window, one per 30 s epoch; block 6 comes with the 40 values of blocks 3 to 6."""
    osa_stage_list: list[OsaStage] | None
    """The breathing stages of the window, one per 30 s epoch. Null without breathing analysis."""
