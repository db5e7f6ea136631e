"""A trial by listening: the sandbox's sender with one fault delivers its nights."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Final

import httpx
from rich.console import Console

from sleeptalk_contract.listening.display import Display
from sleeptalk_contract.listening.endpoint import Endpoint
from sleeptalk_contract.listening.listener import Listener, Terms
from sleeptalk_contract.mutation.proof import Proof, Sighting
from sleeptalk_contract.sandbox.sender import send
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sleeptalk_contract.mutation.trials import Trial
    from sleeptalk_contract.services.asleep.sandbox.deliveries import Delivery

_FIRST: Final = 6
_LAST: Final = 5
"""Of each night the beginning and the end are delivered; what lies between is more of the same."""


def delivered(trial: Trial, stopping: Callable[[], bool]) -> Proof:
    """Listen to the deliveries of a trial's sender; `stopping` tells whether to end at once."""
    started = time.monotonic()
    session = Listener(Terms(trial.target, SANDBOX_API_KEY))
    display = Display(Console(file=io.StringIO()), trial.target)
    first: Sighting | None = None
    count = 0
    with running(Endpoint(session, display, None)) as server, httpx.Client(trust_env=False) as client:
        for _ in send(_planned(trial), server.url, client, attempts=1):
            count += 1
            if first is None and trial.rule in _found(session):
                first = Sighting(count, time.monotonic() - started)
            if stopping():
                break
    return Proof(trial, _found(session), first, count, time.monotonic() - started)


def _planned(trial: Trial) -> Iterator[Delivery]:
    faults = () if trial.fault is None else (trial.fault,)
    for night in SCENARIOS.values():
        made = deliveries(night, faults=faults)
        yield from made if len(made) <= _FIRST + _LAST else (*made[:_FIRST], *made[-_LAST:])


def _found(session: Listener) -> tuple[str, ...]:
    return tuple(result.rule.id for result in session.report("").of("failed"))
