"""What is fuzzed when no address is given: the sandbox's services, and the bundled receiver."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.sandbox.scenarios import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.application import asleep_app
from sleeptalk_contract.services.asleep.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.phonexia.sandbox.application import phonexia_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

    from sleeptalk_contract.sandbox.faults import Fault

_UNHEARD: Final = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running service of the sandbox, and what it knows; key and user are None where it asks for none.

    `tried_ids` are answered with a documented refusal.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)
    user_id: str | None = None
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()


@contextmanager
def embedded(target: str, api_key: str | None = None, fault: Fault | None = None) -> Iterator[Embedded]:
    """Serve the sandbox's side of a target on a free port of this machine for as long as the block lasts.

    It expects `api_key`; None stands for the sandbox's own key. It has `fault`, or none.
    """
    key = api_key or SANDBOX_API_KEY
    logging.getLogger("sleeptalk").addHandler(_UNHEARD)  # its refusals are what the run is about
    with running(_app(target, key, fault)) as server:
        if target == "asleep":
            yield Embedded(server.url, key, SANDBOX_USER_ID, known_ids("asleep"))
        elif target == "phonexia":
            tried = (RATE_LIMITED_TASK_ID, EXPIRED_TASK_ID)
            yield Embedded(server.url, known_ids=known_ids("phonexia"), tried_ids=tried)
        else:
            yield Embedded(server.url, key, SANDBOX_USER_ID)


def _app(target: str, api_key: str, fault: Fault | None) -> ASGIApp:
    faults = () if fault is None else (fault,)
    if target == "asleep":
        return asleep_app(api_key, faults=faults)
    if target == "phonexia":
        return phonexia_app(faults)
    # only this target needs the clients
    from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app  # noqa: PLC0415

    return receiver_app(api_key, faults)
