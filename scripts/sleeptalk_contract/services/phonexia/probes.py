"""The particular requests that the analysis rules need."""

from collections.abc import Iterator
from typing import Final

from sleeptalk_contract.fuzzing.probe import Probe, Step, singles, together
from sleeptalk_contract.services.asleep.probes.session import OTHER_METHODS, PAGE

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
    "100%",
    "%s%n{0}",
)
"""What a server may stumble over: UUIDs that are special, long ids, ids that are not ASCII."""

_TRACES: Final = {"x-correlation-id": "sleeptalk-correlation", "x-request-id": "sleeptalk-request"}


def analysis_steps(known_ids: tuple[str, ...]) -> Iterator[Step]:
    """Give the steps in the order in which they are sent."""
    return together(_tasks(known_ids), singles(_unknown(known_ids)))


def _tasks(known_ids: tuple[str, ...]) -> Iterator[Step]:
    for identifier in known_ids:
        plain = Probe("known-id", identifier)
        yield (plain, plain, Probe("known-id", identifier, headers=_TRACES))
        if identifier.upper() != identifier:
            yield (Probe("known-id-in-upper-case", identifier.upper()),)
    for identifier in known_ids[:1]:
        # what a careless reader takes for a known id
        yield (Probe("malformed-id", identifier + "x"), Probe("malformed-id", identifier[:-1]))
        yield (Probe("asks-for-a-page", identifier, headers=PAGE),)


def _unknown(known_ids: tuple[str, ...]) -> Iterator[Probe]:
    for identifier in UNKNOWN_IDS:
        if identifier not in known_ids:
            yield Probe("unknown-id", identifier)
            yield Probe("unknown-id", identifier, headers=_TRACES)
    for identifier in (*MALFORMED_IDS, *HOSTILE_IDS):
        yield Probe("malformed-id", identifier)
    for method in OTHER_METHODS:
        # Never on a known id: an implementation may have more methods than the contract, DELETE among them.
        yield Probe("other-method", UNKNOWN_IDS[0], method)
