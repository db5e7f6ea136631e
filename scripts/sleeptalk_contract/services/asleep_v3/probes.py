"""The particular requests that the rules of data v3 need; none of them changes anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.fuzzing.probe import Probe, another_user, singles, together, with_spoiled_keys, without
from sleeptalk_contract.services.asleep.probes.session import UNKNOWN_TIMEZONES, session_probes
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep_v3.rules.averages import UNKNOWN_USER
from sleeptalk_contract.services.asleep_v3.rules.sessions import NEXT_PAGE, WHOLE_LIST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.exchange import Knowledge
    from sleeptalk_contract.fuzzing.probe import Step

_MOST: Final = "100"
_PAGE: Final = 7
_PAGES: Final = -(-100 // _PAGE)
_DAY: Final = "{:%Y-%m-%d}"


def probes(knowledge: Knowledge, known_ids: tuple[str, ...]) -> Iterator[Step]:
    """Yield the steps in the order in which they are sent: sessions are listed before they are read."""
    headers = dict(knowledge.credentials)
    days = _days(known_ids)
    return together(
        _lists(headers, days),
        session_probes(knowledge, known_ids),
        singles(_averages(headers, days)),
        singles(_users(headers)),
    )


def _days(known_ids: tuple[str, ...]) -> tuple[date, ...]:
    """Return the days in UTC on which known sessions start, in order; today without any."""
    found = {datetime.strptime(each[:8], "%Y%m%d").replace(tzinfo=UTC).date() for each in known_ids}
    return tuple(sorted(found)) or (datetime.now(UTC).date(),)


def _lists(headers: Mapping[str, str], days: tuple[date, ...]) -> Iterator[Step]:
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
    for day in (days[0], days[len(days) // 2], days[-1]):
        text = _DAY.format(day)
        for timezone in ("UTC", "Asia/Seoul", "America/New_York"):
            zoned = {**headers, "timezone": timezone}
            yield (_list(zoned, date_gte=text), _list(zoned, date_lte=text), _list(zoned, date_gte=text, date_lte=text))
    yield from singles(_refused(plain, headers))


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
    key = {name: value for name, value in headers.items() if name == "x-api-key"}
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
