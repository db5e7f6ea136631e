"""The list of sessions, page by page, from a service whose list changes between the pages."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sleeptalk.asleep_v3 import Asleep, AsyncAsleep, ListedSession, Order
from sleeptalk.asleep_v3.listing import SessionPages
from sleeptalk.errors import ConfigurationError, ContractViolation, ServerError
from sleeptalk_contract.sandbox.server import running
from sleeptalk_generated.asleep_v3.models import SessionListResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

START = datetime(2024, 3, 1, tzinfo=UTC)
KEY, USER = "the-key", "G-20240301090000-aBcDeFgHiJkLmNoPqRsT"


def row(number: int) -> dict[str, Any]:
    start = START + timedelta(hours=number)
    return {
        "session_id": f"{start:%Y%m%d%H%M%S}_a{number:04d}",
        "state": "COMPLETE",
        "session_start_time": start.isoformat(),
        "session_end_time": (start + timedelta(minutes=30)).isoformat(),
        "created_timezone": "UTC",
    }


def body(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"detail": "OK", "result": {"timezone": "UTC", "sleep_session_list": rows}}


class Listed:
    """A list of sessions by number, of which `before` may change something before a page is read."""

    def __init__(
        self, numbers: set[int], *, most: int = 100, before: Callable[[Listed, int], None] | None = None
    ) -> None:
        self.numbers = numbers
        self.most = most
        self.before = before
        self.queries: list[dict[str, str]] = []

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        self.queries.append(query)
        if self.before is not None:
            self.before(self, len(self.queries))
        found = sorted(self.numbers, reverse=query.get("order_by", "DESC") == "DESC")
        offset, limit = int(query["offset"]), min(int(query["limit"]), self.most)
        return body([row(number) for number in found[offset : offset + limit]])


@contextmanager
def serving(listed: Listed) -> Iterator[str]:
    def answer(request: Request) -> Response:
        if len(listed.queries) > 500:
            return Response(status_code=418)
        return JSONResponse(listed.page(dict(request.query_params)))

    with running(Starlette(routes=[Route("/data/v1/sessions", answer)])) as server:
        yield server.url


def read(listed: Listed, *, take: int | None = None, **arguments: Any) -> list[ListedSession]:
    with serving(listed) as url, Asleep(KEY, USER, base_url=url) as asleep:
        found = asleep.list_sessions(**arguments)
        return [session for session, _ in zip(found, range(take), strict=False)] if take else list(found)


def ids(numbers: Any) -> list[str]:
    return [row(number)["session_id"] for number in numbers]


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 99, 100, 101, 250])
def test_a_list_is_read_to_its_end(count: int) -> None:
    listed = Listed(set(range(count)))
    assert [session.session_id for session in read(listed)] == ids(reversed(range(count)))
    assert len(listed.queries) <= count // 99 + 2


def test_a_service_that_gives_shorter_pages_than_it_is_asked_for_is_read_to_its_end() -> None:
    listed = Listed(set(range(95)), most=20)
    assert [session.session_id for session in read(listed)] == ids(reversed(range(95)))


def test_only_as_many_pages_are_read_as_sessions_are_taken() -> None:
    listed = Listed(set(range(300)))
    assert len(read(listed, take=50)) == 50
    assert len(listed.queries) == 1


def test_the_arguments_are_sent_as_the_document_names_them() -> None:
    listed = Listed(set(range(3)))
    found = read(listed, date_from=date(2024, 3, 1), date_to=date(2024, 3, 2), order="ASC", page_size=20)
    assert [session.session_id for session in found] == ids(range(3))
    assert listed.queries == [
        {"date_gte": "2024-03-01", "date_lte": "2024-03-02", "order_by": "ASC", "offset": "0", "limit": "20"}
    ]
    assert found[0].session_start_time == START


def test_sessions_that_a_deletion_moves_to_a_page_that_was_read_are_not_lost() -> None:
    def delete(listed: Listed, page: int) -> None:
        if page == 2:
            listed.numbers -= set(range(215, 240))  # the last of the first page is among them

    found = [session.session_id for session in read(Listed(set(range(300)), before=delete))]
    assert found[:100] == ids(reversed(range(200, 300)))
    assert found[100:] == ids(reversed(range(200)))


def test_sessions_that_a_new_one_moves_to_the_next_page_do_not_come_twice() -> None:
    def add(listed: Listed, page: int) -> None:
        listed.numbers |= {1000 + page}

    found = [session.session_id for session in read(Listed(set(range(300)), before=add))]
    assert found[1:] == ids(reversed(range(300)))
    assert len(found) == len(set(found))


def test_a_program_may_delete_each_session_as_it_comes() -> None:
    listed = Listed(set(range(250)))
    seen = []
    with serving(listed) as url, Asleep(KEY, USER, base_url=url) as asleep:
        for session in asleep.list_sessions():
            seen.append(session.session_id)
            listed.numbers.remove(max(listed.numbers))
    assert seen == ids(reversed(range(250)))
    assert listed.numbers == set()


def test_an_async_client_reads_the_same() -> None:
    def change(listed: Listed, page: int) -> None:
        listed.numbers -= {300 - page, 299 - 100 * page}
        listed.numbers |= {1000 + page}

    async def run(url: str) -> list[str]:
        async with AsyncAsleep(KEY, USER, base_url=url) as asleep:
            return [session.session_id async for session in asleep.list_sessions(page_size=50)]

    with serving(Listed(set(range(300)), before=change)) as url:
        found = asyncio.run(run(url))
    assert len(found) == len(set(found))
    assert set(ids(range(150))) - set(found) <= set(ids({99, 199}))


class Pages:
    """Two answers for the list that cannot come from one list."""

    def __init__(self, *answers: list[int]) -> None:
        self.answers = answers
        self.count = 0

    def of(self, offset: int) -> list[dict[str, Any]]:
        self.count += 1
        numbers = self.answers[min(offset, len(self.answers) - 1)]
        return [row(number) for number in numbers]


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([[*range(100)]], id="the offset is not looked at"),
        pytest.param([[*range(100)], []], id="the offset counts pages"),
        pytest.param([[*range(100)], [*range(500, 600)]], id="no page follows from another"),
    ],
)
def test_pages_that_do_not_follow_from_each_other_end_with_an_error(answers: list[list[int]]) -> None:
    pages = Pages(*answers)
    reading = SessionPages(None, None, Order.ASC, None, 100)

    def read_all() -> None:
        while not reading.finished and pages.count < 100:
            answer = SessionListResponse.from_dict(body(pages.of(int(str(reading.call.arguments["offset"])))))
            list(reading.new_of(answer))

    with pytest.raises(ContractViolation, match="goes round in circles"):
        read_all()
    assert pages.count < 30


changes = st.lists(
    st.tuples(st.sets(st.integers(0, 60), max_size=25), st.sets(st.integers(-40, 100), max_size=25)), max_size=12
)


def test_a_service_that_gives_its_whole_list_on_each_page_is_not_asked_for_it_hundreds_of_times() -> None:
    pages, whole = SessionPages(None, None, Order.ASC, None, 100), body([row(number) for number in range(3000)])
    seen, asked = [], 0

    def read_all() -> None:
        nonlocal asked
        while not pages.finished:
            asked += 1
            seen.extend(pages.new_of(SessionListResponse.from_dict(whole)))

    with pytest.raises(ContractViolation, match="goes round in circles"):
        read_all()
    assert len(seen) == 3000
    assert asked < 12


@given(st.sets(st.integers(0, 60)), changes, st.integers(2, 30), st.sampled_from(Order), st.sampled_from([20, 100]))
def test_no_session_comes_twice_and_none_that_stays_is_lost(
    numbers: set[int], changes: list[tuple[set[int], set[int]]], size: int, order: Order, most: int
) -> None:
    remaining = list(changes)

    def change(listed: Listed, page: int) -> None:
        if page > 1 and remaining:
            deleted, added = remaining.pop()
            listed.numbers = (listed.numbers - deleted) | (added - deleted)

    listed = Listed(set(numbers), most=most, before=change)
    reading = SessionPages(None, None, order, None, size)
    found: list[str] = []
    while not reading.finished:
        query = {name: str(value) for name, value in reading.call.arguments.items() if value is not None}
        answer = SessionListResponse.from_dict(listed.page(query))
        found += [session.session_id for session in reading.new_of(answer)]
        assert len(listed.queries) < 300
    stayed = numbers.difference(*(deleted for deleted, _ in changes[len(remaining) :]))
    assert len(found) == len(set(found))
    assert set(ids(stayed)) <= set(found)
    if not changes:
        assert found == ids(sorted(numbers, reverse=order is Order.DESC))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"date_from": "2024-03-01"}, "date_from must be a datetime.date, a day in the time zone, not a str"),
        ({"date_to": datetime(2024, 3, 1, tzinfo=UTC)}, "date_to must be a datetime.date"),
        ({"date_from": date(2024, 3, 2), "date_to": date(2024, 3, 1)}, "date_from must not be after date_to"),
        ({"order": "newest"}, 'order must be "ASC" or "DESC"'),
        ({"order": None}, 'order must be "ASC" or "DESC"'),
        ({"page_size": 1}, "page_size must be from 2 to 100"),
        ({"page_size": 101}, "page_size must be from 2 to 100"),
        ({"page_size": 0}, "page_size must be a whole number"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_before_the_first_session(arguments: Any, words: str) -> None:
    with Asleep(KEY, USER, base_url="http://127.0.0.1:9") as asleep, pytest.raises(ConfigurationError, match=words):
        asleep.list_sessions(**arguments)


def test_a_page_that_cannot_be_read_is_the_error_of_its_call() -> None:
    app = Starlette(routes=[Route("/data/v1/sessions", lambda _: Response(status_code=500))])
    with running(app) as server, Asleep(KEY, USER, base_url=server.url, retries=0) as asleep:
        sessions = asleep.list_sessions()
        with pytest.raises(ServerError):
            next(sessions)
