"""The implementation that a trial is made on, on a port of this machine."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sleeptalk_contract.fuzzing.run import Plan
from sleeptalk_contract.sandbox.asleep import asleep_app
from sleeptalk_contract.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.sandbox.faults.receiver import faulty_receiver
from sleeptalk_contract.sandbox.phonexia import phonexia_app
from sleeptalk_contract.sandbox.receiver import receiver_app
from sleeptalk_contract.sandbox.scenarios import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from sleeptalk_contract.sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from sleeptalk_contract.proving.trials import Trial


@contextmanager
def served(trial: Trial) -> Iterator[Plan]:
    """Serve a trial's implementation for as long as the block lasts, and give the plan of a run on it."""
    logging.getLogger("sleeptalk").addHandler(logging.NullHandler())  # its refusals are what the run is about
    with running(_app(trial)) as server:
        if trial.group == "session":
            yield Plan("asleep", server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, known_ids("asleep"), seed=trial.seed)
        elif trial.group == "analysis":
            tried = (RATE_LIMITED_TASK_ID, EXPIRED_TASK_ID)
            yield Plan("phonexia", server.url, known_ids=known_ids("phonexia"), tried_ids=tried, seed=trial.seed)
        else:
            yield Plan("callback", server.url, SANDBOX_API_KEY, SANDBOX_USER_ID, seed=trial.seed)


def _app(trial: Trial) -> ASGIApp:
    fault = trial.provider_fault()
    faults = () if fault is None else (fault,)
    if trial.group == "session":
        return asleep_app(faults=faults)
    if trial.group == "analysis":
        return phonexia_app(faults)
    wrong = trial.receiver_fault()
    return receiver_app() if wrong is None else faulty_receiver(wrong)
