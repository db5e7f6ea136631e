"""Fuzzing: requests per second against plain schemathesis on the same sandbox, with the same number of workers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import Ratio, ratio
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID, SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from benchmarks.results import Results

_ROUNDS = 4
_MOST_SECONDS = 20
_LATENCY_SECONDS = 0.3
_WORKERS = 8
_ENVIRONMENT = {"ASLEEP_API_KEY": SANDBOX_API_KEY, "ASLEEP_USER_ID": SANDBOX_USER_ID, "PATH": os.environ["PATH"]}


class Counted:
    """An application that counts the requests it is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count and pass on."""
        self.requests += scope["type"] == "http"
        await self._app(scope, receive, send)


class Late:
    """An application that begins each answer `_LATENCY_SECONDS` late, as over a long line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, and pass on."""
        await asyncio.sleep(_LATENCY_SECONDS)
        await self._app(scope, receive, send)


def measure(results: Results, workspace: Path) -> None:
    """Measure requests per second on both services, and how much of 20 s a default run of each target takes."""
    ids = {
        "asleep": [option for night in SCENARIOS.values() for option in ("--session-id", night.session_id)],
        "phonexia": [
            option
            for call in CALLS.values()
            if call.availability == "available"
            for option in ("--task-id", call.task_id)
        ],
    }
    script = Path(sys.executable).parent
    for target, known in ids.items():
        ours: list[float] = []
        plain: list[float] = []
        for seed in range(1, _ROUNDS + 1):
            seeded = ("--seed", str(seed))
            ours.append(_rate([str(script / "sleeptalk"), "fuzz", target, *known, *seeded], workspace))
            headers = (f"x-api-key: {SANDBOX_API_KEY}", f"x-user-id: {SANDBOX_USER_ID}")
            sent = [part for header in headers for part in ("--header", header)]
            document = str(folder() / f"{target}.yaml")
            plain.append(
                _rate([str(script / "schemathesis"), "run", document, "--workers", "1", *seeded, *sent], workspace)
            )
        measured = ratio(plain, ours)  # lower is better in every row: the time for one request
        results.add(f"fuzz {target}, time for one request", "schemathesis run", measured, ("at most", 1.0))
    for target in ("asleep", "phonexia", "callback"):
        started = time.perf_counter()
        _run([str(script / "sleeptalk"), "fuzz", target], workspace)
        share = (time.perf_counter() - started) / _MOST_SECONDS
        results.add(f"fuzz {target}, a default run", "20 seconds", Ratio(share, share, share), ("at most", 1.0))
    alone, together = (
        _late_run([str(script / "sleeptalk"), "fuzz", "asleep", *ids["asleep"]], count, workspace)
        for count in (1, _WORKERS)
    )
    share = together / alone
    what = f"fuzz asleep, {_WORKERS} workers, {_LATENCY_SECONDS * 1000:.0f} ms of latency"
    results.add(what, "1 worker", Ratio(share, share, share), ("at most", 0.25))


def _late_run(command: Sequence[str], workers: int, workspace: Path) -> float:
    """Return how long a run takes with a number of workers where each answer is late, in seconds."""
    with running(Late(sandbox_app(SERVICES))) as server:
        started = time.perf_counter()
        _run([*command, "--seed", "1", "--workers", str(workers), "--url", server.url], workspace)
        return time.perf_counter() - started


def _rate(command: Sequence[str], workspace: Path) -> float:
    """Return the requests per second of a whole process, counted where they arrive."""
    counted = Counted(sandbox_app(SERVICES))
    with running(counted) as server:
        started = time.perf_counter()
        _run([*command, "--url", server.url], workspace)
        return counted.requests / (time.perf_counter() - started)


def _run(command: Sequence[str], workspace: Path) -> None:
    done = subprocess.run(command, cwd=workspace, env=_ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603  # our own commands
    if done.returncode > 1:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-500:]}")
