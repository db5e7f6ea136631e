"""The implementation that a trial is made on, on a port of this machine."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sleeptalk_contract.fuzzing.run import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.mutation.trials import Trial


@contextmanager
def served(trial: Trial) -> Iterator[Plan]:
    """Serve a trial's implementation for as long as the block lasts, and give the plan of a run on it."""
    target = trial.target
    if target.embedded is None:
        raise LookupError(f"{target.name} has no sandbox")
    with target.embedded({}, trial.fault) as its:
        yield Plan(target, its.url, its.credentials, its.known_ids, its.tried_ids, seed=trial.seed)
