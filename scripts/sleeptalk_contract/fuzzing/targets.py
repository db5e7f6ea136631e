"""What is fuzzed when no address is given: the sandbox's services, and the bundled receiver."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from sleeptalk_contract.sandbox.asleep import asleep_app
from sleeptalk_contract.sandbox.credentials import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.sandbox.phonexia import phonexia_app
from sleeptalk_contract.sandbox.scenarios import EXPIRED_TASK_ID, RATE_LIMITED_TASK_ID, known_ids
from sleeptalk_contract.sandbox.server import running


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running service of the sandbox, and what it knows. `tried_ids` are answered with a documented refusal."""

    url: str
    api_key: str = field(repr=False)
    user_id: str
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()


@contextmanager
def embedded(target: str, api_key: str | None) -> Iterator[Embedded]:
    """Serve the sandbox's side of a target on a free port of this machine for as long as the block lasts.

    It expects `api_key`; None stands for the sandbox's own key.
    """
    key = api_key or SANDBOX_API_KEY
    logging.getLogger("sleeptalk").addHandler(logging.NullHandler())  # its refusals are what the run is about
    with running(_app(target, key)) as server:
        if target == "asleep":
            yield Embedded(server.url, key, SANDBOX_USER_ID, known_ids("asleep"))
        elif target == "phonexia":
            tried = (RATE_LIMITED_TASK_ID, EXPIRED_TASK_ID)
            yield Embedded(server.url, key, SANDBOX_USER_ID, known_ids("phonexia"), tried)
        else:
            yield Embedded(server.url, key, SANDBOX_USER_ID)


def _app(target: str, api_key: str) -> ASGIApp:
    if target == "asleep":
        return asleep_app(api_key)
    if target == "phonexia":
        return phonexia_app()
    from sleeptalk_contract.sandbox.receiver import receiver_app  # noqa: PLC0415  # only this target needs the clients

    return receiver_app(api_key)
