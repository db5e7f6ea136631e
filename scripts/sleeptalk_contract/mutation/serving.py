"""The implementation that a trial is made on, on a port of this machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sleeptalk_contract.fuzzing.run import Plan
from sleeptalk_contract.fuzzing.targets import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.mutation.trials import Trial


@contextmanager
def served(trial: Trial) -> Iterator[Plan]:
    """Serve a trial's implementation for as long as the block lasts, and give the plan of a run on it."""
    with embedded(trial.target, fault=trial.fault) as its:
        yield Plan(trial.target, its.url, its.api_key, its.user_id, its.known_ids, its.tried_ids, seed=trial.seed)
