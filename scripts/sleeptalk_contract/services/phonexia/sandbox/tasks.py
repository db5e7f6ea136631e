"""The tasks that uploads to the sandbox have started: each moves on as it is read and as time goes by, and expires."""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.services.phonexia.sandbox.calls import FAILED, REJECTED, Call, State
from sleeptalk_contract.services.phonexia.sandbox.recordings import UnusableRecordingError, recording_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_TASKS: Final = 1000
SECONDS_KEPT: Final = 600.0
"""After its start: a task is answered 404 from then on."""

_BEFORE_THE_END: Final[Sequence[State]] = ("pending", "running")
_SECONDS_OF_A_STATE: Final = 2.0
"""After which a task leaves a state by itself, even where nobody reads it."""

ENDS: Final[Mapping[str, State]] = {"failed": "failed", "cancelled": "cancelled"}
"""How the task of a file ends that is named so, whatever is in it."""


@dataclass
class _Task:
    call: Call
    begun: float
    reads: int = 0


class Tasks:
    """The tasks of one provider, at most MOST_TASKS: the oldest expires where one more is started.

    Of an upload nothing is kept but the speech that was found in it. `clock` counts seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tasks: OrderedDict[str, _Task] = OrderedDict()
        self._started = 0

    def start(self, content: bytes, file_name: str, selected: Sequence[int]) -> str:
        """Start a task for a file, and return its id."""
        self._started += 1
        digest = sha256(str(self._started).encode() + content).digest()
        task_id = str(uuid.UUID(bytes=digest[:16], version=4))
        self._tasks[task_id] = _Task(_analysed(task_id, content, file_name, selected), self._clock())
        while len(self._tasks) > MOST_TASKS:
            self._tasks.popitem(last=False)
        return task_id

    def read(self, task_id: str) -> Call | None:
        """Return a task as it is now; None where there is none of this id, or where it has expired."""
        now = self._clock()
        while self._tasks and next(iter(self._tasks.values())).begun + SECONDS_KEPT <= now:
            self._tasks.popitem(last=False)
        task = self._tasks.get(task_id)
        if task is None:
            return None
        step = max(task.reads, int((now - task.begun) / _SECONDS_OF_A_STATE))
        task.reads = step + 1
        return task.call.unfinished(_BEFORE_THE_END[step]) if step < len(_BEFORE_THE_END) else task.call


def _analysed(task_id: str, content: bytes, file_name: str, selected: Sequence[int]) -> Call:
    """Return the task as it will be at its end."""
    end = ENDS.get(file_name.rpartition(".")[0])
    if end is not None:
        error = FAILED if end == "failed" else None
        return Call(name=file_name, summary="", task_id=task_id, state=end, error=error)
    try:
        recording = recording_in(content, selected)
    except UnusableRecordingError as problem:
        return Call(name=file_name, summary="", task_id=task_id, state="rejected", error=_rejection(problem))
    return Call(
        name=file_name,
        summary="",
        task_id=task_id,
        channels=tuple(recording.channels.values()),
        numbers=tuple(recording.channels),
        total_duration=recording.total_duration,
    )


def _rejection(problem: UnusableRecordingError) -> dict[str, Any]:
    detail: dict[str, Any] = {"location": ["file"], "message": str(problem), "type": problem.kind}
    if problem.context is not None:
        detail["context"] = dict(problem.context)
    return {**REJECTED, "detail": [detail]}
