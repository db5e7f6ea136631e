"""The Python examples of the operations, as text."""

from __future__ import annotations

from importlib import resources
from typing import Final

SNIPPETS: Final = {
    "getSession": "get_session.py",
    "receiveCallback": "receive_callback.py",
    "getTimeAnalysis": "get_time_analysis.py",
}
"""operationId to the module that is its example."""


def sample(operation_id: str) -> str:
    """Give the source of an operation's example, without the line that describes the module."""
    file = resources.files("sleeptalk_contract.reference.snippets") / SNIPPETS[operation_id]
    return file.read_text(encoding="utf-8").partition('"""\n\n')[2]
