"""What the tests of uploads and analyses share: a call, and what the service answers."""

from __future__ import annotations

import socket
from typing import Any

from sleeptalk_contract.services.phonexia.recordings import wav
from tests.clients.bodies import example
from tests.clients.calling import TASK
from tests.clients.hostile import answer

CALL = wav([(0.5, 1.0)], [(1.25, 1.75)], seconds=2)
STARTED = {"task": {"task_id": TASK, "state": "pending"}}
PATH = f"/api/technology/time-analysis/{TASK}"
DONE = answer(example("TimeAnalysisDone", "phonexia") | {"task": {"task_id": TASK, "state": "done"}})


def started(*headers: str) -> Any:
    return answer(STARTED, 202, *headers)


def refusal(status: int, kind: str) -> Any:
    return answer({"type": kind, "message": "No."}, status)


class socketless:  # noqa: N801  # used as a function
    """An address where connections are accepted by the system alone, and nobody reads."""

    def __enter__(self) -> str:
        self._listener = socket.create_server(("127.0.0.1", 0))
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._listener.close()
