"""The short version of `scripts/soak`: receivers are killed under load, and nothing is lost or handled twice."""

from pathlib import Path

import pytest

from tests.inbox.postgres import Cluster
from tests.inbox.soaking import Outcome, soak


def test_no_kill_loses_or_doubles_a_callback_on_sqlite(tmp_path: Path) -> None:
    outcome = soak(f"sqlite:///{tmp_path}/callbacks.db", kills=15, seconds=60, longest_life=0.5)
    assert outcome.kills == 15
    outcome.check()


def test_no_kill_loses_or_doubles_a_callback_on_postgresql(cluster: Cluster) -> None:
    outcome = soak(cluster.emptied(), kills=3, seconds=60, longest_life=3.0)
    assert outcome.kills == 3
    outcome.check()


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ([], "lost"),
        ([("a", "20220821093117_soaka", 1, 1), ("b", "20220821093117_soaka", 2, 1)] * 2, "twice"),
        ([("b", "20220821093117_soaka", 2, 1), ("a", "20220821093117_soaka", 1, 1)], "out of order"),
    ],
)
def test_the_proof_would_see_what_it_looks_for(effects: list[tuple[str, str, int, int]], words: str) -> None:
    acknowledged = {"a": ("20220821093117_soaka", 1), "b": ("20220821093117_soaka", 2)}
    with pytest.raises(AssertionError, match=words):
        Outcome(acknowledged, effects).check()
