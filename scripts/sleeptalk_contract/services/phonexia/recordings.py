"""Recordings to upload, made of tones and of digital silence: small WAV files of which everything is known."""

from __future__ import annotations

import io
import math
import sys
import wave
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    Stretches = Sequence[tuple[float, float]]

_RATE: Final = 8000
_BYTE: Final = 8


def wav(*channels: Stretches, seconds: float = 5.0, rate: int = _RATE, width: int = 2) -> bytes:
    """Return a WAV file with a tone in these stretches of each channel, in seconds, and digital silence elsewhere.

    `rate` is how many samples a second has, `width` how many bytes a sample has.
    """
    samples = array("h", bytes(2 * len(channels) * int(rate * seconds)))
    for number, stretches in enumerate(channels):
        for start, end in stretches:
            for index in range(int(start * rate), int(end * rate)):
                samples[index * len(channels) + number] = _tone(index / rate)
    return container(_as_wide(samples, width), channels=len(channels), rate=rate, width=width)


def container(samples: bytes, *, channels: int = 1, rate: int = _RATE, width: int = 2) -> bytes:
    """Return samples in a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(samples)
    return file.getvalue()


def _tone(seconds: float) -> int:
    """Return a sample of a tone of 440 Hz that swells and fades five times in a second, as syllables do."""
    return round(8000 * (1 + 0.6 * math.sin(10 * math.pi * seconds)) * math.sin(880 * math.pi * seconds))


def _as_wide(samples: array[int], width: int) -> bytes:
    if width == 2 and sys.byteorder == "little":  # noqa: PLR2004  # as they are
        return samples.tobytes()
    if width == 1:
        return bytes((sample >> _BYTE) + 128 for sample in samples)
    return b"".join((sample << _BYTE * (width - 2)).to_bytes(width, "little", signed=True) for sample in samples)
