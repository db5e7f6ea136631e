"""The sandbox's side of a target, on a port of this machine."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.service import Fault, Target

_UNHEARD: Final = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running implementation of the sandbox, and what a run must know to send requests to it.

    `credentials` are header values by header; `known_ids` are always answered with the same success, `tried_ids` with a
    documented refusal.
    """

    url: str
    credentials: Mapping[str, str] = field(repr=False)
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()


@contextmanager
def embedded(
    target: Target, credentials: Mapping[str, str] = MappingProxyType({}), fault: Fault | None = None
) -> Iterator[Embedded]:
    """Serve the sandbox's provider or receiver of a target, on a free port, as long as the block lasts.

    It expects `credentials`, by header, and its own in place of those that are not given. It is honest, or has one
    fault. Raises UsageError for a target without an implementation in the sandbox.
    """
    if target.implementation is None:
        raise UsageError(f"The target {target.name} has no sandbox: pass its address with --url.")
    logging.getLogger("sleeptalk").addHandler(_UNHEARD)  # a receiver's refusals are what the run is about
    implementation = target.implementation(credentials)
    with running(application([implementation], () if fault is None else (fault,))) as server:
        known, tried = _ids(target, "known"), _ids(target, "refused")
        yield Embedded(server.url, implementation.credentials, known, tried)


def _ids(target: Target, kind: str) -> tuple[str, ...]:
    if target.known_ids is None:
        return ()
    name = target.known_ids.parameter
    ids = (scenario.path_parameters.get(name) for scenario in target.scenarios if scenario.kind == kind)
    return tuple(identifier for identifier in ids if identifier is not None)
