"""The Python examples of the operations, as text."""

from __future__ import annotations

from importlib import resources
from typing import Final

SNIPPETS: Final = {
    "getSession": ("asleep", "get_session.py"),
    "receiveCallback": ("asleep", "receive_callback.py"),
    "getTimeAnalysis": ("phonexia", "get_time_analysis.py"),
}
"""operationId to the service and the module that is its example."""


def sample(operation_id: str) -> str:
    """Give the source of an operation's example, without the line that describes the module."""
    service, module = SNIPPETS[operation_id]
    file = resources.files(f"sleeptalk_contract.services.{service}.snippets") / module
    return file.read_text(encoding="utf-8").partition('"""\n\n')[2]
