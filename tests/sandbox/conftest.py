"""One real server for all tests of this folder, and clients of it."""

from collections.abc import Iterator

import httpx
import pytest

from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.registered import SERVICES


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    with running(sandbox_app(SERVICES)) as server:
        yield server.url


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """A client without any headers of its own. Making one takes longer than most tests here."""
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="session")
def sessions(sandbox_url: str) -> Iterator[httpx.Client]:
    headers = {"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID}
    with httpx.Client(base_url=f"{sandbox_url}/data/v2/sessions/", headers=headers) as client:
        yield client


@pytest.fixture(scope="session")
def tasks(sandbox_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sandbox_url}/api/technology/time-analysis/") as client:
        yield client
