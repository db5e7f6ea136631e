"""Particular requests, which rules of kind `exchange` need: schemathesis cases with given values."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from schemathesis import Case, Response
from schemathesis.core import NOT_SET

from sleeptalk_contract.contract.keys import KEY_HEADER, spoiled_keys
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


def with_spoiled_keys(probe: Probe, key: str) -> Iterator[Probe]:
    """Give `probe` once for each spoiled key."""
    for kind, value in spoiled_keys(key):
        headers = without(probe.headers, KEY_HEADER)
        if value is not None:
            headers[KEY_HEADER] = value
        yield Probe(f"{kind}-api-key", probe.identifier, probe.method, headers, probe.body)


def singles(probes: Iterator[Probe]) -> Iterator[Step]:
    """Make a step of each probe."""
    return ((probe,) for probe in probes)


def together(*parts: Iterator[Step]) -> Iterator[Step]:
    """Put the steps of several parts one after another."""
    return itertools.chain.from_iterable(parts)
