"""Servers in processes of their own, which do not compute in the process that measures."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[int]:
    """Yield the port of a module that runs in a process of its own and prints it, for as long as the block lasts."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own modules
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()
