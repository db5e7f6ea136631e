"""A store of each kind for the tests of the inbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inbox.postgres import MISSING, Cluster, running_cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A server of PostgreSQL; tests that want it are skipped where it is not installed."""
    if MISSING:
        pytest.skip(MISSING)
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/callbacks.db"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.emptied()
