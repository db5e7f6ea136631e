# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from __future__ import annotations

from attrs import define

from ...types import WireModel


@define(frozen=True, kw_only=True, repr=False)
class ChannelAnalysis(WireModel):
    """How much and how fast one channel speaks."""

    channel_number: int
    """The number of the channel, counted from 0."""
    speech_duration: float
    """Seconds of speech in the channel, pauses left out."""
    speech_rate: float | None
    """Phonemes per second. Null if the channel contains no speech."""
    total_duration: float
    """Seconds of audio in the channel."""
