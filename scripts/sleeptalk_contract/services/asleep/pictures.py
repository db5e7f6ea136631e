"""A picture of a night of the sandbox, for the README and the reference."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from sleeptalk.drawing import hypnogram
from sleeptalk_contract.contract.service import Picture
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.decoding import decode

_ZONE: Final = "Asia/Seoul"


def pictures() -> tuple[Picture, ...]:
    """Draw a night."""
    night = SCENARIOS["restless-breathing"].as_result(_ZONE, ZoneInfo(_ZONE))
    return (
        Picture(
            "hypnogram",
            hypnogram(decode(msgspec.json.encode(night), SessionResult)),
            "A night of the sandbox: sleep stages of 30 s epochs, and unstable breathing beneath.",
        ),
    )
