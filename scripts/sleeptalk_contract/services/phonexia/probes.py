"""The particular requests that the analysis rules need."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.fuzzing.probe import OTHER_METHOD, Probe, Step, other_methods, safe_methods, singles, together
from sleeptalk_contract.services.phonexia.sequences import upload_steps

UNKNOWN_IDS: Final = (
    "00000000-0000-4000-8000-000000000000",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8f",
    "ffffffff-ffff-4fff-bfff-ffffffffffff",
)
MALFORMED_IDS: Final = (
    "0",
    "abc",
    "not-a-uuid",
    "6b1f0c7e-2d94-4b7a-9f6e",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8f0",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8g",
    "6b1f0c7e_2d94_4b7a_9f6e_5a1d3c2b4e8f",
    "20220821093117_hz82a",
)
HOSTILE_IDS: Final = (
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "a" * 300,
    "0" * 5000,
    "세션",
    "' OR '1'='1",
    "\"<a1d3>&amp'",
    "6b1f0c7e:2d94:4b7a:9f6e:5a1d3c2b4e8f",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8f\n",
    "\0",
    "\udcff",
    "6b1f0c7e-2d94-4b7a-9f6e-5a1d3c2b4e8\udcff",
    "100%",
    "%s%n{0}",
)
"""What a server may stumble over: UUIDs that are special, long ids, ids that are not ASCII, control characters.

One with half of a surrogate pair is sent as a byte that is not UTF-8.
"""

PAGE: Final = {"accept": "text/html"}
"""Asks for what the contract does not have: it may be answered with a refusal or a page, but not with a failure."""

_TRACES: Final = {"x-correlation-id": "sleeptalk-correlation", "x-request-id": "sleeptalk-request"}


def analysis_probes(knowledge: Knowledge, known_ids: tuple[str, ...]) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent; recordings are uploaded only where a run may write."""
    uploads = upload_steps() if knowledge.allow_writes else iter(())
    return together(uploads, _tasks(known_ids), singles(_unknown(known_ids)))


def _tasks(known_ids: tuple[str, ...]) -> Iterator[Step]:
    for identifier in known_ids:
        plain = _probe("known-id", identifier)
        yield (plain, plain, _probe("known-id", identifier, _TRACES))
        if identifier.upper() != identifier:
            yield (_probe("known-id-in-upper-case", identifier.upper()),)
    for identifier in known_ids[:1]:
        # what a careless reader takes for a known id
        yield (_probe("malformed-id", identifier + "x"), _probe("malformed-id", identifier[:-1]))
        yield (_probe("asks-for-a-page", identifier, PAGE),)
        yield from singles(safe_methods(_probe("", identifier)))


def _unknown(known_ids: tuple[str, ...]) -> Iterator[Probe]:
    for identifier in UNKNOWN_IDS:
        if identifier not in known_ids:
            yield _probe("unknown-id", identifier)
            yield _probe("unknown-id", identifier, _TRACES)
    for identifier in (*MALFORMED_IDS, *HOSTILE_IDS):
        yield _probe("malformed-id", identifier)
    for identifier in (UNKNOWN_IDS[0], UNKNOWN_IDS[0] + "x", "not-a-uuid"):
        for method in other_methods(document("phonexia").operation("getTimeAnalysis")):
            yield _probe(OTHER_METHOD, identifier, method=method)
        yield from safe_methods(_probe("", identifier))


def _probe(
    intent: str, task_id: str, headers: Mapping[str, str] = MappingProxyType({}), *, method: str | None = None
) -> Probe:
    return Probe(intent, "getTimeAnalysis", {"task_id": task_id}, method, headers=headers)
