"""Particular requests, which rules of kind `exchange` need: schemathesis cases with given values."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from schemathesis import Case, Response
from schemathesis.core import NOT_SET

from sleeptalk_contract.fuzzing.document import identifier_parameter
from sleeptalk_contract.fuzzing.engine import ContractSchema


@dataclass(frozen=True, slots=True)
class Probe:
    """One particular request.

    `identifier` goes into the path, percent-encoded; None where the path has none. `headers` are all that is sent
    beside what HTTP itself needs. `body` is sent as it is.
    """

    intent: str
    identifier: str | None = None
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


Step = Sequence[Probe]
"""Probes that belong together and are sent in order by the same shard."""


class Prober:
    """Sends probes as cases of the schema's one operation."""

    def __init__(self, target: str, schema: ContractSchema) -> None:
        self._parameter = identifier_parameter(target)
        operation: Any = next(iter(schema.get_all_operations()))
        self._operation = operation.ok()

    def send(self, probe: Probe) -> tuple[Case[Any], Response]:
        """Send one probe by the schema's transport; the response is the transport's."""
        parameters = {} if self._parameter is None else {self._parameter: quote(probe.identifier or "", safe="")}
        case: Case[Any] = self._operation.Case(
            method=probe.method, path_parameters=parameters, headers=dict(probe.headers), body=NOT_SET
        )
        return case, case.call(intent=probe.intent, data=probe.body)


def without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    """Return `headers` without one."""
    return {key: value for key, value in headers.items() if key != name}


def spoiled_keys(key: str) -> Iterator[tuple[str, str | None]]:
    """Give names and values of keys that are not `key`: None stands for no header at all."""
    yield "missing-api-key", None
    yield "empty-api-key", ""
    yield "wrong-api-key", "0" * len(key) if set(key) != {"0"} else "1" * len(key)
    yield "truncated-api-key", key[:-1]
    yield "extended-api-key", key + "x"
    recased = key.swapcase()
    if recased != key:
        yield "recased-api-key", recased


def with_spoiled_keys(probe: Probe, key: str) -> Iterator[Probe]:
    """Give `probe` once for each spoiled key."""
    for intent, value in spoiled_keys(key):
        headers = without(probe.headers, "x-api-key")
        if value is not None:
            headers["x-api-key"] = value
        yield Probe(intent, probe.identifier, probe.method, headers, probe.body)


def singles(probes: Iterator[Probe]) -> Iterator[Step]:
    """Make a step of each probe."""
    return ((probe,) for probe in probes)


def together(*parts: Iterator[Step]) -> Iterator[Step]:
    """Put the steps of several parts one after another."""
    return itertools.chain.from_iterable(parts)
