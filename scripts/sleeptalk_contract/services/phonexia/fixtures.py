"""The sandbox's Phonexia as a fixture of pytest. Importing this brings nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class PhonexiaSandbox:
    """A running Phonexia: `url`, and the task ids by the name of their scenario ("expired" is answered 404).

    The task "progressing" is done from the fourth time that it is requested, by any test. A WAV file that is uploaded
    becomes a task whose result is computed from its samples; `sleeptalk sandbox` lists the names of files that are
    refused.
    """

    url: str
    known_ids: Mapping[str, str]


@pytest.fixture(scope="session")
def phonexia_sandbox() -> Iterator[PhonexiaSandbox]:
    """Serve Phonexia on a free port of this machine for the whole test session; one task, "progressing", moves on."""
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app
    from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS

    with running(phonexia_app()) as server:
        yield PhonexiaSandbox(server.url, {name: call.task_id for name, call in CALLS.items()})
