"""The pictures of the first page, drawn from the sandbox's night and call."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from sleeptalk.drawing import conversation, hypnogram
from sleeptalk_contract.sandbox.calls import CALLS
from sleeptalk_contract.sandbox.nights import SCENARIOS
from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

_ZONE = "Asia/Seoul"


def pictures() -> list[tuple[str, str]]:
    """Give pairs of an SVG and its caption."""
    night = SCENARIOS["restless-breathing"].as_result(_ZONE, ZoneInfo(_ZONE))
    call = CALLS["done-stereo"].outcome["result"]
    return [
        (
            hypnogram(decode(msgspec.json.encode(night), SessionResult)),
            "A night of the sandbox: sleep stages of 30 s epochs, and unstable breathing beneath.",
        ),
        (
            conversation(decode(msgspec.json.encode(call), TimeAnalysisResult)),
            "A call of the sandbox: the slowest and the fastest reaction of each channel, and where both talk.",
        ),
    ]
