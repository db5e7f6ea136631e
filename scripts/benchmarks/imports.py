"""Importing: `import sleeptalk.asleep` against `import httpx` alone, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import ratio

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results, Target

_ROUNDS = 21
_CLOCK = "import time; started = time.perf_counter(); {code}; print(time.perf_counter() - started)"

_CODES = {
    "import httpx": "import httpx",
    "import sleeptalk.asleep": "import sleeptalk.asleep",
    "import sleeptalk.phonexia": "import sleeptalk.phonexia",
    "import httpx and make a client": "import httpx; httpx.Client()",
    "import sleeptalk.asleep and make a client": "from sleeptalk.asleep import Asleep; Asleep('key', 'user')",
}
_COMPARED: tuple[tuple[str, str, Target], ...] = (
    ("import sleeptalk.asleep", "import httpx", ("at most", 1.15)),
    ("import sleeptalk.phonexia", "import httpx", ("at most", 1.15)),
    ("import sleeptalk.asleep and make a client", "import httpx and make a client", None),
)


def measure(results: Results, workspace: Path) -> None:  # noqa: ARG001  # every part is called alike
    """Measure the import of each client in relation to httpx."""
    seconds: dict[str, list[float]] = {name: [] for name in _CODES}
    for _ in range(_ROUNDS):
        for name, code in _CODES.items():
            seconds[name].append(_seconds(code))
    for ours, peer, target in _COMPARED:
        results.add(ours, peer, ratio(seconds[ours], seconds[peer]), target)


def _seconds(code: str) -> float:
    command = [sys.executable, "-c", _CLOCK.format(code=code)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603  # our own command
