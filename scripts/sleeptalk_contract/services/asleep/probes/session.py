"""The particular requests that the session rules need."""

from collections.abc import Iterator, Mapping
from typing import Final

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.contract.exchange import Knowledge
from sleeptalk_contract.fuzzing.probe import (
    OTHER_METHOD,
    Probe,
    Step,
    another_user,
    other_methods,
    safe_methods,
    singles,
    together,
    with_key_in_query,
    with_spoiled_keys,
    without,
)
from sleeptalk_contract.services.asleep.rules.session_credentials import ANOTHER_USER
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE

UNKNOWN_IDS: Final = ("19990101000000_zzzzz", "20010203040506_a0b1c", "20380119031407_00000")
MALFORMED_IDS: Final = (
    "0",
    "abc",
    "20220821093117",
    "20220821093117_",
    "_hz82a",
    "20220821093117_hz82",
    "20220821093117_hz82aa",
    "2022082109311_hz82a",
    "202208210931170_hz82a",
    "20220821093117-hz82a",
    "20220821093117_HZ82A",
    "20220821093117_hz-2a",
    "2022082109311x_hz82a",
    "a20220821093117_hz82a",
    "x" * 100,
)
HOSTILE_IDS: Final = (
    "a" * 300,
    "0" * 5000,
    "세션",
    "٢٠٢٢٠٨٢١٠٩٣١١٧_hz82a",
    "' OR '1'='1",
    "20220821093117_hz82a\n",
    "20220821093117_hz82\N{LATIN SMALL LETTER E WITH ACUTE}",
    " 20220821093117_hz82a ",
    "20220821093117:hz82a",
    "\"<hz82a>&amp'",
    "\0",
    "20220821093117_hz82a\0",
    "\udcff",
    "20220821093117_hz82\udcff",
    "100%",
    "%s%n{0}",
)
"""Ids that may trip a server: the exact answer is left to it, but it may be neither a success nor a 5xx.

One with half of a surrogate pair is sent as a byte that is not UTF-8.
"""

UNKNOWN_TIMEZONES: Final = (
    "Mars/Phobos",
    "Asia/Nowhere",
    "Europe/Seoul",
    "Not-A-Timezone",
    "Asia/Seoul/Gangnam",
    "../../etc/passwd",
    "/etc/localtime",
    "Z" * 300,
)
FOLDER_OF_TIMEZONES: Final = "Asia"
"""A folder in most copies of the time zone database: opening it as a file fails in a way of its own."""

PAGE: Final = {"accept": "text/html"}
"""Asks for what the contract does not have: a refusal or a page may be the answer, but not a server error."""

_FULL_TIMEZONES_UP_TO: Final = 30
"""With more known ids than this, each is requested in a few time zones only: the answers hardly differ by then."""

_KEY_PROBES_ON: Final = 3
"""The number of known ids that are requested with wrong keys."""


def session_probes(knowledge: Knowledge, known_ids: tuple[str, ...]) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent. Known ids come first: they show most."""
    headers = dict(knowledge.credentials)
    return together(
        _nights(known_ids, headers),
        singles(_refusals(known_ids[:_KEY_PROBES_ON] or UNKNOWN_IDS[:1], headers)),
        _key_in_query(known_ids[:1], headers),
        singles(_refused_timezones(known_ids[_KEY_PROBES_ON:], headers)),
        singles(_unknown(known_ids, headers)),
    )


def _nights(known_ids: tuple[str, ...], headers: dict[str, str]) -> Iterator[Step]:
    """Each night without a time zone, again, and in each zone: once in a step, so that a second answer is looked at."""
    timezones = EVERYWHERE if len(known_ids) <= _FULL_TIMEZONES_UP_TO else EVERYWHERE[:3]
    for identifier in known_ids:
        plain = _probe("known-id", identifier, headers)
        zoned = [_probe("known-id", identifier, {**headers, "timezone": timezone}) for timezone in timezones]
        yield (plain, plain, *zoned)


def _refusals(identifiers: tuple[str, ...], headers: dict[str, str]) -> Iterator[Probe]:
    for identifier in identifiers:
        if "x-api-key" in headers:
            yield from with_spoiled_keys(_probe("", identifier, headers), "x-api-key", headers["x-api-key"])
        yield _probe("missing-user-id", identifier, without(headers, "x-user-id"))
        for timezone in (*UNKNOWN_TIMEZONES, FOLDER_OF_TIMEZONES):
            yield _probe("unknown-timezone", identifier, {**headers, "timezone": timezone})
        yield _probe("asks-for-a-page", identifier, {**headers, **PAGE})
        if "x-user-id" in headers:
            yield _probe(ANOTHER_USER, identifier, {**headers, "x-user-id": another_user(headers["x-user-id"])})
        yield from safe_methods(_probe("", identifier, headers))


def _key_in_query(known_ids: tuple[str, ...], headers: dict[str, str]) -> Iterator[Step]:
    """Yield one request, as servers log queries, after one without a key: a server that answers that needs no key."""
    for identifier in known_ids if "x-api-key" in headers else ():
        plain = _probe("missing-api-key", identifier, without(headers, "x-api-key"))
        yield (plain, with_key_in_query(plain, "x-api-key", headers["x-api-key"]))


def _refused_timezones(identifiers: tuple[str, ...], headers: dict[str, str]) -> Iterator[Probe]:
    """Ask of every night: an implementation may look at the time zone only where it has times to convert."""
    for identifier in identifiers:
        yield _probe("unknown-timezone", identifier, {**headers, "timezone": UNKNOWN_TIMEZONES[0]})


def _unknown(known_ids: tuple[str, ...], headers: dict[str, str]) -> Iterator[Probe]:
    for identifier in UNKNOWN_IDS:
        if identifier not in known_ids:
            yield _probe("unknown-id", identifier, headers)
            yield _probe("unknown-id", identifier, {**headers, "timezone": "Asia/Seoul"})
    if "x-api-key" in headers:
        yield from with_spoiled_keys(_probe("", UNKNOWN_IDS[0], headers), "x-api-key", headers["x-api-key"])
    for identifier in (*MALFORMED_IDS, *_misspelt(known_ids[:1]), *HOSTILE_IDS):
        yield _probe("malformed-id", identifier, headers)
    for identifier in (UNKNOWN_IDS[0], UNKNOWN_IDS[0].upper(), "not-a-session-id"):
        for method in other_methods(document("asleep").operation("getSession")):
            yield _probe(OTHER_METHOD, identifier, headers, method=method)
        yield from safe_methods(_probe("", identifier, headers))
        yield from safe_methods(_probe("", identifier, {}))  # as a browser asks before it sends a key


def _misspelt(known_ids: tuple[str, ...]) -> Iterator[str]:
    """Ids that a careless server takes for a known one."""
    for identifier in known_ids:
        yield identifier[:-1]
        yield identifier + "x"
        yield identifier + "\n"
        yield identifier + " "
        if identifier.upper() != identifier:
            yield identifier.upper()


def _probe(intent: str, session_id: str, headers: Mapping[str, str], *, method: str | None = None) -> Probe:
    return Probe(intent, "getSession", {"session_id": session_id}, method, headers=headers)
