"""A picture of a call of the sandbox, for the README and the reference."""

from __future__ import annotations

import msgspec

from sleeptalk.drawing import conversation
from sleeptalk_contract.contract.service import Picture
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult


def pictures() -> tuple[Picture, ...]:
    """Draw a call."""
    call = CALLS["done-stereo"].outcome["result"]
    return (
        Picture(
            "conversation",
            conversation(decode(msgspec.json.encode(call), TimeAnalysisResult)),
            "A call of the sandbox: the slowest and the fastest reaction of each channel, and where both talk.",
        ),
    )
