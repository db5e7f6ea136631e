"""Time analysis of a call, from the stretches of speech in its channels.

Times are seconds from the start of the audio.
Source: Time Analysis: get result; Time Analysis of the gRPC API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech without a pause, from `start` to `end`."""

    start: float
    end: float

    def as_json(self) -> dict[str, Any]:
        """Return the stretch as the service's TimeRange."""
        return {"start_time": _number(self.start), "end_time": _number(self.end)}

    @property
    def length(self) -> float:
        """How long it lasts."""
        return self.end - self.start


NOWHERE = Segment(0, 0)
"""The position of the fastest and slowest reaction where there was none, as in Time Analysis of the gRPC API."""


@dataclass(frozen=True)
class Channel:
    """The speech in one channel: its stretches, in order and without overlap, and how many phonemes were spoken."""

    segments: tuple[Segment, ...]
    phonemes: int

    def __post_init__(self) -> None:
        """Refuse stretches that are out of order."""
        if any(segment.end <= segment.start for segment in self.segments) or any(
            later.start < earlier.end for earlier, later in pairwise(self.segments)
        ):
            raise ValueError("Stretches of speech must follow each other without overlap.")

    @property
    def speech_duration(self) -> float:
        """Seconds of speech, pauses left out."""
        return round(sum(segment.length for segment in self.segments), 3)

    @property
    def speech_rate(self) -> float | None:
        """Phonemes a second of speech, at least 0.1; None without speech."""
        return max(0.1, round(self.phonemes / self.speech_duration, 1)) if self.segments else None


def analyse(channels: Sequence[Channel], total_duration: float, numbers: Sequence[int] = ()) -> dict[str, Any]:
    """Return the `result` of a done task for a call of one or two channels, or of none where it is too short.

    `numbers` are those of the channels, by default from 0 on. There are no reaction analyses with one channel, or where
    a channel has no speech.
    Source: Time Analysis: get result.
    """
    numbers = numbers or range(len(channels))
    conversation = len(channels) > 1 and all(channel.segments for channel in channels)
    return {
        "channel_analyses": [
            {
                "channel_number": number,
                "speech_duration": _number(channel.speech_duration),
                "speech_rate": channel.speech_rate,
                "total_duration": _number(total_duration),
            }
            for number, channel in zip(numbers, channels, strict=True)
        ],
        "reaction_analyses": [
            _reaction_analysis(number, channels[index], channels[1 - index]) for index, number in enumerate(numbers)
        ]
        if conversation
        else [],
    }


def reactions(reacting: Channel, other: Channel) -> list[Segment]:
    """Return the silences before each reaction: from where the other stopped to where this channel starts.

    A start is a reaction when the last thing that happened before it is that the other stopped: neither is the other
    still speaking, nor has this channel spoken in between.
    """
    found = []
    for index, segment in enumerate(reacting.segments):
        stops = [each.end for each in other.segments if each.end <= segment.start]
        spoke_until = reacting.segments[index - 1].end if index else 0.0
        if stops and spoke_until <= stops[-1] and _interrupted(segment, other) is None:
            found.append(Segment(stops[-1], segment.start))
    return found


def crosstalks(reacting: Channel, other: Channel) -> list[Segment]:
    """Return where this channel starts while the other speaks, for as long as both speak.

    An overlap thus belongs to the channel that started second, and to neither where both start at once.
    """
    found = []
    for segment in reacting.segments:
        spoken_into = _interrupted(segment, other)
        if spoken_into is not None:
            found.append(Segment(segment.start, min(segment.end, spoken_into.end)))
    return found


def _interrupted(segment: Segment, other: Channel) -> Segment | None:
    return next((each for each in other.segments if each.start < segment.start < each.end), None)


def _reaction_analysis(number: int, reacting: Channel, other: Channel) -> dict[str, Any]:
    silences = reactions(reacting, other)
    average = fmean(silence.length for silence in silences) if silences else 0.0
    return {
        "reacting_channel": number,
        "reactions_count": len(silences),
        "average_reaction_time": _number(round(average, 3)),
        "slowest_reaction_position": max(silences, key=lambda silence: silence.length, default=NOWHERE).as_json(),
        "fastest_reaction_position": min(silences, key=lambda silence: silence.length, default=NOWHERE).as_json(),
        "crosstalks": [overlap.as_json() for overlap in crosstalks(reacting, other)],
    }


def _number(seconds: float) -> float | int:
    """Write whole seconds without a fraction, as the source's sample does: 34 beside 58.3."""
    return int(seconds) if seconds == int(seconds) else seconds
