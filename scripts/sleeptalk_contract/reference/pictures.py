"""The pictures of the README and of the reference's first page, drawn from the sandbox's night and call."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from sleeptalk.drawing import conversation, hypnogram
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

_ZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the name of its file without ending, an SVG, and what it shows."""

    name: str
    svg: str
    caption: str


def pictures() -> tuple[Picture, ...]:
    """Draw the pictures."""
    night = SCENARIOS["restless-breathing"].as_result(_ZONE, ZoneInfo(_ZONE))
    call = CALLS["done-stereo"].outcome["result"]
    return (
        Picture(
            "hypnogram",
            hypnogram(decode(msgspec.json.encode(night), SessionResult)),
            "A night of the sandbox: sleep stages of 30 s epochs, and unstable breathing beneath.",
        ),
        Picture(
            "conversation",
            conversation(decode(msgspec.json.encode(call), TimeAnalysisResult)),
            "A call of the sandbox: the slowest and the fastest reaction of each channel, and where both talk.",
        ),
    )


def write(folder: Path) -> None:
    """Write each picture into `folder` as a file of its own. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures():
        (folder / f"{picture.name}.svg").write_text(f"{picture.svg}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
