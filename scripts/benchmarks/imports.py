"""Importing: `import sleeptalk.asleep` against `import httpx` alone, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.measure import ratio

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results

_ROUNDS = 21
_CLOCK = "import time; started = time.perf_counter(); import {module}; print(time.perf_counter() - started)"


def measure(results: Results, workspace: Path) -> None:  # noqa: ARG001  # every part is called alike
    """Measure the import of each client in relation to httpx."""
    modules = ("httpx", "sleeptalk.asleep", "sleeptalk.phonexia")
    seconds: dict[str, list[float]] = {module: [] for module in modules}
    for _ in range(_ROUNDS):
        for module in modules:
            seconds[module].append(_import_seconds(module))
    for module in modules[1:]:
        results.add(f"import {module}", "import httpx", ratio(seconds[module], seconds["httpx"]), ("at most", 1.15))


def _import_seconds(module: str) -> float:
    command = [sys.executable, "-c", _CLOCK.format(module=module)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603  # our own command
