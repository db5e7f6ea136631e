"""Requests that follow from answers: a recording is uploaded, and its task is read until it has ended.

They write only in so far as each makes a task, which nothing can delete and which expires by itself.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.fuzzing.probe import Probe
from sleeptalk_contract.services.phonexia.recordings import wav
from sleeptalk_contract.services.phonexia.rules.uploads import FOLLOWED, NO_AUDIO, RECORDING, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.exchange import Exchange
    from sleeptalk_contract.fuzzing.probe import Conversation, Step

_BOUNDARY: Final = "sleeptalk-boundary-7d83c1"
_FORM: Final = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
_TRACES: Final = {"x-correlation-id": "sleeptalk-correlation", "x-request-id": "sleeptalk-request"}

_OPERATOR: Final = ((0.25, 1.0), (1.75, 2.25))
_CALLER: Final = ((1.25, 2.0),)
_SECONDS: Final = 2.5
_NOT_AUDIO: Final = b"These are the minutes of a meeting, and not its recording.\n" * 40
_NOT_CHANNELS: Final = ("all", "0,left", "first")

MOST_READS: Final = 60
"""How often a task is read that does not end."""

_LONGEST_PAUSE: Final = 2.0
_READS_AFTER_THE_END: Final = 2


def upload_steps() -> Iterator[Step]:
    """Yield the steps in the order in which they are sent."""
    call, silent, mono = _recordings()
    yield partial(_analysed, RECORDING, call)
    yield partial(_analysed, RECORDING, call, channels="1")
    yield partial(_analysed, RECORDING, silent)
    yield partial(_analysed, RECORDING, mono, channels="0")
    yield partial(_analysed, NO_AUDIO, _NOT_AUDIO, name="minutes.txt")
    yield (_start("no-file", _form(("recording", "call.wav", call))), _start("no-file", _form(("file", None, b""))))
    yield tuple(_start("no-channels", _form(("file", "call.wav", call)), each) for each in _NOT_CHANNELS)


@cache
def _recordings() -> tuple[bytes, bytes, bytes]:
    """Return a call, one with a channel of silence, and one with a single channel."""
    return (
        wav(_OPERATOR, _CALLER, seconds=_SECONDS),
        wav(_OPERATOR, (), seconds=_SECONDS),
        wav(_OPERATOR, seconds=_SECONDS),
    )


def _analysed(intent: str, content: bytes, name: str = "call.wav", channels: str | None = None) -> Conversation:
    """Upload a file, read its task until it has ended, and then a few times more."""
    task_id = _task_of((yield _start(intent, _form(("file", name, content)), channels)))
    if task_id is None:
        return
    reads_left = MOST_READS
    pause = 0.0
    while reads_left:
        state = _state_of((yield Probe(FOLLOWED, "getTimeAnalysis", {"task_id": task_id}, pause=pause)))
        reads_left -= 1
        pause = min(_LONGEST_PAUSE, 2 * pause + 0.05)
        if state not in UNFINISHED:
            reads_left, pause = min(reads_left, _READS_AFTER_THE_END), 0.0


def _start(intent: str, form: bytes, channels: str | None = None) -> Probe:
    query = {} if channels is None else {"channels": channels}
    return Probe(intent, "startTimeAnalysis", query=query, headers={**_FORM, **_TRACES}, body=form)


def _form(*parts: tuple[str, str | None, bytes]) -> bytes:
    """Write a form of (field, file name or None, content)."""
    written = []
    for field, name, content in parts:
        file = "" if name is None else f'; filename="{name}"'
        head = f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{field}"{file}\r\n\r\n'
        written.append(head.encode() + content + b"\r\n")
    return b"".join([*written, f"--{_BOUNDARY}--\r\n".encode()])


def _task_of(exchange: Exchange | None) -> str | None:
    return None if exchange is None or not exchange.successful else text_in(exchange.response_json, "task", "task_id")


def _state_of(exchange: Exchange | None) -> str | None:
    """Return the state of a task that was read; None where that is not known, so that it is not read for long."""
    return None if exchange is None else text_in(exchange.response_json, "task", "state")
