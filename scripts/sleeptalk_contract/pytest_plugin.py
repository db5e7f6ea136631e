"""A pytest plugin: the sandbox as fixtures, and the contract as assertions.

It is loaded by every pytest run that has sleeptalk installed, so it imports nothing heavy before a fixture or an
assertion is used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk_contract.services.asleep.fixtures import AsleepSandbox, asleep_sandbox
from sleeptalk_contract.services.asleep_v3.fixtures import (
    AsleepV3Sandbox,
    CallbackSender,
    asleep_v3_sandbox,
    callback_sender,
)
from sleeptalk_contract.services.phonexia.fixtures import PhonexiaSandbox, phonexia_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sleeptalk_contract.responses import Headers

__all__ = [
    "AsleepSandbox",
    "AsleepV3Sandbox",
    "CallbackSender",
    "PhonexiaSandbox",
    "asleep_sandbox",
    "asleep_v3_sandbox",
    "assert_callback_conforms",
    "assert_conforms",
    "callback_sender",
    "phonexia_sandbox",
]


def assert_conforms(
    response: object, *, api_key: str | None = None, strict: bool = False, ignore: str | Iterable[str] = ()
) -> None:
    """Assert that an answer keeps the contract; see sleeptalk_contract.conformance.assert_conforms."""
    __tracebackhide__ = True
    from sleeptalk_contract import conformance

    conformance.assert_conforms(response, api_key=api_key, strict=strict, ignore=ignore)


def assert_callback_conforms(
    body: object, headers: Headers, *, api_key: str | None = None, strict: bool = False
) -> None:
    """Assert that a callback keeps the contract; see sleeptalk_contract.conformance.assert_callback_conforms."""
    __tracebackhide__ = True
    from sleeptalk_contract import conformance

    conformance.assert_callback_conforms(body, headers, api_key=api_key, strict=strict)


@pytest.fixture(name="assert_conforms", scope="session")
def _assert_conforms() -> Callable[..., Any]:
    """Return `assert_conforms` without an import."""
    return assert_conforms


@pytest.fixture(name="assert_callback_conforms", scope="session")
def _assert_callback_conforms() -> Callable[..., Any]:
    """Return `assert_callback_conforms` without an import."""
    return assert_callback_conforms


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of the contract was exercised, where tests of schemathesis have used our hooks."""
    hooks = sys.modules.get("sleeptalk_contract.hooks")
    if hooks is not None and any(watch.was_reached for watch in hooks.WATCHES.all):
        terminalreporter.section("contract")
        for line in hooks.WATCHES.summary():
            terminalreporter.line(line)
