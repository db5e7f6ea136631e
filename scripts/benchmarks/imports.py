"""Start-up: importing and making our clients compared with an httpx client, in fresh interpreters.

The imports alone are not compared: nobody imports a client without making one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import ratio

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
_TARGET: Target = ("at most", 1.15)


def measure(results: Results, workspace: Path) -> None:
    """Measure the start of each client in relation to that of httpx, in seconds that the process computes."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(workspace / "bytecode")}  # as it is for installed packages
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for code in _CODES.values():
        _seconds(code, environment)
    seconds: dict[str, list[float]] = {name: [] for name in _CODES}
    for _ in range(_ROUNDS):
        for name, code in _CODES.items():
            seconds[name].append(_seconds(code, environment))
    for ours in list(_CODES)[1:]:
        results.add(ours, _PEER, ratio(seconds[ours], seconds[_PEER]), _TARGET)


def _seconds(code: str, environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", _CLOCK.format(code=code)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)  # noqa: S603  # our own command
    return float(done.stdout)
