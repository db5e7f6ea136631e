"""Starting: making a client against making one of httpx, and programs that import them as well.

The clients are made and closed in one process that has imported all of them, so that nothing else is compared. The
programs run in fresh interpreters. They have no target: most of what they compute is what httpx imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx

from benchmarks.measure import interleaved, ratio
from sleeptalk.asleep import Asleep
from sleeptalk.phonexia import Phonexia

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results, Target

_ROUNDS = 41
_CLOCK = "import time; started = time.process_time(); {code}; print(time.process_time() - started)"
_PEER = "import httpx and make a client"
_CODES = {
    _PEER: "import httpx; httpx.Client()",
    "import sleeptalk.asleep and make a client": "from sleeptalk.asleep import Asleep; Asleep('key', 'user')",
    "import sleeptalk.phonexia and make a client": "from sleeptalk.phonexia import Phonexia; Phonexia('http://host')",
}
_MAKE = "make and close an httpx client"
_TARGET: Target = ("at most", 1.15)


def measure(results: Results, workspace: Path) -> None:
    """Measure making each client, and the start of each program, in relation to httpx."""
    _measure_making(results)
    _measure_programs(results, workspace)


def _measure_making(results: Results) -> None:
    seconds = interleaved(
        {
            _MAKE: lambda: httpx.Client().close(),
            "make and close Asleep": lambda: Asleep("key", "user").close(),
            "make and close Phonexia": lambda: Phonexia("http://host").close(),
        },
        cpu=True,
    )
    for ours in list(seconds)[1:]:
        results.add(ours, _MAKE, ratio(seconds[ours], seconds[_MAKE]), _TARGET)


def _measure_programs(results: Results, workspace: Path) -> None:
    """Measure the start of each program in seconds that its process computes."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(workspace / "bytecode")}  # as it is for installed packages
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for code in _CODES.values():
        _seconds(code, environment)
    seconds: dict[str, list[float]] = {name: [] for name in _CODES}
    for _ in range(_ROUNDS):
        for name, code in _CODES.items():
            seconds[name].append(_seconds(code, environment))
    for ours in list(_CODES)[1:]:
        results.add(ours, _PEER, ratio(seconds[ours], seconds[_PEER]), None)


def _seconds(code: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", _CLOCK.format(code=code)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603  # our own command
    return float(done.stdout)
