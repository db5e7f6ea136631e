"""A store of each kind for the tests of the inbox."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store."""
    return f"sqlite:///{tmp_path}/callbacks.db"
