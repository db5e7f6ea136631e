"""The speech in a recording, found by its energy in short frames.

A frame counts as speech where the sound in it swings widely enough. Short gaps are part of it, short noises are not.
"""

from __future__ import annotations

import io
import sys
import wave
from array import array
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter, mul
from statistics import fmean
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.services.phonexia.sandbox.speech import Channel, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_CHANNELS: Final = 2
SHORTEST_SECONDS: Final = 0.9
"""What is shorter has no analyses. Source: Time Analysis of the gRPC API."""

_FRAME_SECONDS: Final = 0.01
_LONGEST_GAP: Final = 0.15
_SHORTEST_SPEECH: Final = 0.05
_ENOUGH_SAMPLES: Final = 8000
"""In a second: of a finer recording only some samples are looked at."""

_LOUD: Final = 328.0**2
"""The energy of speech: the square of a hundredth of the loudest sample."""

_PHONEMES_OF_A_SYLLABLE: Final = 2


class UnusableRecordingError(Exception):
    """A recording cannot be analysed. The message is a sentence for people; `kind` is for programs."""

    def __init__(self, message: str, kind: str, context: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.context = context


@dataclass(frozen=True, slots=True)
class Recording:
    """The speech of a recording: its channels by their numbers, and its length in seconds."""

    channels: Mapping[int, Channel]
    total_duration: float


def recording_in(content: bytes, selected: Sequence[int] = ()) -> Recording:
    """Return the speech in some channels of a WAV file, or in all.

    Raises UnusableRecordingError for what is not one, and for a selection that cannot be analysed.
    """
    samples, count, rate = _samples_in(content)
    numbers = tuple(dict.fromkeys(selected)) or tuple(range(count))
    for number in numbers:
        if number >= count:
            problem = "The media file has no such channel."
            raise UnusableRecordingError(problem, "media.no-such-channel", {"channel": number, "channels": count})
    if len(numbers) > MOST_CHANNELS:
        problem = "The media file has too many channels."
        context = {"channels": len(numbers), "allowed": [1, MOST_CHANNELS]}
        raise UnusableRecordingError(problem, "media.too-many-channels", context)
    total = round(len(samples) / count / rate, 3)
    if total < SHORTEST_SECONDS:
        return Recording({}, total)
    return Recording({number: _speech(samples[number::count], rate, total) for number in numbers}, total)


def _samples_in(content: bytes) -> tuple[array[int], int, int]:
    """Return the samples of a WAV file, 16 bits each, the channels in turn; how many channels; samples in a second."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            count, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError, RuntimeError) as error:
        raise UnusableRecordingError("The media file is not audio that can be read.", "media.unreadable") from error
    usable = len(data) // (width * count) * width * count if count and width else 0
    if not usable or rate <= 0:
        raise UnusableRecordingError("The media file has no samples.", "media.empty")
    samples = array("h", _in_16_bits(data[:usable], width))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples, count, rate


def _in_16_bits(data: bytes, width: int) -> bytes:
    """Return samples as 16 bits each, the lower byte first; those of 8 bits count from the middle."""
    if width == 2:  # noqa: PLR2004  # as they are
        return data
    made = bytearray(2 * (len(data) // width))
    if width == 1:
        made[1::2] = data.translate(bytes(value ^ 0x80 for value in range(256)))
    else:
        made[0::2], made[1::2] = data[width - 2 :: width], data[width - 1 :: width]
    return bytes(made)


def _speech(samples: array[int], rate: int, total: float) -> Channel:
    step = max(1, rate // _ENOUGH_SAMPLES)
    length = max(1, round(rate * _FRAME_SECONDS / step))
    seconds = length * step / rate
    energies = [*_energies(samples[::step], length)]
    segments: list[Segment] = []
    phonemes = 0
    for first, last in _stretches([energy > _LOUD for energy in energies], seconds):
        segments.append(Segment(round(first * seconds, 3), min(round(last * seconds, 3), total)))
        mean = fmean(energies[first:last])
        rises = sum(before <= mean < after for before, after in pairwise(energies[first:last]))
        phonemes += _PHONEMES_OF_A_SYLLABLE * max(1, rises)
    return Channel(tuple(segments), phonemes)


def _energies(samples: array[int], length: int) -> Iterator[float]:
    """Yield how far the sound swings in each frame: the variance of its samples."""
    for start in range(0, len(samples), length):
        frame = samples[start : start + length]
        mean = sum(frame) / len(frame)
        yield sum(map(mul, frame, frame)) / len(frame) - mean * mean


def _stretches(loud: Sequence[bool], seconds: float) -> list[tuple[int, int]]:
    """Return the first frame of each stretch of speech, and the one after its last."""
    joined: list[tuple[int, int]] = []
    for is_loud, frames in groupby(enumerate(loud), itemgetter(1)):
        indexes = [index for index, _ in frames]
        first, last = indexes[0], indexes[-1] + 1
        if not is_loud:
            continue
        if joined and (first - joined[-1][1]) * seconds <= _LONGEST_GAP:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [(first, last) for first, last in joined if (last - first) * seconds >= _SHORTEST_SPEECH]
