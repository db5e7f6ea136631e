"""The clients of data v3 against the sandbox: nights, lists, averages, users and deletes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from sleeptalk.asleep_v3 import (
    Asleep,
    AsyncAsleep,
    AverageStats,
    Gender,
    NewUser,
    UserMetadata,
    clock_difference,
    mean_clock_time,
    parse,
)
from sleeptalk.errors import (
    ConfigurationError,
    ContractViolation,
    InvalidSessionId,
    RequestRefused,
    SessionNotFound,
    UserNotFound,
)
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS
from tests.clients.bodies import example, examples
from tests.clients.calling import SESSION
from tests.clients.hostile import answer, hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def url() -> Iterator[str]:
    with running(application([AsleepV3Provider()])) as server:
        yield server.url


@pytest.fixture
def asleep(url: str) -> Iterator[Asleep]:
    with Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as client:
        yield client


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_night_is_read_and_kept_as_it_came(asleep: Asleep, name: str) -> None:
    night = asleep.get_session(SCENARIOS[name].session_id, timezone="Asia/Seoul")
    assert parse(night.to_json()) == night
    assert tuple(map(str, night.peculiarities)) == SCENARIOS[name].peculiarities
    assert len(night.sentences) == len(night.peculiarities)
    assert (night.stat is not None) == SCENARIOS[name].has_statistics


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("four-stages", True),
        ("never-slept", True),
        ("without-breathing", True),
        ("too-short", False),
        ("too-long", False),
        ("invalid", False),
        ("closed", False),
        ("open-without-real-time", False),
    ],
)
def test_a_night_is_valid_where_its_analysis_can_be_used(asleep: Asleep, name: str, is_valid: bool) -> None:
    assert asleep.get_session(SCENARIOS[name].session_id).is_valid is is_valid


def test_a_session_is_waited_for_until_it_is_complete(asleep: Asleep) -> None:
    states: list[str] = []
    night = asleep.wait_for_session(
        FINISHING.session_id, poll=0.01, on_progress=lambda seen: states.append(str(seen.session.state))
    )
    assert states == ["OPEN", "CLOSED", "COMPLETE"]
    assert night.is_valid


def test_refusals_have_the_errors_that_they_have_in_data_v2(asleep: Asleep) -> None:
    with pytest.raises(SessionNotFound):
        asleep.get_session("20010203040506_a0b1c")
    with pytest.raises(InvalidSessionId):
        asleep.get_session("20010203040506")


def test_many_nights_are_read_at_once_and_an_error_stops_none(asleep: Asleep) -> None:
    ids = [SCENARIOS[name].session_id for name in ("four-stages", "two-stages")]
    outcomes = {each.session_id: each for each in asleep.get_sessions([*ids, "20010203040506_a0b1c"], concurrency=3)}
    assert {each for each in outcomes if outcomes[each].night is not None} == set(ids)
    assert outcomes[ids[0]].unwrap() == asleep.get_session(ids[0])
    with pytest.raises(SessionNotFound):
        outcomes["20010203040506_a0b1c"].unwrap()


def test_a_list_has_each_session_in_order_and_its_days_are_those_of_the_time_zone(asleep: Asleep) -> None:
    sessions = list(asleep.list_sessions(order="ASC", page_size=4))
    starts = [session.session_start_time for session in sessions]
    assert starts == sorted(starts)
    assert len({session.session_id for session in sessions}) == len(sessions) > 10
    assert list(asleep.list_sessions()) == sessions[::-1]
    day = sessions[3].session_start_time.astimezone(ZoneInfo("Asia/Seoul")).date()
    of_the_day = list(asleep.list_sessions(date_from=day, date_to=day, timezone="Asia/Seoul"))
    assert sessions[3].session_id in {session.session_id for session in of_the_day}
    assert {session.session_start_time.date() for session in of_the_day} == {day}


def test_averages_have_times_of_day_and_their_sessions_have_datetimes(asleep: Asleep) -> None:
    period: Any = {"date_from": date(2024, 3, 1), "date_to": date(2024, 4, 1)}
    averages = asleep.average_stats(**period)
    assert averages == asleep.average_stats(SANDBOX_USER_ID, **period)
    assert averages.average_stats is not None
    assert averages.period.start_date == date(2024, 3, 1)
    mean = mean_clock_time(session.start_time for session in averages.slept_sessions)
    assert mean is not None
    assert abs(clock_difference(averages.average_stats.start_time, mean)) <= timedelta(minutes=1)
    assert AverageStats.from_json(averages.average_stats.to_json()) == averages.average_stats
    assert averages.average_stats.to_dict()["sleep_time"] == f"{averages.average_stats.sleep_time:%H:%M:%S}"
    with pytest.raises(UserNotFound):
        asleep.average_stats("G-20240301090000-aBcDeFgHiJkLmNoPqRsT", **period)
    with pytest.raises(RequestRefused):
        asleep.average_stats(date_from=date(2024, 1, 1), date_to=date(2024, 12, 31))


@pytest.mark.parametrize("period", [(None, date(2024, 3, 1)), ("2024-03-01", date(2024, 3, 2)), (date.max, date.min)])
def test_a_period_that_is_not_one_is_not_asked_for(asleep: Asleep, period: Any) -> None:
    with pytest.raises(ConfigurationError, match="date_from"):
        asleep.average_stats(date_from=period[0], date_to=period[1])


def test_the_user_who_is_named_is_read_and_deleted_and_not_the_clients_own(asleep: Asleep) -> None:
    known = UserMetadata(birth_year=1987, gender=Gender.FEMALE, height=170.5)
    made = asleep.create_user(NewUser(metadata=known)).user_id
    assert asleep.get_user(made).metadata == known
    asleep.delete_user(made)
    with pytest.raises(UserNotFound):
        asleep.get_user(made)
    assert asleep.get_user(SANDBOX_USER_ID).last_session_info is not None


def test_an_answer_about_another_user_is_refused() -> None:
    body = example("UserNew", "asleep-v3")
    with hostile(answer(body)) as server, Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url) as asleep:
        with pytest.raises(ContractViolation, match="not about the user 'somebody-else'") as caught:
            asleep.get_user("somebody-else")
        assert caught.value.path == "$.result.user_id"


def test_a_session_that_was_deleted_is_not_found(asleep: Asleep) -> None:
    session_id = SCENARIOS["four-stages"].session_id
    asleep.delete_session(session_id)
    with pytest.raises(SessionNotFound):
        asleep.get_session(session_id)
    asleep.delete_sessions(SANDBOX_USER_ID)
    assert list(asleep.list_sessions()) == []


def test_the_async_client_reads_the_same(url: str) -> None:
    async def read() -> None:
        async with AsyncAsleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as asleep:
            sessions = [session.session_id async for session in asleep.list_sessions(page_size=5)]
            assert len(sessions) == len(set(sessions)) > 10
            night = await asleep.wait_for_session(FINISHING.session_id, poll=0.01)
            assert night.is_valid
            averages = await asleep.average_stats(date_from=date(2024, 3, 1), date_to=date(2024, 4, 1))
            assert averages.slept_sessions
            made = (await asleep.create_user()).user_id
            assert (await asleep.get_user(made)).user_id == made
            async for outcome in asleep.get_sessions(sessions[:2]):
                assert outcome.night is not None

    asyncio.run(read())


PRINTED: dict[str, Callable[[Asleep], list[Any]]] = {
    "SessionPrintedSample": lambda asleep: [asleep.get_session(SESSION)],
    "SessionListPrintedSample": lambda asleep: list(asleep.list_sessions()),
    "AverageStatsPrintedSample": lambda asleep: [
        asleep.average_stats(date_from=date(2025, 1, 1), date_to=date(2025, 1, 5))
    ],
    "UserCreatedPrintedSample": lambda asleep: [asleep.create_user()],
    "UserPrintedSample": lambda asleep: [
        asleep.get_user(example("UserPrintedSample", "asleep-v3")["result"]["user_id"])
    ],
}


@pytest.mark.parametrize("name", PRINTED)
def test_every_answer_that_the_vendor_prints_is_read(name: str) -> None:
    status = 201 if name.startswith("UserCreated") else 200
    with hostile(answer(example(name, "asleep-v3"), status)) as server:
        assert PRINTED[name](Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url))


def test_no_printed_answer_is_forgotten() -> None:
    found = set(examples("", "asleep-v3"))
    assert {name for name in found if "Printed" in name} == {*PRINTED, "NewUserPrintedSample"} | {
        "CallbackV3PrintedWindow",
        "CallbackV3PrintedComplete",
    }
    body = example("NewUserPrintedSample", "asleep-v3")
    assert NewUser.from_dict(body).to_dict() == body
