"""The particular requests that the rules of data v3 need."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.fuzzing.probe import Probe, another_user, singles, together, with_spoiled_keys, without
from sleeptalk_contract.services.asleep.probes.session import UNKNOWN_TIMEZONES, session_probes
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep_v3.rules.averages import UNKNOWN_USER
from sleeptalk_contract.services.asleep_v3.rules.sessions import NEXT_PAGE, WHOLE_LIST
from sleeptalk_contract.services.asleep_v3.sequences import listed_and_read, one_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Knowledge
    from sleeptalk_contract.fuzzing.probe import Step

_MOST: Final = "100"
_PAGE: Final = 7
_PAGES: Final = -(-100 // _PAGE)
_DAY: Final = "{:%Y-%m-%d}"


def probes(knowledge: Knowledge, known_ids: tuple[str, ...]) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent: users first; sessions are listed before they are read."""
    headers = dict(knowledge.credentials)
    starts = _starts(known_ids)
    days = tuple(sorted({start.date() for start in starts})) or (datetime.now(UTC).date(),)
    return together(
        singles(_users(headers)),
        _sequences(knowledge, headers),
        singles(_averages(headers, days)),
        _lists(headers),
        _lists_of_days(headers, starts),
        session_probes(knowledge, known_ids),
    )


def _sequences(knowledge: Knowledge, headers: Mapping[str, str]) -> Iterator[Step]:
    if "x-user-id" in headers:
        yield partial(listed_and_read, headers)
    if knowledge.allow_writes:
        yield partial(one_user, _key_of(headers))


def _key_of(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name == "x-api-key"}


def _starts(known_ids: tuple[str, ...]) -> tuple[datetime, ...]:
    """Return when known sessions start, in UTC, as their ids have it."""
    return tuple(sorted(datetime.strptime(each[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC) for each in known_ids))


def _lists(headers: Mapping[str, str]) -> Iterator[Step]:
    plain = _list(headers)
    yield (plain, plain)
    for timezone in EVERYWHERE:
        yield (replace(plain, headers={**headers, "timezone": timezone}),)
    for order in ("ASC", "DESC"):
        whole = _list(headers, order_by=order, limit=_MOST, intent=WHOLE_LIST)
        pages = [
            _list(headers, order_by=order, limit=str(_PAGE), offset=str(index * _PAGE), intent=NEXT_PAGE)
            for index in range(_PAGES)
        ]
        yield (whole, *pages, whole)
    yield from singles(_refused(plain, headers))


def _lists_of_days(headers: Mapping[str, str], starts: tuple[datetime, ...]) -> Iterator[Step]:
    """Yield lists of the first and the last day, and of a session whose day in UTC is not that of the time zone."""
    for name in ("UTC", "Asia/Seoul", "America/New_York"):
        zone, zoned = timezone_named(name), {**headers, "timezone": name}
        local = [(start.date(), start.astimezone(zone).date()) for start in starts]
        differing = [days for days in local if days[0] != days[1]]
        for day in sorted({*(each for days in (*local[:1], *differing[:1], *local[-1:]) for each in days)}):
            text = _DAY.format(day)
            yield (_list(zoned, date_gte=text), _list(zoned, date_lte=text), _list(zoned, date_gte=text, date_lte=text))


def _averages(headers: Mapping[str, str], days: tuple[date, ...]) -> Iterator[Probe]:
    if "x-user-id" not in headers:
        return
    user = headers["x-user-id"]
    for day in dict.fromkeys((days[0], days[-1], *days[:: max(1, len(days) // 8)])):
        last = day + timedelta(days=20)
        yield _average(user, headers, day, day)
        for timezone in ("UTC", "Asia/Seoul", "America/New_York"):
            yield _average(user, {**headers, "timezone": timezone}, day, last)
    yield replace(_average(user, headers, days[0], days[0] + timedelta(days=100)), intent="long-period-but-allowed")
    yield replace(_average(user, headers, days[0], days[0] + timedelta(days=150)), intent="long-period")
    plain = _average(user, headers, days[0], days[0])
    yield replace(plain, intent=UNKNOWN_USER, path_parameters={"user_id": another_user(user)})
    yield from _refused(plain, headers)


def _users(headers: Mapping[str, str]) -> Iterator[Probe]:
    if "x-user-id" not in headers:
        return
    user = headers["x-user-id"]
    key = _key_of(headers)
    plain = Probe("known-user", "getUser", {"user_id": user}, headers=key)
    yield plain
    yield replace(plain, intent=UNKNOWN_USER, path_parameters={"user_id": another_user(user)})
    if "x-api-key" in key:
        yield from with_spoiled_keys(plain, "x-api-key", key["x-api-key"])


def _refused(plain: Probe, headers: Mapping[str, str]) -> Iterator[Probe]:
    if "x-api-key" in headers:
        yield from with_spoiled_keys(plain, "x-api-key", headers["x-api-key"])
    yield replace(plain, intent="missing-user-id", headers=without(headers, "x-user-id"))
    for timezone in UNKNOWN_TIMEZONES:
        yield replace(plain, intent="unknown-timezone", headers={**headers, "timezone": timezone})


def _list(headers: Mapping[str, str], intent: str = "list", **query: str) -> Probe:
    return Probe(intent, "listSessions", query=query, headers=headers)


def _average(user: str, headers: Mapping[str, str], first: date, last: date) -> Probe:
    query = {"start_date": _DAY.format(first), "end_date": _DAY.format(last)}
    kept = {name: value for name, value in headers.items() if name != "x-user-id"}
    return Probe("averages", "getAverageStats", {"user_id": user}, query=query, headers=kept)
