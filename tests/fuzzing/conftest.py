"""What the tests of runs share."""

import pytest

from sleeptalk_contract.contract import redaction


@pytest.fixture
def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered be forgotten after the test."""
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.delenv("SLEEPTALK_HEADERS", raising=False)
