"""What is known of an uploaded file, and of the tasks of a run: what they were started with, how far they have come."""

from __future__ import annotations

import io
import re
import wave
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from sleeptalk_contract.contract.multipart import parts_of
from sleeptalk_generated.phonexia.client import START_TIME_ANALYSIS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.contract.multipart import Part

RECORDING: Final = "recording"
"""The intent of starts with a recording that every implementation takes."""

NO_AUDIO: Final = "no-audio"
"""The intent of starts with a file that is not audio."""

FOLLOWED: Final = "followed-task"
"""The intent of reads of a task that are sent one after the other, so that what changes in between has an order."""

UNFINISHED: Final = ("pending", "running")
ENDS: Final = ("rejected", "failed", "done", "cancelled")

SELECTION: Final = re.compile(START_TIME_ANALYSIS.parameter("channels").pattern or "")


@dataclass(frozen=True, slots=True)
class Upload:
    """A recording as it was uploaded.

    `channels` are the numbers of those that are to be analysed, `silent` those of them in which every sample is 0;
    `seconds` is its length.
    """

    channels: tuple[int, ...]
    silent: frozenset[int]
    seconds: float


@dataclass(slots=True)
class Memory:
    """The tasks of a run, by their ids in lower case.

    `uploads` is what they were started with, `not_audio` those that were started with something else, `states` the
    last state of those that are followed.
    """

    uploads: dict[str, Upload] = field(default_factory=dict)
    not_audio: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)


def form_of(exchange: Exchange) -> Mapping[str, Part]:
    """Return the parts of the form that was sent; empty where it was not one."""
    return parts_of(exchange.request_headers.get("content-type", ""), exchange.request_body or b"")


def channels_sent(exchange: Exchange) -> str | None:
    """Return the channels that were asked for, as they stand in the query; None where they do not stand there once."""
    found = parse_qs(urlsplit(exchange.url).query, keep_blank_values=True).get("channels", [])
    return found[0] if len(found) == 1 else None


def upload_of(exchange: Exchange) -> Upload | None:
    """Return the recording that was sent, None where it is not a WAV file whose samples are whole numbers."""
    file = form_of(exchange).get("file")
    selection = channels_sent(exchange) or ""
    if file is None or not SELECTION.fullmatch(selection):
        return None
    try:
        with wave.open(io.BytesIO(file.content)) as reader:
            count, width, rate, frames = (
                reader.getnchannels(),
                reader.getsampwidth(),
                reader.getframerate(),
                reader.readframes(reader.getnframes()),
            )
    except (wave.Error, EOFError, RuntimeError):
        return None
    length = len(frames) // (count * width)
    chosen = tuple(dict.fromkeys(int(each) for each in selection.split(",") if each)) or tuple(range(count))
    if not length or rate <= 0 or max(chosen) >= count:
        return None
    return Upload(chosen, frozenset(each for each in chosen if _is_silent(frames, each, count, width)), length / rate)


def _is_silent(frames: bytes, channel: int, count: int, width: int) -> bool:
    """Whether every sample of a channel is 0; those of 8 bits count from the middle."""
    zero = 0x80 if width == 1 else 0
    columns = (frames[channel * width + byte :: count * width] for byte in range(width))
    return all(column.count(zero) == len(column) for column in columns)
